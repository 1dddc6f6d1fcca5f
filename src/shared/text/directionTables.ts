// In which direction one run went over its checkpoints, as sentences and rows of text: the same on every surface.
import { formatCount, formatNumber, formatShare } from './format.ts';
import { moduleTitle } from './reportTables.ts';
import { syncNote, syncRows } from './syncText.ts';
import type { Trajectory } from '../report/runsReport.ts';
import type { StepsDirection, StepsPool } from '../report/stepsDirection.ts';

type TextTable = readonly (readonly string[])[];

/** Published medians of R² (arXiv 2601.04537). */
const publishedR2 = 'published: 0.73–0.87 after reinforcement learning, 0.43 after supervised fine-tuning';

export const directionDefinitions = {
  cosines:
    'Cosine of the updates since the base, of every two steps: 1 is the same direction, 0 a right angle.',
  firstDirectionShare:
    'Share of the energy of all steps\u2019 updates in the trajectory\u2019s first direction, λ₁/Σλ of their Gram matrix; beside it that of steps of the same sizes at right angles to each other.',
  linearity: `R² of a weight\u2019s value against the step, of 0.1 % of the weights, at least 50 a tensor, drawn from a seed; weights that never moved are counted apart. Beside it the median of random walks over the same steps (${publishedR2}).`,
  sync: `What sending a checkpoint to where the one before it is takes, the first to where the base is. ${syncNote}`,
  stripes:
    'Share of the weights of each band of rows or columns that changed since the base in the bf16 view, step by step; ticks are the boundaries of attention heads in config.json.',
} as const;

/** How straight it went, beside what a random walk would give. */
export function straightSentences({ direction }: Pick<Trajectory, 'direction'>): string[] {
  const { value } = direction;
  if (value === null) return [direction.reason];
  const { firstDirectionShare, firstDirectionShareIfRandom, linearity } = value.whole;
  const said: string[] = [];
  if (firstDirectionShare !== null) {
    said.push(
      `${formatShare(firstDirectionShare)} of the trajectory lies in its first direction (steps at right angles: ${formatShare(firstDirectionShareIfRandom)}).`,
    );
  }
  if (linearity !== null && linearity.medianR2 !== null) {
    const word = straightWord(linearity.medianR2, value.medianR2IfRandom);
    said.push(
      `Sampled weights move ${word}: median R² ${formatNumber(linearity.medianR2)}, ${formatShare(linearity.shareAbove)} above 0.7 (random walk: ${formatNumber(value.medianR2IfRandom)}; ${publishedR2}).`,
    );
  }
  return said;
}

/** Above this median R² weights are said to move along lines, if a random walk over the same steps does not. */
const straight = 0.7;

function straightWord(median: number, walk: number | null): string {
  if (walk !== null && median <= walk) return 'no straighter than a random walk';
  return median > straight ? 'along lines' : 'straighter than a random walk, not along lines';
}

/** Cosines of every two steps; the last rows are how long each update is. */
export function stepCosineTable({ steps, whole }: StepsDirection): TextTable {
  const names = steps.map(({ step, label }) => step?.toString() ?? label);
  const rows = names.map((name, s) => [name, ...names.map((_, t) => cosineCell(whole, s, t, names.length))]);
  return [['cosine', ...names], ...rows, ['‖Δ‖', ...whole.norms.map(formatNumber)]];
}

function cosineCell({ cosines }: StepsPool, s: number, t: number, steps: number): string {
  if (t <= s) return t === s ? '1' : '';
  return formatNumber(cosines[s * steps - (s * (s + 1)) / 2 + t - s - 1] ?? null);
}

/** Bytes from checkpoint to checkpoint in every format, each beside its share of a dense transfer. */
export function stepSyncTable({ steps, whole }: StepsDirection): TextTable {
  const names = ['base', ...steps.map(({ step, label }) => step?.toString() ?? label)];
  const formats = syncRows(noCost).map(({ title }) => title);
  const rows = whole.sync.map((cost, step) => {
    const name = `${names[step] ?? ''} → ${names[step + 1] ?? ''}`;
    if (cost === null) return [name, ...['', ...formats].map(() => formatNumber(null))];
    const cells = syncRows(cost).map(({ bytes, share }, format) =>
      format === 0 ? bytes : `${bytes} (${share})`,
    );
    return [name, formatCount(cost.changed), ...cells];
  });
  return [['to send', 'weights', ...formats], ...rows];
}

const noCost = { dense: 0, changed: 0, indices: 0, gaps: 0, varints: 0, bitmap: 0 };

/** How straight each module kind went. */
export function straightTable(direction: StepsDirection): TextTable {
  const head = [
    'By module',
    'first direction',
    'at right angles',
    'median R²',
    'above 0.7',
    'sampled',
    'never moved',
  ];
  const row = (name: string, pool: StepsPool): string[] => [
    name,
    formatShare(pool.firstDirectionShare),
    formatShare(pool.firstDirectionShareIfRandom),
    formatNumber(pool.linearity?.medianR2 ?? null),
    formatShare(pool.linearity?.shareAbove ?? null),
    formatCount(pool.linearity?.sampled ?? null),
    formatCount(pool.linearity?.neverMoved ?? null),
  ];
  return [
    head,
    row('whole model', direction.whole),
    ...direction.modules.map((pool) => row(moduleTitle(pool), pool)),
  ];
}
