// A dense float32 matrix W (rows × columns) as a linear map between its small side (min) and its large side (max):
// the decomposition works on the small side and need not know whether W is wide or tall. float32 products serve the
// iteration; float64 ones, over panels of rows, serve the numbers that are reported. Thin products with Wᵀ run at half
// the rate of those with W and sooner: where there is room for a transposed copy, many of them are worth making one. The
// copies are padded (`padding.ts`), and so are the vectors that meet them: with zeros.
import { block, rowPanels, rowsOf, type Block } from './block.ts';
import type { Gemm } from './gemm.ts';
import { gram64, panelRows, tallGram } from './gramMatrix.ts';
import type { MatrixLayout, Way } from './layout.ts';
import { clearPadding, paddedLength } from './padding.ts';
import { panelElements, panels64, rowsOfStrided, type RowReader } from './panels64.ts';
import { rowSource, type RowSource } from './rowSource.ts';
import { transposeInto, type Strided } from './transpose.ts';
import type { MatrixRoom } from './workspace.ts';

/** How W, or Wᵀ, is multiplied with q columns: of `stride` elements each, and stored as rows where `asRows` says so. */
interface Multiplier {
  stride: number;
  multiply: (x: Float32Array, q: number, asRows: boolean, out: Float32Array) => Promise<Float32Array>;
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
  private readonly room: MatrixRoom;
  private gram: Strided | null = null;
  /** Where W lies whole, once it was asked for. */
  private plain: Strided | null = null;
  private transposed: Strided | null = null;
  /** W·X or Wᵀ·X of the last product with W*W, and its result. */
  private between = new Float32Array(0);
  private applied = new Float32Array(0);

  constructor(
    gemm: Gemm,
    data: Float32Array | RowSource,
    readonly layout: MatrixLayout,
    room: MatrixRoom,
  ) {
    const { rows, columns } = layout;
    this.gemm = gemm;
    this.source = rowSource(data);
    this.room = room;
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

  /** Length of the vectors that `applyGram` takes, of which those beyond `small` are zeros; fixed by `prepare`. */
  get stride(): number {
    if (this.gram !== null) return this.gram.stride;
    return this.inner(!this.tall).stride;
  }

  /** W·X in float32, X columns × q. */
  times(x: Float32Array, q: number): Promise<Float32Array> {
    return this.product(x, q, false);
  }

  /** Wᵀ·Y in float32, Y rows × q. */
  transposedTimes(y: Float32Array, q: number): Promise<Float32Array> {
    return this.product(y, q, true);
  }

  /** Large side → small side in float32 products of the rounded Y, summed in float64 over panels of rows of a tall W. */
  async toSmallRounded(y: Block): Promise<Block> {
    const { small, gemm } = this;
    const q = y.columns;
    const result = block(small, q);
    const panels = [...(this.layout.isVeryTall ? panelsOf(y.rows) : rowPanels(y))];
    this.columnPasses += q / 2;
    if (!this.tall || panels.length === 1) {
      result.data.set(await this.product(new Float32Array(y.data), q, this.tall));
      return result;
    }
    for (const [from, to] of panels) {
      const shape = { m: small, n: q, k: to - from, transA: true };
      const rounded = new Float32Array(rowsOf(y, from, to).data);
      const part = await gemm.multiply32(shape, this.panel(from, to), rounded);
      for (let i = 0; i < part.length; i++) result.data[i]! += part[i]!;
    }
    return result;
  }

  /**
   * W*W·X in float32 for q vectors of the small side given as rows (q × `stride`); `stride` × q, of which the rows beyond
   * `small` are zeros. Valid until the next call.
   */
  async applyGram(x: Float32Array, q: number): Promise<Float32Array> {
    const { small, gemm, gram, stride } = this;
    if (this.applied.length !== stride * q) this.applied = new Float32Array(stride * q);
    const result = this.applied.subarray(0, small * q);
    if (gram !== null) {
      await gemm.multiply32({ m: small, n: q, k: stride, transB: true }, gram.data, x, result);
      return this.applied;
    }
    this.columnPasses += q;
    const [there, back] = [this.inner(!this.tall), this.inner(this.tall)];
    if (this.between.length !== back.stride * q) this.between = new Float32Array(back.stride * q);
    const image = this.between.subarray(0, this.large * q);
    await there.multiply(x, q, true, image);
    await back.multiply(this.between, q, false, result);
    return this.applied;
  }

  /** Makes many of `applyGram` cheaper, in the way given: before the first. */
  async prepare(way: Way): Promise<void> {
    const { rows, columns, room } = this;
    if (way === 'gram') this.gram ??= await this.gram32();
    else if (way === 'transposed' && room.transposed !== null) {
      const transposed = { data: room.transposed, stride: paddedLength(rows) };
      transposeInto(transposed, this.whole(), rows, columns);
      clearPadding(transposed, rows);
      this.transposed = transposed;
    }
  }

  /** Gives back what `prepare` and the products made. */
  release(): void {
    this.gram = null;
    this.plain = null;
    this.transposed = null;
    this.between = new Float32Array(0);
    this.applied = this.between;
  }

  /** W·x for one vector in float32, panel by panel: W is never needed as a whole. */
  async timesVector(x: Float32Array): Promise<Float32Array> {
    const { rows, columns, gemm } = this;
    this.columnPasses += 1 / 2;
    const result = new Float32Array(rows);
    const step = Math.max(1, Math.floor(panelElements / columns));
    for (let from = 0; from < rows; from += step) {
      const to = Math.min(rows, from + step);
      const shape = { m: to - from, n: 1, k: columns };
      await gemm.multiply32(shape, this.panel(from, to), x, result.subarray(from, to));
    }
    return result;
  }

  /** Small side → large side in float64, W read in panels of rows. */
  toLarge64(x: Block): Promise<Block> {
    return this.tall ? this.plain64(x) : this.transposed64(x);
  }

  toSmall64(y: Block): Promise<Block> {
    return this.tall ? this.transposed64(y) : this.plain64(y);
  }

  /** The Gram matrix on the small side, small × small, float64: WᵀW when tall, WWᵀ when wide. */
  gram64(): Promise<Float64Array> {
    this.columnPasses += this.small / 2;
    return gram64(this.gemm, this.source, this.rows, this.columns);
  }

  private async gram32(): Promise<Strided> {
    const { small, gemm } = this;
    this.columnPasses += small / 2;
    const sum = await tallGram(gemm, this.source, this.rows, small);
    const stride = paddedLength(small);
    const data = new Float32Array(small * stride);
    for (let i = 0; i < small; i++) data.set(sum.subarray(i * small, (i + 1) * small), i * stride);
    return { data, stride };
  }

  /** W as float32, padded where there is room for that: never asked for where W*W is formed. */
  private whole(): Strided {
    if (this.plain !== null) return this.plain;
    const { source, rows, columns, room } = this;
    const stride = paddedLength(columns);
    if (room.whole === null) {
      this.plain = { data: source.elements(0, source.length), stride: columns };
    } else if (stride === columns) {
      source.copyTo(room.whole, 0, source.length);
      this.plain = { data: room.whole, stride };
    } else {
      const padded = { data: room.whole, stride };
      for (let i = 0; i < rows; i++) {
        source.copyTo(room.whole.subarray(i * stride, i * stride + columns), i * columns, (i + 1) * columns);
      }
      clearPadding(padded, columns);
      this.plain = padded;
    }
    return this.plain;
  }

  /** Rows of W as they are stored, one behind the other. */
  private readonly stored: RowReader = (from, to) => ({ data: this.panel(from, to), stride: this.columns });

  private panel(from: number, to: number): Float32Array {
    return this.source.elements(from * this.columns, to * this.columns);
  }

  private inner(transposes: boolean): Multiplier {
    const { rows, columns, gemm } = this;
    const [m, length] = transposes ? [columns, rows] : [rows, columns];
    const copy = transposes ? this.transposed : this.whole();
    if (copy !== null) {
      const { stride, data } = copy;
      return {
        stride,
        multiply: (x, q, transB, out) => gemm.multiply32({ m, n: q, k: stride, transB }, data, x, out),
      };
    }
    const { stride, data } = this.whole();
    return {
      stride: length,
      multiply: async (x, q, transB, out) => {
        const shape = { m: stride, n: q, k: length, transA: true, transB };
        if (stride === m) return gemm.multiply32(shape, data, x, out);
        out.set((await gemm.multiply32(shape, data, x)).subarray(0, m * q));
        return out;
      },
    };
  }

  /** W·X, or Wᵀ·X, X and the result without padding. */
  private product(x: Float32Array, q: number, transposes: boolean): Promise<Float32Array> {
    const { stride, multiply } = this.inner(transposes);
    const result = new Float32Array((transposes ? this.columns : this.rows) * q);
    if (x.length === stride * q) return multiply(x, q, false, result);
    const padded = new Float32Array(stride * q);
    padded.set(x);
    return multiply(padded, q, false, result);
  }

  /** W·X, X columns × q. */
  private plain64(x: Block): Promise<Block> {
    this.columnPasses += x.columns / 2;
    return this.times64(x, this.rows, this.columns, this.stored);
  }

  /** Wᵀ·Y, Y rows × q: at a third of the rate where there is no transposed copy. */
  private async transposed64(y: Block): Promise<Block> {
    const { rows, columns, transposed } = this;
    this.columnPasses += y.columns / 2;
    if (transposed !== null) return this.times64(y, columns, rows, rowsOfStrided(transposed));
    const result = block(columns, y.columns);
    for (const { panel, from, count } of panels64(rows, columns, columns, this.stored)) {
      const shape = { m: columns, n: y.columns, k: count, transA: true };
      const part = await this.gemm.multiply64(shape, panel, rowsOf(y, from, from + count).data);
      for (let i = 0; i < part.length; i++) result.data[i]! += part[i]!;
    }
    return result;
  }

  /** A·X for A of which there are float32 rows. */
  private async times64(x: Block, rows: number, columns: number, read: RowReader): Promise<Block> {
    const result = block(rows, x.columns);
    const stride = paddedLength(columns, 8);
    // Columns stored as rows make a quicker product.
    const asRows = new Float64Array(x.columns * stride);
    for (let i = 0, at = 0; i < columns; i++) {
      for (let j = 0; j < x.columns; j++, at++) asRows[j * stride + i] = x.data[at]!;
    }
    for (const { panel, from, count } of panels64(rows, columns, stride, read)) {
      const shape = { m: count, n: x.columns, k: stride, transB: true };
      await this.gemm.multiply64(shape, panel, asRows, rowsOf(result, from, from + count).data);
    }
    return result;
  }
}

function* panelsOf(rows: number): Generator<[from: number, to: number]> {
  for (let from = 0; from < rows; from += panelRows) yield [from, Math.min(rows, from + panelRows)];
}
