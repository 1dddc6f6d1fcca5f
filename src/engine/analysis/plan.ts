// What an analysis will do, decided before a byte of a tensor is read: which pairs, which of them have a geometry,
// and for every one that has none, why. Pure.
import { problem, ThreeGateError } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/text/format.ts';
import type { AnalysisOptions } from '../../shared/options.ts';
import type { NotCompared } from '../../shared/report/report.ts';
import type { Pairing, TensorPair } from '../checkpoint/checkpoint.ts';
import { matricesOf, type MatrixView } from '../checkpoint/matrixView.ts';
import { whyNothingPaired } from '../pairing/nothingPaired.ts';
import { rankFor } from '../gates/geometry.ts';
import { bytesOfSides, bytesOfCopy, packedBytes } from '../gates/matrixSides.ts';
import { isBf16Pair } from '../kernels/storage.ts';
import type { Machine } from './ports.ts';
import { representativeStep } from './publishedPool.ts';
import type { Step } from './step.ts';

export interface Plan {
  steps: Step[];
  /** Pairs that the user's `match` leaves out. */
  leftOut: NotCompared[];
  /** Bytes to read, both sides. */
  bytes: number;
  /** Matrices and matrix elements to decompose, unless they turn out equal. */
  matrices: number;
  matrixElements: number;
}

const floatDtypes = new Set(['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2']);

/** Both sides and about as much again for Δ, the rank-k reconstruction and the masks. */
const workingFactor = 2.5;
/** Share of the machine's memory that one decomposition may take before it is refused rather than tried. */
const memoryShare = 0.85;

export const notSelected = 'This gate was not selected for the analysis.';

export function planAnalysis(pairing: Pairing, options: AnalysisOptions, machine: Machine): Plan {
  const matches = matcher(options.match);
  const steps: Step[] = [];
  const leftOut: NotCompared[] = [];
  for (const pair of pairing.pairs) {
    if (matches(pair)) steps.push(planStep(pair, options, machine));
    else leftOut.push(leave(pair, options.match ?? ''));
  }
  if (steps.length === 0) {
    const found = pairing.pairs.length;
    throw found === 0
      ? new ThreeGateError('nothing-to-compare', whyNothingPaired(pairing))
      : new ThreeGateError(
          'nothing-to-compare',
          `None of the ${found} tensors that both checkpoints hold matches /${options.match ?? ''}/.`,
        );
  }
  const shown = options.profile === 'published' ? representativeStep(steps) : null;
  if (shown !== null) shown.angleCurve = true;
  const withMatrices = steps.filter((step) => step.matrices !== null);
  return {
    steps,
    leftOut,
    bytes: sum(steps, ({ pair }) => pair.base.bytes + pair.tuned.bytes),
    matrices: sum(withMatrices, (step) => step.matrices?.count ?? 0),
    matrixElements: sum(withMatrices, ({ pair }) => pair.elements),
  };
}

function planStep(pair: TensorPair, options: AnalysisOptions, machine: Machine): Step {
  const equalityOnly = !floatDtypes.has(pair.base.dtype) || !floatDtypes.has(pair.tuned.dtype);
  const found = viewAsMatrices(pair, equalityOnly, options);
  if (typeof found === 'string') {
    return { pair, matrices: null, noGeometry: found, matrixBytes: 0, equalityOnly, angleCurve: false };
  }
  const sidesBytes = matrixBytesOf(found, isBf16Pair(pair), options.rank);
  const needed = sidesBytes * workingFactor;
  if (needed > machine.totalMemoryBytes * memoryShare) {
    const noGeometry = `Not measured: the decomposition needs about ${formatBytes(needed)}, and this machine has ${formatBytes(machine.totalMemoryBytes)}.`;
    return { pair, matrices: null, noGeometry, matrixBytes: 0, equalityOnly, angleCurve: false };
  }
  const matrixBytes = sidesBytes + copyBytesOf(found, options.rank);
  return { pair, matrices: found, noGeometry: null, matrixBytes, equalityOnly, angleCurve: false };
}

/**
 * Bytes of both sides: of a bf16 pair the whole tensor packed and the matrix in work, else all of it as float32.
 */
export function matrixBytesOf({ rows, columns, count }: MatrixView, isPacked: boolean, rank: number): number {
  const inWork = bytesOfSides(isPacked, rows, columns, rankFor(rows, columns, rank));
  return count === 1 || !isPacked ? count * inWork : packedBytes * rows * columns * count + inWork;
}

/** Bytes of the copy that the matrix in work has. */
function copyBytesOf({ rows, columns }: MatrixView, rank: number): number {
  return bytesOfCopy(rows, columns, rankFor(rows, columns, rank));
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

function leave(pair: TensorPair, match: string): NotCompared {
  const message = `${pair.name} does not match /${match}/ and was left out.`;
  return {
    name: pair.name,
    side: 'both',
    elements: pair.elements,
    reason: problem('not-selected', message, { tensor: pair.name }),
  };
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}
