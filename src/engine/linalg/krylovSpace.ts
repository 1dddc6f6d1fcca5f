// A block Krylov space of A = W*W on the small side, span{X, AX, A²X, …}, with an orthonormal basis Q and the
// projection T = QᵀAQ (Golub & Underwood 1977; Golub & Van Loan, 4th ed., 10.3.6). Narrow blocks make every column
// count: the space reaches the leading directions with a fraction of the products that subspace iteration needs.
// Products and the basis are float32, T and its eigenproblem float64. T is block tridiagonal but for rounding; every
// block is orthogonalised against the whole basis all the same: that is a GEMM, and no spurious copies appear. Cost per
// column: 4·m·n + 4·small·dimension.
import {
  block,
  columnsOf,
  innerProduct,
  orthonormalize,
  difference,
  timesSmall,
  type Block,
} from './block.ts';
import type { DenseKernels, Tridiagonal } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import type { MatrixOperator } from './matrixOperator.ts';

/** Residuals fall by about the same factor with every column: at which dimension one should be within a limit. */
export class ResidualForecast {
  private last: { columns: number; residual: number } | null = null;

  /** @param usualSlope by how much the logarithm of the residual falls with a column, before it was seen. */
  constructor(private readonly usualSlope: number) {}

  /** A dimension beyond `columns`, within reach of what was seen. */
  next(columns: number, residual: number, limit: number): number {
    const { last } = this;
    this.last = { columns, residual };
    const slope =
      last === null ? this.usualSlope : Math.log(last.residual / residual) / (columns - last.columns);
    const predicted = slope > 0 ? columns + Math.log(residual / limit) / slope : Infinity;
    return Math.ceil(Math.min(Math.max(predicted, columns + 1), 1.2 * columns));
  }
}

/** The basis is widened to float64 in panels of about this many elements. */
const panelElements = 1 << 20;

/** Ritz vectors on the small side, float32 row-major small × columns, by descending Ritz value. */
export interface RitzBasis {
  columns: number;
  /** Dimension of the space that it was taken from. */
  space: number;
  data: Float32Array;
}

export interface RitzCheck {
  /** Ritz values of A, descending: the squares of singular values of W. */
  theta: Float64Array;
  /** ‖A·v − θ·v‖/√θ of the leading ones asked for: the residual of the singular pair. */
  residuals: Float64Array;
}

export class KrylovSpace {
  /** Dimension so far. */
  columns = 0;
  private readonly size: number;
  /** Qᵀ: one basis vector a row of length `size`. */
  private rows = new Float32Array(0);
  /** T, row by row, with room for more. */
  private projection = new Float64Array(0);
  private capacity = 0;
  /** How the last block couples to the next: AX_j = … + X_{j+1}·coupling, and (AX_j)ᵀX_{j+1}, the block of T. */
  private coupling = block(0, 0);
  private neighbour: Block;
  /** The block before the newest. */
  private previous: Block;
  private checked: { reduced: Tridiagonal; values: Float64Array } | null = null;

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
    this.previous = block(this.size, 0);
    this.neighbour = block(0, newest.columns);
    this.reserve(Math.min(expected, operator.small));
  }

  /** Adds the next block: one product with W and one with Wᵀ. The space never exceeds the small side. */
  async grow(): Promise<void> {
    const { size, gemm, previous } = this;
    if (this.columns === 0) {
      this.newest = (await this.freshColumns(this.newest, this.newest.columns)).fresh;
    }
    const { newest } = this;
    const width = newest.columns;
    const applied = await this.operator.applyGram(this.append(newest), width);
    const image = block(size, width, new Float64Array(applied));
    const own = await innerProduct(gemm, newest, image);
    this.extendProjection(own);
    // Of the blocks before, only the last two are not orthogonal to A·X but for rounding.
    const alongNewest = await timesSmall(gemm, newest, own);
    const alongPrevious = await timesSmall(gemm, previous, this.neighbour);
    const remainder = difference(image, alongNewest, alongPrevious);
    const { fresh, inside } = await this.freshColumns(remainder, Math.min(width, size - this.columns));
    this.coupling = await innerProduct(gemm, fresh, remainder);
    this.neighbour = await innerProduct(gemm, image, fresh);
    await this.extendFar(inside, remainder);
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

  /** The `count` leading Ritz vectors, combined in float64 and rounded once. */
  async ritzVectors(count: number): Promise<RitzBasis> {
    const { columns, size } = this;
    const vectors = this.leadingOfProjection(count);
    const data = new Float32Array(size * count);
    const step = Math.max(1, Math.floor(panelElements / columns));
    for (let from = 0; from < size; from += step) {
      const rows = Math.min(step, size - from);
      const panel = new Float64Array(columns * rows);
      for (let i = 0; i < columns; i++) {
        const at = i * size + from;
        panel.set(this.rows.subarray(at, at + rows), i * rows);
      }
      const shape = { m: rows, n: count, k: columns, transA: true, transB: true };
      data.set(await this.gemm.multiply64(shape, panel, vectors), from * count);
    }
    return { columns: count, space: columns, data };
  }

  /** `count` leading eigenvectors of T (count × columns); the work of a check of the same space is used again. */
  private leadingOfProjection(count: number): Float64Array {
    const { columns, checked } = this;
    const known =
      checked?.reduced.n === columns && 2 * count <= columns
        ? this.dense.leadingVectors(checked.reduced, checked.values, count)
        : null;
    return known ?? this.dense.symmetricEigen(this.projected(), columns, count).vectors;
  }

  /**
   * `width` orthonormal columns with the span of x outside the basis. What remains after a cancellation is mostly rounding
   * and lies within the basis again, so projecting is repeated until it takes nothing away any more. `inside` is what the
   * first columns had within the basis, columns × width.
   */
  private async freshColumns(x: Block, width: number): Promise<{ fresh: Block; inside: Float32Array }> {
    const { gemm, dense, size } = this;
    if (width === 0) return { fresh: block(size, 0), inside: new Float32Array(0) };
    const wanted = width === x.columns ? x : columnsOf(x, 0, width);
    let fresh = await orthonormalize(gemm, dense, wanted, this.seed + this.columns, true);
    let first: Float32Array | null = null;
    for (let round = 1; round <= 4; round++) {
      const columns = new Float32Array(fresh.data);
      const inside = await this.project(columns, width);
      first ??= inside;
      const outside = block(size, width, new Float64Array(columns));
      fresh = await orthonormalize(gemm, dense, outside, this.seed + this.columns + round);
      if (inside.every((value) => Math.abs(value) < 0.01)) break;
    }
    // T must belong to the basis as it is stored.
    fresh = block(size, width, new Float64Array(new Float32Array(fresh.data)));
    return { fresh, inside: first ?? new Float32Array(0) };
  }

  /** Takes the columns of x into the basis; returns them as rows. */
  private append({ columns: width, data }: Block): Float32Array {
    const { size } = this;
    this.reserve(this.columns + width);
    const added = this.rows.subarray(this.columns * size, (this.columns + width) * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < width; j++) added[j * size + i] = data[i * width + j]!;
    }
    this.columns += width;
    return added;
  }

  /** x ← x − Q·(Qᵀx) for a float32 block size × width; returns Qᵀx. */
  private async project(x: Float32Array, width: number): Promise<Float32Array> {
    const { columns, size, gemm } = this;
    const basis = this.rows.subarray(0, columns * size);
    const coefficients = await gemm.multiply32({ m: columns, n: width, k: size }, basis, x);
    const inside = await gemm.multiply32(
      { m: size, n: width, k: columns, transA: true },
      basis,
      coefficients,
    );
    for (let i = 0; i < x.length; i++) x[i]! -= inside[i]!;
    return coefficients;
  }

  /**
   * Takes what A·X of the newest block has within the blocks before its neighbour: rounding, but of the size of σ₁², and
   * the vectors of small singular values feel it. Of the remainder it is `inside` times the coupling; where nothing came
   * after it, it is looked for directly.
   */
  private async extendFar(inside: Float32Array, remainder: Block): Promise<void> {
    const { columns, capacity, projection, coupling, gemm } = this;
    const width = remainder.columns;
    const shape = { m: columns, n: width, k: width };
    const part =
      coupling.rows === width
        ? await gemm.multiply64(shape, new Float64Array(inside), coupling.data)
        : await this.project(new Float32Array(remainder.data), width);
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
    const rows = new Float32Array(capacity * this.size);
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
