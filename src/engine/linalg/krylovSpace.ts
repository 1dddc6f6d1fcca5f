// A block Krylov space of A = W*W on the small side, span{X, AX, A²X, …}, with an orthonormal basis Q and the
// projection T = QᵀAQ (Golub & Underwood 1977; Golub & Van Loan, 4th ed., 10.3.6). Narrow blocks make every column
// count: the space reaches the leading directions with a fraction of the products that subspace iteration needs.
// Products and the basis are float32, T and its eigenproblem float64. T is block tridiagonal but for rounding; every
// block is orthogonalised against the whole basis all the same: that is a GEMM, and no spurious copies appear. Cost per
// column: 4·m·n + 4·small·dimension.
import {
  BlockPool,
  block,
  columnsOf,
  innerProduct,
  orthonormalize,
  transposeOf,
  type Block,
} from './block.ts';
import type { DenseKernels, Tridiagonal } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import type { MatrixOperator } from './matrixOperator.ts';

/** Times the columns at the last look. */
const farthest = 1.25;

/** Residuals fall by about the same factor with every column: at which dimension one should be within a limit. */
export class ResidualForecast {
  private last: { columns: number; residual: number } | null = null;

  /**
   * @param usualSlope by how much the logarithm of the residual falls with a column, before it was seen.
   * @param aim share of the limit to aim at: where a look costs as much as a few blocks, better to go a little beyond the
   * limit than to miss it by little.
   */
  constructor(
    private readonly usualSlope: number,
    private readonly aim = 1,
  ) {}

  /** A dimension beyond `columns`, within reach of what was seen. */
  next(columns: number, residual: number, limit: number): number {
    const slope = this.slope(columns, residual);
    this.last = { columns, residual };
    const predicted = slope > 0 ? columns + Math.log(residual / (this.aim * limit)) / slope : Infinity;
    return Math.ceil(Math.min(Math.max(predicted, columns + 1), farthest * columns));
  }

  /** Where a residual that is within the limit at `columns` probably came to it. */
  met(columns: number, residual: number, limit: number): number {
    const slope = this.slope(columns, residual);
    return slope > 0 && residual > 0 ? columns - Math.log(limit / residual) / slope : columns;
  }

  /** By how much the logarithm of the residual fell with a column. */
  private slope(columns: number, residual: number): number {
    const { last } = this;
    return last === null ? this.usualSlope : Math.log(last.residual / residual) / (columns - last.columns);
  }
}

/** The basis is widened to float64 in panels of about this many elements. */
const panelElements = 1 << 20;

/** Ritz vectors on the small side, float32 row-major small × columns, by descending Ritz value. */
export interface RitzBasis {
  columns: number;
  /** Dimension of a space that holds it to the tolerance, as far as can be told from the looks at one that does. */
  space: number;
  data: Float32Array;
  /** All Ritz values of A in that space, descending: squares of approximate singular values of W. */
  theta: Float64Array;
}

interface RitzCheck {
  /** Ritz values of A, descending: the squares of singular values of W. */
  theta: Float64Array;
  /** ‖A·v − θ·v‖/√θ of the leading ones asked for: the residual of the singular pair. */
  residuals: Float64Array;
}

export class KrylovSpace {
  /** Dimension so far. */
  columns = 0;
  private readonly size: number;
  /** Elements from one basis vector to the next. */
  private readonly stride: number;
  /** Qᵀ: one basis vector a row of length `size`, zeros up to `stride` behind it. */
  private rows = new Float32Array(0);
  /** T, row by row, with room for more. */
  private projection = new Float64Array(0);
  private capacity = 0;
  /** How the last block couples to the next: AX_j = … + X_{j+1}·coupling, and its transpose (AX_j)ᵀX_{j+1}, the block of T. */
  private coupling = block(0, 0);
  private neighbour: Block;
  /** The block before the newest. */
  private previous: Block;
  private readonly pool = new BlockPool();
  /** Columns that are projected, as rows, and what of them lies outside the basis. */
  private projected32 = new Float32Array(0);
  private outside32 = new Float32Array(0);
  private checked: { reduced: Tridiagonal; values: Float64Array } | null = null;

  /** @param operator prepared for as many columns. */
  constructor(
    private readonly operator: MatrixOperator,
    private readonly gemm: Gemm,
    private readonly dense: DenseKernels,
    private readonly seed: number,
    private newest: Block,
    /** What it will probably grow to. */
    expected: number,
  ) {
    this.size = operator.small;
    this.stride = operator.stride;
    this.previous = block(this.size, 0);
    this.neighbour = block(0, newest.columns);
    this.reserve(Math.min(expected, operator.small));
  }

  /** Adds the next block: one product with W and one with Wᵀ. The space never exceeds the small side. */
  async grow(): Promise<void> {
    const { size, gemm, previous, pool } = this;
    if (this.columns === 0) {
      this.newest = (await this.freshColumns(this.newest, this.newest.columns)).fresh;
    }
    const { newest } = this;
    const width = newest.columns;
    const applied = await this.operator.applyGram(this.append(newest), width);
    const image = pool.take(size, width);
    image.data.set(applied.subarray(0, size * width));
    const own = await innerProduct(gemm, newest, image);
    this.extendProjection(own);
    // Of the blocks before, only the last two are not orthogonal to A·X but for rounding.
    const beside = await this.without(image, newest, own);
    const remainder = await this.without(beside, previous, this.neighbour);
    const { fresh, inside } = await this.freshColumns(remainder, Math.min(width, size - this.columns));
    this.neighbour = await innerProduct(gemm, image, fresh);
    this.coupling = block(fresh.columns, width, transposeOf(this.neighbour.data, width, fresh.columns));
    await this.extendFar(inside, remainder);
    pool.give(image, remainder, beside, previous);
    this.previous = newest;
    this.newest = fresh;
  }

  /** Ritz values and the residuals of the `count` leading ones, without forming a vector. */
  check(count: number): RitzCheck {
    const { columns, coupling } = this;
    const width = coupling.columns;
    const reduced = this.dense.reduce(this.projected(), columns);
    const { values, tails } = this.dense.eigenTails(reduced, width);
    this.checked = { reduced, values };
    const theta = values.map((value) => Math.max(value, 0));
    const residuals = Float64Array.from({ length: Math.min(count, columns) }, (_, i) => {
      let sum = 0;
      for (let row = 0; row < coupling.rows; row++) {
        let value = 0;
        for (let j = 0; j < width; j++) value += coupling.data[row * width + j]! * tails[i * width + j]!;
        sum += value * value;
      }
      return theta[i]! > 0 ? Math.sqrt(sum / theta[i]!) : 0;
    });
    return { theta, residuals };
  }

  /** The `count` leading Ritz vectors on the small side, row-major small × count, combined in float64 and rounded once. */
  async ritzVectors(count: number): Promise<Float32Array> {
    const { columns, size } = this;
    const vectors = this.leadingOfProjection(count);
    const data = new Float32Array(size * count);
    const step = Math.max(1, Math.floor(panelElements / columns));
    for (let from = 0; from < size; from += step) {
      const rows = Math.min(step, size - from);
      const panel = new Float64Array(columns * rows);
      for (let i = 0; i < columns; i++) {
        const at = i * this.stride + from;
        panel.set(this.rows.subarray(at, at + rows), i * rows);
      }
      const shape = { m: rows, n: count, k: columns, transA: true, transB: true };
      data.set(await this.gemm.multiply64(shape, panel, vectors), from * count);
    }
    return data;
  }

  /** `count` leading eigenvectors of T (count × columns); the work of a check of the same space is used again. */
  private leadingOfProjection(count: number): Float64Array {
    const { columns, checked } = this;
    const known =
      checked?.reduced.n === columns && 2 * count <= columns
        ? this.dense.vectorsOf(checked.reduced, checked.values, count)
        : null;
    return known ?? this.dense.symmetricEigen(this.projected(), columns, count).vectors;
  }

  /**
   * `width` orthonormal columns with the span of x outside the basis. What remains after a cancellation is mostly rounding
   * and lies within the basis again, so projecting is repeated until it takes nothing away any more. `inside` is what the
   * first columns had within the basis, columns × width.
   */
  private async freshColumns(x: Block, width: number): Promise<{ fresh: Block; inside: Float32Array }> {
    const { gemm, dense, size, stride, pool } = this;
    if (width === 0) return { fresh: block(size, 0), inside: new Float32Array(0) };
    const wanted = width === x.columns ? x : columnsOf(x, 0, width);
    let fresh = await orthonormalize(gemm, dense, wanted, this.seed + this.columns, true, pool);
    let first: Float32Array | null = null;
    for (let round = 1; round <= 4; round++) {
      const rows = this.asRows(fresh);
      if (fresh !== x) pool.give(fresh);
      const { inside, outside: outsideRows } = await this.project(rows, width);
      first ??= inside;
      const outside = fromRows(outsideRows, stride, pool.take(size, width));
      fresh = await orthonormalize(gemm, dense, outside, this.seed + this.columns + round, false, pool);
      if (fresh !== outside) pool.give(outside);
      if (inside.every((value) => Math.abs(value) < 0.01)) break;
    }
    // T must belong to the basis as it is stored.
    const { data } = fresh;
    for (let i = 0; i < data.length; i++) data[i] = Math.fround(data[i]!);
    return { fresh, inside: first ?? new Float32Array(0) };
  }

  /** Takes the columns of x into the basis; returns them as rows. */
  private append(x: Block): Float32Array {
    const { stride } = this;
    const from = this.columns;
    this.reserve(from + x.columns);
    this.columns += x.columns;
    const added = this.rows.subarray(from * stride, this.columns * stride);
    toRows(x, stride, added);
    return added;
  }

  /** The columns of a block as float32 rows, zeros behind each up to `stride`; valid until the next call. */
  private asRows(x: Block): Float32Array {
    const length = this.stride * x.columns;
    if (this.projected32.length !== length) this.projected32 = new Float32Array(length);
    toRows(x, this.stride, this.projected32);
    return this.projected32;
  }

  /** X − Y·M. */
  private async without(x: Block, y: Block, m: Block): Promise<Block> {
    const { gemm, pool } = this;
    const result = pool.take(x.rows, x.columns);
    const shape = { m: x.rows, n: x.columns, k: y.columns };
    await gemm.multiply64(shape, y.data, negated(m.data), result.data, x.data);
    return result;
  }

  /**
   * What `width` float32 columns, stored as rows with zeros behind each up to `stride`, have inside the basis, Qᵀx, and outside,
   * x − Q·(Qᵀx), as rows that are valid until the next call.
   */
  private async project(
    x: Float32Array,
    width: number,
  ): Promise<{ inside: Float32Array; outside: Float32Array }> {
    const { columns, stride, gemm } = this;
    const basis = this.rows.subarray(0, columns * stride);
    const shape = { m: columns, n: width, k: stride, transB: true };
    const inside = await gemm.multiply32(shape, basis, x);
    const within = { m: width, n: stride, k: columns, transA: true };
    if (this.outside32.length !== x.length) this.outside32 = new Float32Array(x.length);
    const outside = await gemm.multiply32(within, negated(inside), basis, this.outside32, x);
    return { inside, outside };
  }

  /**
   * Takes what A·X of the newest block has within the blocks before its neighbour: rounding, but of the size of σ₁², and
   * the vectors of small singular values feel it. Of the remainder it is `inside` times the coupling; where nothing came
   * after it, it is looked for directly.
   */
  private async extendFar(inside: Float32Array, remainder: Block): Promise<void> {
    const { columns, capacity, projection, coupling, gemm } = this;
    const width = remainder.columns;
    let part: Float64Array | Float32Array;
    if (coupling.rows === width) {
      const shape = { m: columns, n: width, k: width };
      part = await gemm.multiply64(shape, new Float64Array(inside), coupling.data);
    } else {
      part = (await this.project(this.asRows(remainder), width)).inside;
    }
    const from = columns - width;
    for (let i = 0; i < from - this.previous.columns; i++) {
      for (let j = 0; j < width; j++) {
        projection[i * capacity + from + j] = part[i * width + j]!;
        projection[(from + j) * capacity + i] = part[i * width + j]!;
      }
    }
  }

  /** Takes XᵀA·X of the newest block, and its neighbour with the one before, as the last columns and rows of T. */
  private extendProjection(own: Block): void {
    const { columns, capacity, projection, neighbour } = this;
    const width = own.columns;
    const from = columns - width;
    const touching = from - neighbour.rows;
    for (let i = touching; i < columns; i++) {
      for (let j = 0; j < width; j++) {
        const value =
          i >= from
            ? (own.data[(i - from) * width + j]! + own.data[j * width + i - from]!) / 2
            : neighbour.data[(i - touching) * width + j]!;
        projection[i * capacity + from + j] = value;
        projection[(from + j) * capacity + i] = value;
      }
    }
  }

  /** T without the spare room. */
  private projected(): Float64Array {
    const { columns, capacity } = this;
    const result = new Float64Array(columns * columns);
    for (let i = 0; i < columns; i++) {
      result.set(this.projection.subarray(i * capacity, i * capacity + columns), i * columns);
    }
    return result;
  }

  private reserve(columns: number): void {
    if (columns <= this.capacity) return;
    const capacity = Math.min(this.size, Math.max(columns, Math.ceil(1.25 * this.capacity)));
    const rows = new Float32Array(capacity * this.stride);
    rows.set(this.rows);
    const projection = new Float64Array(capacity * capacity);
    for (let i = 0; i < this.columns; i++) {
      const from = i * this.capacity;
      projection.set(this.projection.subarray(from, from + this.columns), i * capacity);
    }
    this.rows = rows;
    this.projection = projection;
    this.capacity = capacity;
  }
}

function negated<T extends Float32Array | Float64Array>(values: T): T {
  const result = values.slice() as T;
  for (let i = 0; i < result.length; i++) result[i] = -result[i]!;
  return result;
}

/** target ← the columns as rows `stride` elements apart; what lies between them is left as it is. */
function toRows({ rows: size, columns: width, data }: Block, stride: number, target: Float32Array): void {
  for (let i = 0, from = 0; i < size; i++) {
    for (let j = 0, to = i; j < width; j++, to += stride, from++) target[to] = data[from]!;
  }
}

/** Columns that are stored as rows. */
function fromRows(rows: Float32Array, stride: number, columns: Block): Block {
  const { data, rows: size, columns: width } = columns;
  for (let i = 0, to = 0; i < size; i++) {
    for (let j = 0, from = i; j < width; j++, from += stride, to++) data[to] = rows[from]!;
  }
  return columns;
}
