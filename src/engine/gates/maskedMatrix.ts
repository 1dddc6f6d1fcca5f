// A matrix and its rank-k reconstruction, by panels of whole rows, and where the two masks of Gate II (`masks.ts`) begin in
// them. Without room for W⁽ᵏ⁾, the product that gives it, 2·m·n·k, is made anew for every pass.
import type { Gemm } from '../linalg/gemm.ts';
import { locate, magnitudeQuantileBits, type PanelVisitor } from '../linalg/magnitudeQuantile.ts';
import type { PanelKernels } from '../linalg/panelKernels.ts';
import { rowSource, type PackedWords, type RowSource } from '../linalg/rowSource.ts';

const panelElements = 1 << 20;
/** Magnitudes of a bf16, and by what its bits are those of the float32 of its value. */
const halfBins = 32_768;
const lowerHalf = 65_536;
/** Elements of W⁽ᵏ⁾ that a first guess is made from, and the bits below which it does not tell them apart. */
const sampled = 1 << 19;
const coarse = 15;

/** What the masks of a matrix are made from. */
export interface MaskedInput {
  base: Float32Array | RowSource;
  /** The base as the lower half of these words, where it is bf16. */
  packed?: PackedWords | null;
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

/** W (m × n) in panels of whole rows, its rank-k reconstruction likewise, and where the two masks begin. */
export class MaskedMatrix {
  private readonly step: number;
  /** Elements of M_princ, and at least of M_low. */
  readonly wanted: number;
  private readonly base: RowSource;
  private kept: Float32Array | null = null;

  constructor(
    private readonly kernels: PanelKernels,
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
    const { packed } = this.input;
    if (!packed) return magnitudeQuantileBits(this.kernels, this.stored, this.wanted, 'smallest');
    const bins = new Float64Array(halfBins);
    for (const [from, to] of this.panels()) this.kernels.histogramPacked(packed.subarray(from, to), bins);
    return Promise.resolve(locate(bins, this.wanted, 'smallest').bin * lowerHalf);
  }

  /** M_princ: |W⁽ᵏ⁾| has these bits or more. */
  principalBits(gemm: Gemm, factors: PrincipalFactors): Promise<number> {
    const reconstructed: PanelVisitor = (visit) => this.reconstructed(gemm, factors, visit);
    return magnitudeQuantileBits(this.kernels, reconstructed, this.wanted, 'largest');
  }

  /**
   * About where M_princ begins, as bits of |W⁽ᵏ⁾|, from one element in every few at a place drawn within them: the same ones
   * in every run.
   */
  async likelyPrincipalBits(gemm: Gemm, factors: PrincipalFactors): Promise<number> {
    const step = Math.ceil(this.base.length / sampled);
    const bins = new Float64Array(1 << (31 - coarse));
    let taken = 0;
    await this.reconstructed(gemm, factors, (part) => {
      const bits = new Uint32Array(part.buffer, part.byteOffset, part.length);
      for (let from = 0; from + step <= bits.length; from += step, taken++) {
        // Multiples of the golden ratio, modulo 1: no row and no column is favoured.
        const place = Math.floor(((Math.imul(taken, 0x9e3779b1) >>> 0) / 2 ** 32) * step);
        bins[(bits[from + place]! & 0x7fffffff) >>> coarse]!++;
      }
    });
    const count = Math.max(1, Math.round((taken * this.wanted) / this.base.length));
    return (locate(bins, count, 'largest').bin + 0.5) * (1 << coarse);
  }

  /** First and end elements of panels of whole rows. */
  *panels(): Generator<[from: number, to: number]> {
    const { length } = this.base;
    const panel = this.step * this.input.columns;
    for (let from = 0; from < length; from += panel) yield [from, Math.min(length, from + panel)];
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
    for (const [from, to] of this.panels()) visit(this.base.elements(from, to));
    return Promise.resolve();
  };
}
