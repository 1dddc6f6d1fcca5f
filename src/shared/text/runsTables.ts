// The tables of a runs report as rows of text, the first row the head: the same in the terminal, Markdown and CSV.
import { csvText } from './csvText.ts';
import { formatCount, formatNumber, formatShare } from './format.ts';
import { formatMetric, metricCatalogue } from './metrics.ts';
import { overlapCatalogue } from './overlapMetrics.ts';
import { publishedOverlap } from './publishedTables.ts';
import { regimeCatalogue } from './regimeText.ts';
import { moduleTitle } from './reportTables.ts';
import { similarityCells } from './updateDirectionTables.ts';
import type {
  OverlapPool,
  PairOverlap,
  RunsOverlap,
  RunsReport,
  RunsTensor,
  Trajectory,
  TrajectoryPoint,
} from '../report/runsReport.ts';

export type TextTable = readonly (readonly string[])[];

/** One row per pair of runs, over the whole model. */
export function pairTable({ runs, overlap }: RunsReport): TextTable {
  const labelOf = (run: number): string => runs[run]?.label ?? String(run);
  const rows = (overlap.value?.whole.pairs ?? []).map((pair) => [
    `${labelOf(pair.a)} ∩ ${labelOf(pair.b)}`,
    formatCount(pair.intersection),
    formatCount(pair.union),
    ...overlapCells(pair),
  ]);
  return [['', 'both', 'either', ...overlapHead], ...rows];
}

const overlapHead = (['jaccard', 'expected', 'expectedByTensor', 'cosine', 'cosineSpread'] as const).map(
  (metric) => overlapCatalogue[metric].short,
);

function overlapCells(pair: PairOverlap): string[] {
  const { jaccard, expected, expectedByTensor, cosine, cosineSpread } = pair;
  return [jaccard, expected, expectedByTensor, cosine, cosineSpread].map(formatNumber);
}

/**
 * Per layer and per module kind, the pair with the smallest overlap, and how many weights all runs changed. The published
 * overlap is that of one block: it stands with the layers.
 */
export function poolTables(overlap: RunsOverlap): { layers: TextTable; modules: TextTable } {
  const ifRandom = overlapCatalogue.expected.short;
  const head = ['tensors', 'weights', 'least overlap', ifRandom, 'all runs', overlapCatalogue.noRun.short];
  const layers = overlap.layers.map((pool) => [pool.label, ...poolCells(pool)]);
  const modules = overlap.modules.map((pool) => [moduleTitle(pool), ...poolCells(pool)]);
  const { measured, random } = publishedOverlap;
  const published = ['published, one block of five runs', '', '', measured, random, '', ''];
  return {
    layers: [['By layer', ...head], ...layers, published],
    modules: [['By module', ...head], ...modules],
  };
}

function poolCells({ tensors, compared, pairs, byRuns }: OverlapPool): string[] {
  const least = leastOverlap(pairs);
  const share = (count: number | undefined): string =>
    formatShare(compared === 0 || count === undefined ? null : count / compared);
  return [
    tensors.toString(),
    formatCount(compared),
    formatNumber(least?.jaccard ?? null),
    formatNumber(least?.expected ?? null),
    share(byRuns[byRuns.length - 1]),
    share(byRuns[0]),
  ];
}

function leastOverlap(pairs: readonly PairOverlap[]): PairOverlap | null {
  const known = pairs.filter(({ jaccard }) => jaccard !== null);
  const [first, ...rest] = known;
  if (first === undefined) return null;
  return rest.reduce((least, pair) => ((pair.jaccard ?? 0) < (least.jaccard ?? 0) ? pair : least), first);
}

/** Whether the region is the model's, in a sentence. */
export function overlapSentence({ overlap, runs }: RunsReport): string {
  if (overlap.value === null) return overlap.reason;
  const least = leastOverlap(overlap.value.whole.pairs);
  if (least === null) return 'No two runs changed anything in the bf16 view.';
  const who = runs.length === 2 ? 'The two runs' : `Of ${runs.length} runs, even the two that differ most`;
  return `${who} overlap by ${formatNumber(least.jaccard)}, where masks of their sizes thrown at random would by ${formatNumber(least.expected)}.`;
}

/** A cosine within so many standard deviations of that of random signs is no direction in common. */
const spreads = 4;

/** Whether the two runs that differ most in direction share one: beside what random signs would give. */
export function directionSentence({ overlap, runs }: RunsReport, pool = overlap.value?.whole): string {
  const known = (pool?.pairs ?? []).filter(({ cosine }) => cosine !== null);
  const [first, ...rest] = known;
  if (first === undefined) return 'No two runs have an update to compare the direction of.';
  const least = rest.reduce((low, pair) => ((pair.cosine ?? 0) < (low.cosine ?? 0) ? pair : low), first);
  const { cosine, cosineSpread } = least;
  const who = runs.length === 2 ? 'Their updates have' : 'The two updates least alike have';
  return `${who} a cosine of ${formatNumber(cosine)} (random signs: 0 ± ${formatNumber(cosineSpread)}): ${directionWord(least)}.`;
}

/** The cosine of every two runs over a pool, what it says, and what their leading directions have in common. */
export function directionTable(
  { runs }: Pick<RunsReport, 'runs'>,
  { pairs }: Pick<OverlapPool, 'pairs'>,
  tensors: readonly RunsTensor[],
): TextTable {
  const { cosine, cosineSpread } = overlapCatalogue;
  const rows = pairs.map((pair) => [
    `${runs[pair.a]?.label ?? String(pair.a)} · ${runs[pair.b]?.label ?? String(pair.b)}`,
    formatNumber(pair.cosine),
    formatNumber(pair.cosineSpread),
    ...similarityCells(tensors, pair.a, pair.b),
    directionWord(pair),
  ]);
  return [
    ['two runs', cosine.short, cosineSpread.short, 'Sim₁₆', 'by chance', 'random signs', 'direction'],
    ...rows,
  ];
}

/** What a cosine says, and no more. */
function directionWord({ cosine, cosineSpread }: Pick<PairOverlap, 'cosine' | 'cosineSpread'>): string {
  if (cosine === null || cosineSpread === null) return 'not known';
  if (Math.abs(cosine) <= spreads * cosineSpread) return 'as random, no direction in common';
  return cosine > 0 ? 'a direction in common' : 'opposite directions';
}

export function trajectoryTable({ points }: Pick<Trajectory, 'points'>): TextTable {
  return [trajectoryHead(), ...points.map(trajectoryCells)];
}

export function trajectoryHead(): string[] {
  const { sparsityBf16, relativeDrift, spectralDriftTopK, rotationMeanDeg, kl } = metricCatalogue;
  const numbers = [
    ...[sparsityBf16.short, relativeDrift.short, spectralDriftTopK.phrase],
    ...[rotationMeanDeg.short, kl.short],
  ];
  return ['step', ...numbers, 'regime', 'I', 'II', 'III'];
}

/** One cell per column of `trajectoryHead`. */
export function trajectoryCells(point: TrajectoryPoint): string[] {
  return [
    point.step?.toString() ?? point.label,
    formatMetric('sparsityBf16', point.sparsityBf16),
    formatMetric('relativeDrift', point.relativeDrift),
    formatMetric('spectralDriftTopK', point.spectralDriftTopK),
    formatMetric('rotationMeanDeg', point.rotationMeanDeg),
    formatMetric('kl', point.kl),
    point.problem?.message ?? regimeCatalogue[point.regime].title,
    ...point.words,
  ];
}

export function settledSentence({ settled, points }: Pick<Trajectory, 'settled' | 'points'>): string {
  if (settled.value === null) return settled.reason;
  const last = points[points.length - 1];
  const at = settled.value.step === null ? settled.value.label : `step ${settled.value.step}`;
  return `The verdict settles at ${at}: ${last === undefined ? '' : regimeCatalogue[last.regime].title} (${last?.words.join(', ') ?? ''}) from there on.`;
}

/** Every pair of runs in every pool at full precision, RFC 4180. */
export function runsCsv({ overlap: { value }, runs }: RunsReport): string {
  const pools: [string, string, Omit<OverlapPool, 'tensors'>][] =
    value === null
      ? []
      : [
          ['whole', '', value.whole],
          ...value.layers.map((pool): [string, string, OverlapPool] => ['layer', pool.label, pool]),
          ...value.modules.map((pool): [string, string, OverlapPool] => ['module', pool.module, pool]),
          ...value.tensors.map((pool): [string, string, Omit<OverlapPool, 'tensors'>] => [
            'tensor',
            pool.name,
            pool,
          ]),
        ];
  const rows = pools.flatMap(([level, name, { compared, changed, pairs }]) =>
    pairs.map(({ a, b, ...pair }) => [
      ...[level, name, runs[a]?.label ?? '', runs[b]?.label ?? ''],
      ...[compared, changed[a] ?? null, changed[b] ?? null],
      ...csvNumbers.map((number) => pair[number]),
    ]),
  );
  return csvText([['level', 'name', 'a', 'b', 'compared', 'changedA', 'changedB', ...csvNumbers], ...rows]);
}

const csvNumbers = [
  'intersection',
  'union',
  'jaccard',
  'expected',
  'expectedByTensor',
  'cosine',
  'cosineSpread',
] as const;
