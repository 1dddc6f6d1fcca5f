// A dense float32 matrix W (rows × columns) as a linear map between its small side (min) and its large side (max):
// the decomposition works on the small side and need not know whether W is wide or tall. float32 products serve the
// iteration; float64 ones, over panels of rows, serve the numbers that are reported. Thin products with Wᵀ run at half
// the rate of those with W and sooner: where there is room for a transposed copy, many of them are worth making one.
import { block, rowPanels, rowsOf, type Block } from './block.ts';
import type { Gemm, GemmShape } from './gemm.ts';
import { transposeInto } from './transpose.ts';

/** float64 panels hold about this many elements (8 bytes each). */
const panelElements = 1 << 20;
const gramPanelRows = 4096;
/** Smallest ratio of the sides at which W*W is formed. */
const gramAspect = 16;
/** A transposed copy costs as much as it saves in about this many products with one column. */
const worthTransposing = 128;

export class MatrixOperator {
  readonly rows: number;
  readonly columns: number;
  /** min(rows, columns). */
  readonly small: number;
  /** max(rows, columns). */
  readonly large: number;
  /** rows ≥ columns: the small side is the column side, right singular vectors live there. */
  readonly tall: boolean;
  /** Columns multiplied by W or Wᵀ so far, over `small`-independent units: one pass = one column through both. */
  columnPasses = 0;
  private readonly data: Float32Array;
  private readonly gemm: Gemm;
  private readonly scratch: Float32Array | null;
  private gram: Float32Array | null = null;
  /** Wᵀ, columns × rows, in `scratch`. */
  private transposed: Float32Array | null = null;

  /** @param scratch room for as many elements as W has, which the next operator may use after `release`. */
  constructor(
    gemm: Gemm,
    data: Float32Array,
    rows: number,
    columns: number,
    scratch: Float32Array | null = null,
  ) {
    this.gemm = gemm;
    this.data = data;
    this.scratch = scratch;
    this.rows = rows;
    this.columns = columns;
    this.tall = rows >= columns;
    this.small = Math.min(rows, columns);
    this.large = Math.max(rows, columns);
  }

  /** Whether W*W was formed, so that `applyGram` no longer reads W. */
  get formsGram(): boolean {
    return this.gram !== null;
  }

  /** Large side → small side in float32: (large × q) → (small × q). */
  toSmall32(y: Float32Array, q: number): Promise<Float32Array> {
    this.columnPasses += q / 2;
    return this.product(y, q, this.tall, false);
  }

  /** Large side → small side in float32 products of the rounded Y, summed in float64 over panels of rows of a tall W. */
  async toSmallRounded(y: Block): Promise<Block> {
    const { small, gemm, data } = this;
    const q = y.columns;
    const result = block(small, q);
    const panels = [...rowPanels(y)];
    if (!this.tall || panels.length === 1) {
      result.data.set(await this.toSmall32(new Float32Array(y.data), q));
      return result;
    }
    this.columnPasses += q / 2;
    for (const [from, to] of panels) {
      const shape = { m: small, n: q, k: to - from, transA: true };
      const rows = data.subarray(from * small, to * small);
      const part = await gemm.multiply32(shape, rows, new Float32Array(rowsOf(y, from, to).data));
      for (let i = 0; i < part.length; i++) result.data[i]! += part[i]!;
    }
    return result;
  }

  /** W*W·X in float32 for q vectors of the small side given as rows (q × small); small × q. */
  async applyGram(x: Float32Array, q: number): Promise<Float32Array> {
    const { small, gemm, gram } = this;
    if (gram !== null) return gemm.multiply32({ m: small, n: q, k: small, transB: true }, gram, x);
    this.columnPasses += q / 2;
    return this.toSmall32(await this.product(x, q, !this.tall, true), q);
  }

  /** Makes `applyGram` on about `columns` vectors cheaper, where that pays. */
  async prepare(columns: number): Promise<void> {
    await this.prepareGram(columns);
    if (this.gram !== null || this.scratch === null || columns < worthTransposing) return;
    transposeInto(this.scratch, this.data, this.rows, this.columns);
    this.transposed = this.scratch;
  }

  /** Gives back what `prepare` made. */
  release(): void {
    this.gram = null;
    this.transposed = null;
  }

  /**
   * Forms W*W in float32 where `applyGram` on `columns` vectors is dearer than that. Only very tall matrices qualify: an
   * embedding would be read from memory twice for every block. For others the rounding of a formed product, relative to
   * σ₁², is not worth the little time it saves.
   */
  private async prepareGram(columns: number): Promise<void> {
    const { small, large } = this;
    if (!this.tall || large < gramAspect * small || this.gram !== null) return;
    const direct = 4 * large * small * columns;
    const formed = 2 * large * small * small + 2 * small * small * columns;
    // Thin products reach about half the rate of square ones.
    if (formed < 2 * direct) this.gram = await this.gram32();
  }

  /** Small side → large side in float64, W read in panels of rows. */
  toLarge64(x: Block): Promise<Block> {
    return this.tall ? this.plain64(x) : this.transposed64(x);
  }

  toSmall64(y: Block): Promise<Block> {
    return this.tall ? this.transposed64(y) : this.plain64(y);
  }

  /** The Gram matrix on the small side, small × small, float64: WᵀW when tall, WWᵀ when wide. */
  async gram64(): Promise<Float64Array> {
    const { small } = this;
    const sum = new Float64Array(small * small);
    for (const { panel, count } of this.panels(this.tall)) {
      const shape = this.tall
        ? { m: small, n: small, k: count, transA: true }
        : { m: small, n: small, k: count, transB: true };
      const part = await this.gemm.multiply64(shape, panel, panel);
      for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
    }
    return sum;
  }

  /** Products in float32 over panels of rows, their sum in float64, so that it does not lose with the length. */
  private async gram32(): Promise<Float32Array> {
    const { small, rows, columns, data, gemm } = this;
    this.columnPasses += small / 2;
    const sum = new Float64Array(small * small);
    const part = new Float32Array(small * small);
    for (let from = 0; from < rows; from += gramPanelRows) {
      const count = Math.min(gramPanelRows, rows - from);
      const panel = data.subarray(from * columns, (from + count) * columns);
      await gemm.multiply32({ m: small, n: small, k: count, transA: true }, panel, panel, part);
      for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
    }
    part.set(sum);
    return part;
  }

  /** W·X, or Wᵀ·X, for q columns that are stored as rows where `transB` says so. */
  private product(x: Float32Array, q: number, transA: boolean, transB: boolean): Promise<Float32Array> {
    const { rows, columns, transposed, data, gemm } = this;
    const shape: GemmShape = transA
      ? { m: columns, n: q, k: rows, transA: transposed === null, transB }
      : { m: rows, n: q, k: columns, transB };
    return gemm.multiply32(shape, transA && transposed !== null ? transposed : data, x);
  }

  /** W·X, X columns × q. */
  private async plain64(x: Block): Promise<Block> {
    const result = block(this.rows, x.columns);
    for (const { panel, from, count } of this.panels(true)) {
      const shape = { m: count, n: x.columns, k: this.columns };
      result.data.set(await this.gemm.multiply64(shape, panel, x.data), from * x.columns);
    }
    this.columnPasses += x.columns / 2;
    return result;
  }

  /** Wᵀ·Y, Y rows × q. */
  private async transposed64(y: Block): Promise<Block> {
    const result = block(this.columns, y.columns);
    for (const { panel, from, count } of this.panels(true)) {
      const shape = { m: this.columns, n: y.columns, k: count, transA: true };
      const slice = y.data.subarray(from * y.columns, (from + count) * y.columns);
      const part = await this.gemm.multiply64(shape, panel, slice);
      for (let i = 0; i < part.length; i++) result.data[i]! += part[i]!;
    }
    this.columnPasses += y.columns / 2;
    return result;
  }

  /** W in float64: panels of whole rows, or of whole columns (each rows × count, gathered). */
  private *panels(byRows: boolean): Generator<{ panel: Float64Array; from: number; count: number }> {
    const total = byRows ? this.rows : this.columns;
    const length = byRows ? this.columns : this.rows;
    const step = Math.max(1, Math.min(total, Math.floor(panelElements / length)));
    for (let from = 0; from < total; from += step) {
      const count = Math.min(step, total - from);
      const panel = new Float64Array(count * length);
      if (byRows) panel.set(this.data.subarray(from * length, (from + count) * length));
      else {
        for (let i = 0; i < this.rows; i++) {
          const at = i * this.columns + from;
          panel.set(this.data.subarray(at, at + count), i * count);
        }
      }
      yield { panel, from, count };
    }
  }
}
