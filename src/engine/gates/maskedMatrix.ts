// A matrix and its rank-k reconstruction, by panels of whole rows, and where the two masks of Gate II (`masks.ts`) begin in
// them. Without room for W⁽ᵏ⁾, the product that gives it, 2·m·n·k, is made anew for every pass.
import type { Gemm } from '../linalg/gemm.ts';
import type { MagnitudeHistograms } from '../linalg/magnitudeHistograms.ts';
import { locate, magnitudeQuantileBits, type PanelVisitor } from '../linalg/magnitudeQuantile.ts';
import { rowSource, type RowSource } from '../linalg/rowSource.ts';
import type { PackedWords } from '../linalg/widener.ts';

const panelElements = 1 << 20;
/** Elements of W⁽ᵏ⁾ that a first guess is made from, and the bits below which it does not tell them apart. */
const sampled = 1 << 19;
const coarse = 15;

/** What the masks of a matrix are made from. */
export interface MaskedInput {
  base: Float32Array | RowSource;
  /** Both sides, where they are bf16. */
  packed: PackedWords | null;
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
    private readonly histograms: MagnitudeHistograms,
    private readonly input: MaskedInput,
    /** Room for W⁽ᵏ⁾, which is made once then. */
    private readonly scratch: Float32Array | null,
  ) {
    const { columns, alpha } = input;
    const base = rowSource(input.base);
    this.base = base;
    this.step = Math.max(1, Math.floor(panelElements / columns));
    this.wanted = Math.min(base.length, Math.max(1, Math.ceil(alpha * base.length - 1e-9)));
  }

  /** M_low: |w| has these bits or less. */
  lowBits(): Promise<number> {
    const digits = this.input.packed === null ? 'float32' : 'bf16';
    return magnitudeQuantileBits(this.histograms, this.stored, this.wanted, 'smallest', digits);
  }

  /** M_princ: |W⁽ᵏ⁾| has these bits or more. */
  principalBits(gemm: Gemm, factors: PrincipalFactors): Promise<number> {
    const reconstructed: PanelVisitor = (visit) => this.reconstructed(gemm, factors, visit);
    return magnitudeQuantileBits(this.histograms, reconstructed, this.wanted, 'largest');
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
