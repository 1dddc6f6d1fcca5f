// The masks of Gate II (arXiv 2511.08567; M_princ after LIFT, arXiv 2506.00772) and their overlap with the update:
//   M_princ  the α·n elements of largest |W⁽ᵏ⁾|, W⁽ᵏ⁾ = U_k Σ_k V_kᵀ the rank-k reconstruction
//   M_low    the elements with |w| ≤ t, t the smallest value with at least α·n of them (ties all in)
//   U        the elements that changed in the bf16 view
//   lift(S)  (|S∩U|/|S|)/(|U|/n): 1 is random; overlap(S) = |S∩U|/|U|
// Cost: a rank-k product, 2·m·n·k, and five elementwise passes; without room for W⁽ᵏ⁾ the product is made three times,
// over panels of rows.
import type { MaskCount, MaskCounts, MaskMetrics } from '../../shared/metrics.ts';
import type { DenseKernels, MaskTally } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { magnitudeQuantileBits, type PanelVisitor } from '../linalg/magnitudeQuantile.ts';
import { rowSource, type RowSource } from '../linalg/rowSource.ts';

const panelElements = 1 << 20;

/** What the masks of a matrix are made from. */
export interface MaskedInput {
  base: Float32Array | RowSource;
  rows: number;
  columns: number;
  alpha: number;
}

/** U_k·Σ_k (rows × k) and V_k (columns × k). */
export interface PrincipalFactors {
  rank: number;
  leftScaled: Float32Array;
  right: Float32Array;
}

export interface MaskInput extends MaskedInput, PrincipalFactors {
  base: RowSource;
  tuned: RowSource;
  eta: number;
  /** Room for W⁽ᵏ⁾, which is made once then. */
  scratch?: Float32Array | null;
}

/** W (m × n) in panels of whole rows, its rank-k reconstruction likewise, and where the two masks begin. */
export class MaskedMatrix {
  private readonly step: number;
  private readonly wanted: number;
  private readonly base: RowSource;
  private kept: Float32Array | null = null;

  constructor(
    private readonly dense: DenseKernels,
    private readonly input: MaskedInput,
    private readonly scratch: Float32Array | null = null,
  ) {
    const { columns, alpha } = input;
    const base = rowSource(input.base);
    this.base = base;
    this.step = Math.max(1, Math.floor(panelElements / columns));
    this.wanted = Math.min(base.length, Math.max(1, Math.ceil(alpha * base.length - 1e-9)));
  }

  /** M_low: |w| has these bits or less. */
  lowBits(): Promise<number> {
    return magnitudeQuantileBits(this.dense, this.stored, this.wanted, 'smallest');
  }

  /** M_princ: |W⁽ᵏ⁾| has these bits or more. */
  principalBits(gemm: Gemm, factors: PrincipalFactors): Promise<number> {
    const reconstructed: PanelVisitor = (visit) => this.reconstructed(gemm, factors, visit);
    return magnitudeQuantileBits(this.dense, reconstructed, this.wanted, 'largest');
  }

  /** Panels of W⁽ᵏ⁾, each valid during its visit, with the index of its first element. */
  async reconstructed(
    gemm: Gemm,
    { rank, leftScaled, right }: PrincipalFactors,
    visit: (part: Float32Array, from: number) => void,
  ): Promise<void> {
    const { rows, columns } = this.input;
    const { scratch, kept } = this;
    const panel = scratch ?? new Float32Array(Math.min(this.step, rows) * columns);
    for (let from = 0; from < rows; from += this.step) {
      const count = Math.min(this.step, rows - from);
      const at = scratch === null ? 0 : from * columns;
      const part = panel.subarray(at, at + count * columns);
      if (kept === null) {
        const left = leftScaled.subarray(from * rank, (from + count) * rank);
        await gemm.multiply32({ m: count, n: columns, k: rank, transB: true }, left, right, part);
      }
      visit(part, from * columns);
    }
    this.kept = scratch;
  }

  private readonly stored: PanelVisitor = (visit) => {
    const { length } = this.base;
    const panel = this.step * this.input.columns;
    for (let from = 0; from < length; from += panel) {
      visit(this.base.elements(from, Math.min(length, from + panel)));
    }
    return Promise.resolve();
  };
}

/** The masks' counts, and ‖W‖²_F and ‖Δ‖²_F, which the same pass over both sides gives. */
export interface CountedMasks {
  counts: MaskCounts;
  baseEnergy: number;
  deltaEnergy: number;
}

export async function countMasks(gemm: Gemm, dense: DenseKernels, input: MaskInput): Promise<CountedMasks> {
  const { base, tuned, eta } = input;
  const matrix = new MaskedMatrix(dense, input, input.scratch);
  const lowBits = await matrix.lowBits();
  const principalBits = await matrix.principalBits(gemm, input);
  const tally: MaskTally = { members: new Float64Array(7), energies: new Float64Array(2) };
  await matrix.reconstructed(gemm, input, (part, from) => {
    const to = from + part.length;
    const limits = { principalBits, lowBits, eta };
    dense.countMasks(base.elements(from, to), tuned.elements(from, to), part, limits, tally);
  });
  const [baseEnergy = 0, deltaEnergy = 0] = tally.energies;
  return { counts: maskCounts(base.length, tally.members), baseEnergy, deltaEnergy };
}

/** From the numbers of members of M_princ, M_low and U, and of their intersections, of n elements. */
function maskCounts(
  elements: number,
  [p = 0, l = 0, u = 0, pl = 0, pu = 0, lu = 0, plu = 0]: Float64Array,
): MaskCounts {
  return {
    elements,
    changed: u,
    principal: { size: p, changed: pu },
    lowMagnitude: { size: l, changed: lu },
    principalNotLow: { size: p - pl, changed: pu - plu },
    lowNotPrincipal: { size: l - pl, changed: lu - plu },
    nonPrincipalOrLow: { size: elements - p + pl, changed: u - pu + plu },
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
