// The masks of Gate II (arXiv 2511.08567; M_princ after LIFT, arXiv 2506.00772) and their overlap with the update:
//   M_princ  the α·n elements of largest |W⁽ᵏ⁾|, W⁽ᵏ⁾ = U_k Σ_k V_kᵀ the rank-k reconstruction
//   M_low    the elements with |w| ≤ t, t the smallest value with at least α·n of them (ties all in)
//   U        the elements that changed in the bf16 view
//   lift(S)  (|S∩U|/|S|)/(|U|/n): 1 is random; overlap(S) = |S∩U|/|U|
// Cost: three rank-k products over panels of rows, 6·m·n·k, and five elementwise passes.
import type { MaskCount, MaskCounts, MaskMetrics } from '../../shared/metrics.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { magnitudeQuantileBits, type PanelVisitor } from '../linalg/magnitudeQuantile.ts';

const panelElements = 1 << 20;

export interface MaskInput {
  base: Float32Array;
  tuned: Float32Array;
  rows: number;
  columns: number;
  rank: number;
  /** U_k·Σ_k (rows × k) and V_k (columns × k). */
  leftScaled: Float32Array;
  right: Float32Array;
  alpha: number;
  eta: number;
}

export async function countMasks(gemm: Gemm, dense: DenseKernels, input: MaskInput): Promise<MaskCounts> {
  const { base, tuned, rows, columns, rank, leftScaled, right, alpha, eta } = input;
  const wanted = Math.min(base.length, Math.max(1, Math.ceil(alpha * base.length - 1e-9)));
  const step = Math.max(1, Math.floor(panelElements / columns));
  const panel = new Float32Array(Math.min(step, rows) * columns);
  const reconstructed = async (visit: (part: Float32Array, from: number) => void): Promise<void> => {
    for (let from = 0; from < rows; from += step) {
      const count = Math.min(step, rows - from);
      const part = panel.subarray(0, count * columns);
      const left = leftScaled.subarray(from * rank, (from + count) * rank);
      await gemm.multiply32({ m: count, n: columns, k: rank, transB: true }, left, right, part);
      visit(part, from * columns);
    }
  };
  const stored: PanelVisitor = (visit) => {
    for (let from = 0; from < base.length; from += step * columns) {
      visit(base.subarray(from, Math.min(base.length, from + step * columns)));
    }
    return Promise.resolve();
  };
  const lowBits = await magnitudeQuantileBits(dense, stored, wanted, 'smallest');
  const principalBits = await magnitudeQuantileBits(dense, reconstructed, wanted, 'largest');
  const joint = new Float64Array(8);
  await reconstructed((part, from) => {
    const to = from + part.length;
    const limits = { principalBits, lowBits, eta };
    dense.countMasks(base.subarray(from, to), tuned.subarray(from, to), part, limits, joint);
  });
  return maskCounts(joint);
}

/** From the joint counts [principal + 2·low + 4·changed]. */
function maskCounts(joint: Float64Array): MaskCounts {
  const count = (member: (principal: boolean, low: boolean) => boolean): MaskCount => {
    let size = 0;
    let changed = 0;
    for (let set = 0; set < 4; set++) {
      if (!member((set & 1) === 1, (set & 2) === 2)) continue;
      size += joint[set]! + joint[set + 4]!;
      changed += joint[set + 4]!;
    }
    return { size, changed };
  };
  const all = count(() => true);
  return {
    elements: all.size,
    changed: all.changed,
    principal: count((principal) => principal),
    lowMagnitude: count((_, low) => low),
    principalNotLow: count((principal, low) => principal && !low),
    lowNotPrincipal: count((principal, low) => low && !principal),
    nonPrincipalOrLow: count((principal, low) => low || !principal),
  };
}

/** Lifts and overlaps from (pooled) counts. */
export function maskMetrics(counts: MaskCounts): MaskMetrics {
  const { elements, changed } = counts;
  const defined = changed > 0 && changed < elements;
  const lift = (set: MaskCount): number | null =>
    defined && set.size > 0 ? set.changed / set.size / (changed / elements) : null;
  const overlap = (set: MaskCount): number | null => (defined ? set.changed / changed : null);
  return {
    principalLift: lift(counts.principal),
    principalOverlap: overlap(counts.principal),
    lowMagnitudeLift: lift(counts.lowMagnitude),
    lowMagnitudeOverlap: overlap(counts.lowMagnitude),
    principalNotLowLift: lift(counts.principalNotLow),
    lowNotPrincipalLift: lift(counts.lowNotPrincipal),
    nonPrincipalOrLowLift: lift(counts.nonPrincipalOrLow),
    maskCounts: counts,
  };
}

/** Counts of several tensors as one pool. */
export function addMaskCounts(pool: readonly MaskCounts[]): MaskCounts {
  const sum = (pick: (counts: MaskCounts) => MaskCount): MaskCount =>
    pool.map(pick).reduce((a, b) => ({ size: a.size + b.size, changed: a.changed + b.changed }), {
      size: 0,
      changed: 0,
    });
  return {
    elements: pool.reduce((total, { elements }) => total + elements, 0),
    changed: pool.reduce((total, { changed }) => total + changed, 0),
    principal: sum(({ principal }) => principal),
    lowMagnitude: sum(({ lowMagnitude }) => lowMagnitude),
    principalNotLow: sum(({ principalNotLow }) => principalNotLow),
    lowNotPrincipal: sum(({ lowNotPrincipal }) => lowNotPrincipal),
    nonPrincipalOrLow: sum(({ nonPrincipalOrLow }) => nonPrincipalOrLow),
  };
}
