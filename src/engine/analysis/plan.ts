// What an analysis will do, decided before a byte of a tensor is read: which pairs, which of them have a geometry,
// and for every one that has none, why. Pure.
import { problem, ThreeGateError, type ProblemCode } from '../../shared/errors.ts';
import { formatBytes, formatShare } from '../../shared/text/format.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { NotCompared } from '../../shared/report/report.ts';
import type { Pairing, TensorPair } from '../checkpoint/checkpoint.ts';
import { matricesOf, type MatrixView } from '../checkpoint/matrixView.ts';
import { whyNothingPaired } from '../pairing/nothingPaired.ts';
import { isBf16Pair } from '../kernels/storage.ts';
import { layoutOf, rankFor, type MatrixLayout } from '../linalg/layout.ts';
import { decomposingSeconds } from './cost.ts';
import type { Machine } from './ports.ts';
import { drawSample, type SampleDesign } from './sampleDesign.ts';
import { representativeStep } from './publishedPool.ts';
import type { PlannedMatrices, Step } from './step.ts';

export interface Plan {
  steps: Step[];
  /** Pairs that the user's `match` leaves out, or that are not in the sample. */
  leftOut: NotCompared[];
  /** Null where every tensor is read. */
  sample: SampleDesign | null;
  /** Bytes to read, both sides. */
  bytes: number;
  /** Matrices to decompose, unless they turn out equal, and what that takes by the cost model. */
  matrices: number;
  matrixWork: number;
}

const floatDtypes = new Set(['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2']);

/** Both sides and about as much again for Δ, the rank-k reconstruction and the masks. */
const workingFactor = 2.5;
/** Share of the machine's memory that one decomposition may take before it is refused rather than tried. */
const memoryShare = 0.85;

export const notSelected = 'This gate was not selected for the analysis.';

export function planAnalysis(
  pairing: Pairing,
  options: AnalysisOptions,
  machine: Pick<Machine, 'totalMemoryBytes'>,
): Plan {
  const matches = matcher(options.match);
  const steps: Step[] = [];
  const leftOut: NotCompared[] = [];
  const { sample: share, seed } = options;
  const sample = share === null ? null : drawSample(pairing.pairs.filter(matches), share, seed);
  for (const pair of pairing.pairs) {
    if (!matches(pair))
      leftOut.push(leave(pair, 'not-selected', `does not match /${options.match ?? ''}/ and`));
    else if (sample !== null && !sample.drawn.has(pair))
      leftOut.push(leave(pair, 'not-sampled', 'is not in the sample and'));
    else steps.push(planStep(pair, options, machine));
  }
  if (steps.length === 0) {
    const found = pairing.pairs.length;
    if (sample !== null && sample.strata.length > 0) {
      throw new ThreeGateError(
        'nothing-to-compare',
        `A sample of ${formatShare(sample.share)} holds none of the tensors that were selected: ask for a larger share.`,
      );
    }
    throw found === 0
      ? new ThreeGateError('nothing-to-compare', whyNothingPaired(pairing))
      : new ThreeGateError(
          'nothing-to-compare',
          `None of the ${found} tensors that both checkpoints hold matches /${options.match ?? ''}/.`,
        );
  }
  const shown = options.profile === 'published' ? representativeStep(steps) : null;
  if (shown !== null) shown.angleCurve = true;
  return planOf(steps, leftOut, sample, options);
}

/** What the steps come to. */
export function planOf(
  steps: Step[],
  leftOut: NotCompared[],
  sample: SampleDesign | null,
  options: Pick<AnalysisOptions, 'fullSpectrum' | 'profile'>,
): Plan {
  const withMatrices = steps.filter((step) => step.matrices !== null);
  return {
    steps,
    leftOut,
    sample,
    bytes: sum(steps, ({ pair }) => pair.base.bytes + pair.tuned.bytes),
    matrices: sum(withMatrices, (step) => step.matrices?.count ?? 0),
    matrixWork: sum(withMatrices, (step) => decomposingSeconds(step, options)),
  };
}

function planStep(
  pair: TensorPair,
  options: AnalysisOptions,
  machine: Pick<Machine, 'totalMemoryBytes'>,
): Step {
  const equalityOnly = !floatDtypes.has(pair.base.dtype) || !floatDtypes.has(pair.tuned.dtype);
  const rest = { pair, equalityOnly, angleCurve: false };
  const without = { ...rest, matrices: null, matrixBytes: 0 };
  const view = viewAsMatrices(pair, equalityOnly, options);
  if (typeof view === 'string') return { ...without, noGeometry: view };
  const layout = layoutOfView(view, isBf16Pair(pair), options.rank);
  const matrices = { ...view, layout };
  const matrixBytes = matrixBytesOf(matrices) + layout.copyBytes;
  return withinMemory({ ...rest, matrices, noGeometry: null, matrixBytes }, machine);
}

/** The step without its matrices where a machine cannot hold them. */
export function withinMemory(step: Step, { totalMemoryBytes }: Pick<Machine, 'totalMemoryBytes'>): Step {
  if (step.matrices === null) return step;
  const needed = matrixBytesOf(step.matrices) * workingFactor;
  if (needed <= totalMemoryBytes * memoryShare) return step;
  const noGeometry = `Not measured: the decomposition needs about ${formatBytes(needed)}, and this machine has ${formatBytes(totalMemoryBytes)}.`;
  return withoutGeometry(step, noGeometry);
}

export function withoutGeometry(step: Step, noGeometry: string): Step {
  return { ...step, matrices: null, noGeometry, matrixBytes: 0 };
}

/** How each matrix of a tensor is treated, where `rank` is wanted. */
export function layoutOfView({ rows, columns }: MatrixView, isPacked: boolean, rank: number): MatrixLayout {
  return layoutOf(rows, columns, rankFor(rows, columns, rank), isPacked);
}

/** Bytes of both sides: of the whole tensor, and of the matrix in work, which a packed stack gives a copy of. */
export function matrixBytesOf({ count, layout }: PlannedMatrices): number {
  const { widening, sidesBytes, widenedBytes } = layout;
  const ownBytes = count > 1 && widening !== 'none' ? sidesBytes : 0;
  return count * sidesBytes + ownBytes + widenedBytes;
}

/** The matrices of a tensor, or in words why it has none. */
function viewAsMatrices(
  pair: TensorPair,
  equalityOnly: boolean,
  options: AnalysisOptions,
): MatrixView | string {
  if (!options.gates.includes('geometry')) return notSelected;
  if (equalityOnly) return `${pair.base.dtype} and ${pair.tuned.dtype} are compared for equality only.`;
  return matricesOf(pair.shape, pair.module);
}

/** Whether a tensor's name passes the user's filter; throws `usage` when that is no regular expression. */
export function matcher(match: string | null): (pair: Pick<TensorPair, 'name' | 'tunedName'>) => boolean {
  if (match === null) return () => true;
  let expression: RegExp;
  try {
    expression = new RegExp(match, 'u');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ThreeGateError('usage', `The tensor filter is not a regular expression: ${why}.`);
  }
  return ({ name, tunedName }) => expression.test(name) || (tunedName !== null && expression.test(tunedName));
}

function leave(pair: TensorPair, code: ProblemCode, why: string): NotCompared {
  const reason = problem(code, `${pair.name} ${why} was left out.`, { tensor: pair.name });
  return { name: pair.name, side: 'both', elements: pair.elements, reason };
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}
