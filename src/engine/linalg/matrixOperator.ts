// A dense float32 matrix W (rows × columns) as a linear map between its small side (min) and its large side (max):
// the decomposition works on the small side and need not know whether W is wide or tall. float32 products serve the
// iteration; float64 ones, over panels of rows, serve the numbers that are reported. Thin products with Wᵀ run at half
// the rate of those with W and sooner: where there is room for a transposed copy, many of them are worth making one.
import { block, rowPanels, rowsOf, type Block } from './block.ts';
import type { Gemm, GemmShape } from './gemm.ts';
import { rowSource, type RowSource } from './rowSource.ts';
import { transposeInto } from './transpose.ts';

/** float64 panels hold about this many elements (8 bytes each). */
const panelElements = 1 << 20;
/** Rows of a very tall W that float32 products take at once. */
const panelRows = 4096;
/** Smallest ratio of the sides at which W*W is formed. */
const gramAspect = 16;
/** A transposed copy costs as much as it saves in about this many products with one column. */
const worthTransposing = 128;

/**
 * Whether W*W is formed to apply it to `vectors` columns in all: where that is cheaper. Only very tall matrices qualify:
 * an embedding would be read from memory twice for every block. For others the rounding of a formed product, relative to
 * σ₁², is not worth the little time it saves.
 */
export function gramPays(rows: number, columns: number, vectors: number): boolean {
  if (!isVeryTall(rows, columns)) return false;
  const direct = 4 * rows * columns * vectors;
  const formed = 2 * rows * columns * columns + 2 * columns * columns * vectors;
  // Thin products reach about half the rate of square ones.
  return formed < 2 * direct;
}

export function isVeryTall(rows: number, columns: number): boolean {
  return rows >= gramAspect * columns;
}

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
  private readonly source: RowSource;
  private readonly gemm: Gemm;
  private readonly scratch: Float32Array | null;
  private gram: Float32Array | null = null;
  /** Wᵀ, columns × rows, in `scratch`. */
  private transposed: Float32Array | null = null;

  /** @param scratch room for as many elements as W has, which the next operator may use after `release`. */
  constructor(
    gemm: Gemm,
    data: Float32Array | RowSource,
    rows: number,
    columns: number,
    scratch: Float32Array | null = null,
  ) {
    this.gemm = gemm;
    this.source = rowSource(data);
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

  /** W·X in float32, X columns × q. */
  times(x: Float32Array, q: number): Promise<Float32Array> {
    return this.product(x, q, false, false);
  }

  /** Wᵀ·Y in float32, Y rows × q. */
  transposedTimes(y: Float32Array, q: number): Promise<Float32Array> {
    return this.product(y, q, true, false);
  }

  /** Large side → small side in float32: (large × q) → (small × q). */
  toSmall32(y: Float32Array, q: number): Promise<Float32Array> {
    this.columnPasses += q / 2;
    return this.product(y, q, this.tall, false);
  }

  /** Large side → small side in float32 products of the rounded Y, summed in float64 over panels of rows of a tall W. */
  async toSmallRounded(y: Block): Promise<Block> {
    const { small, gemm } = this;
    const q = y.columns;
    const result = block(small, q);
    const panels = [...(isVeryTall(this.rows, this.columns) ? panelsOf(y.rows) : rowPanels(y))];
    if (!this.tall || panels.length === 1) {
      result.data.set(await this.toSmall32(new Float32Array(y.data), q));
      return result;
    }
    this.columnPasses += q / 2;
    for (const [from, to] of panels) {
      const shape = { m: small, n: q, k: to - from, transA: true };
      const rounded = new Float32Array(rowsOf(y, from, to).data);
      const part = await gemm.multiply32(shape, this.panel(from, to), rounded);
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
    if (this.gram === null && gramPays(this.rows, this.columns, columns)) this.gram = await this.gram32();
    if (this.gram !== null || this.scratch === null || columns < worthTransposing) return;
    transposeInto(this.scratch, this.whole(), this.rows, this.columns);
    this.transposed = this.scratch;
  }

  /** Gives back what `prepare` made. */
  release(): void {
    this.gram = null;
    this.transposed = null;
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
    const { small, rows, gemm } = this;
    this.columnPasses += small / 2;
    const sum = new Float64Array(small * small);
    const part = new Float32Array(small * small);
    for (const [from, to] of panelsOf(rows)) {
      const panel = this.panel(from, to);
      await gemm.multiply32({ m: small, n: small, k: to - from, transA: true }, panel, panel, part);
      for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
    }
    part.set(sum);
    return part;
  }

  /** W as float32: never asked for where W*W is formed. */
  private whole(): Float32Array {
    return this.source.elements(0, this.source.length);
  }

  private panel(from: number, to: number): Float32Array {
    return this.source.elements(from * this.columns, to * this.columns);
  }

  /** W·X, or Wᵀ·X, for q columns that are stored as rows where `transB` says so. */
  private product(x: Float32Array, q: number, transA: boolean, transB: boolean): Promise<Float32Array> {
    const { rows, columns, transposed, gemm } = this;
    const shape: GemmShape = transA
      ? { m: columns, n: q, k: rows, transA: transposed === null, transB }
      : { m: rows, n: q, k: columns, transB };
    return gemm.multiply32(shape, transA && transposed !== null ? transposed : this.whole(), x);
  }

  /** W·X, X columns × q. */
  private async plain64(x: Block): Promise<Block> {
    const result = block(this.rows, x.columns);
    for (const { panel, from, count } of this.panels(true)) {
      const shape = { m: count, n: x.columns, k: this.columns };
      await this.gemm.multiply64(shape, panel, x.data, rowsOf(result, from, from + count).data);
    }
    this.columnPasses += x.columns / 2;
    return result;
  }

  /** Wᵀ·Y, Y rows × q. */
  private async transposed64(y: Block): Promise<Block> {
    const result = block(this.columns, y.columns);
    for (const { panel, from, count } of this.panels(true)) {
      const shape = { m: this.columns, n: y.columns, k: count, transA: true };
      const part = await this.gemm.multiply64(shape, panel, rowsOf(y, from, from + count).data);
      for (let i = 0; i < part.length; i++) result.data[i]! += part[i]!;
    }
    this.columnPasses += y.columns / 2;
    return result;
  }

  /** W in float64: panels of whole rows, or of whole columns (each rows × count, gathered), valid until the next. */
  private *panels(byRows: boolean): Generator<{ panel: Float64Array; from: number; count: number }> {
    const total = byRows ? this.rows : this.columns;
    const length = byRows ? this.columns : this.rows;
    const step = Math.max(1, Math.min(total, Math.floor(panelElements / length)));
    const space = new Float64Array(step * length);
    for (let from = 0; from < total; from += step) {
      const count = Math.min(step, total - from);
      const panel = space.subarray(0, count * length);
      if (byRows) panel.set(this.panel(from, from + count));
      else {
        const whole = this.whole();
        for (let i = 0; i < this.rows; i++) {
          const at = i * this.columns + from;
          panel.set(whole.subarray(at, at + count), i * count);
        }
      }
      yield { panel, from, count };
    }
  }
}

function* panelsOf(rows: number): Generator<[from: number, to: number]> {
  for (let from = 0; from < rows; from += panelRows) yield [from, Math.min(rows, from + panelRows)];
}
