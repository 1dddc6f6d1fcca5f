// Typed wrapper of dist/linalg.wasm: small dense float64 problems. Arrays are copied in and out; one instance is single-threaded and reuses one growing memory.
import { ThreeGateError } from '../../shared/errors.ts';
import { Arena } from './arena.ts';
import { paddedLength } from './padding.ts';

interface Exports {
  tridiagonalize(n: number, a: number, stride: number, diagonal: number, off: number, work: number): void;
  tridiagonalEigen(n: number, diagonal: number, off: number, vectors: number, width: number): number;
  backTransform(n: number, a: number, stride: number, vectors: number, count: number): void;
  forwardTransform(n: number, a: number, stride: number, vectors: number, count: number): void;
  inverseIteration(
    n: number,
    diagonal: number,
    off: number,
    values: number,
    count: number,
    vectors: number,
    work: number,
  ): number;
  choleskyInverse(n: number, g: number, inverse: number, floor: number): number;
}

interface SymmetricEigen {
  /** Descending. */
  values: Float64Array;
  /** count × n, row i the unit eigenvector of values[i]. */
  vectors: Float64Array;
}

/** A symmetric matrix in tridiagonal form, with the reflectors that lead there. */
export interface Tridiagonal {
  n: number;
  /** n rows, `stride` elements apart: row i holds the reflector that acted on coordinates 0…i−1. */
  reflectors: Float64Array;
  stride: number;
  diagonal: Float64Array;
  /** off[i] couples i and i+1. */
  off: Float64Array;
}

export class DenseKernels {
  private readonly arena: Arena<Exports>;

  /** @param module compiled from `assembly/`. */
  constructor(module: WebAssembly.Module) {
    this.arena = new Arena(module);
  }

  /** Eigenvalues (descending) and the `count` leading eigenvectors of a symmetric n × n matrix; its lower triangle is read. */
  symmetricEigen(matrix: Float64Array, n: number, count: number): SymmetricEigen {
    // A few vectors of many come one by one; the QL sweeps would make all of them, at 3·n³.
    if (2 * count > n) return this.wholeEigen(matrix, n, count);
    const reduced = this.reduce(matrix, n);
    const values = this.eigenvalues(reduced);
    const vectors = this.vectorsOf(reduced, values, count);
    return vectors === null ? this.wholeEigen(matrix, n, count) : { values, vectors };
  }

  /** Eigenvalues (descending), and the eigenvectors of the `count` first and the `count` last of them, count ≤ n/4. */
  symmetricEnds(
    matrix: Float64Array,
    n: number,
    count: number,
  ): { values: Float64Array; leading: Float64Array; trailing: Float64Array } {
    const reduced = this.reduce(matrix, n);
    const values = this.eigenvalues(reduced);
    const leading = this.vectorsOf(reduced, values, count);
    const trailing = this.vectorsOf(reduced, values.subarray(n - count), count);
    if (leading !== null && trailing !== null) return { values, leading, trailing };
    const { vectors } = this.wholeEigen(matrix, n, n);
    return { values, leading: vectors.slice(0, count * n), trailing: vectors.slice((n - count) * n) };
  }

  /** Eigenvalues alone, descending. */
  symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
    return this.eigenvalues(this.reduce(matrix, n));
  }

  /** Tridiagonal form of a symmetric n × n matrix, its lower triangle read: 4/3·n³, most of every eigenproblem here. */
  reduce(matrix: Float64Array, n: number): Tridiagonal {
    const stride = paddedLength(n, 8);
    const [a, diagonal, off, work] = this.arena.reserve([8 * n * stride, 8 * n, 8 * n, 16 * n]);
    this.fill(a, stride, matrix, n);
    this.arena.run.tridiagonalize(n, a, stride, diagonal, off, work);
    return {
      n,
      reflectors: this.arena.doubles(a, n * stride).slice(),
      stride,
      diagonal: this.arena.doubles(diagonal, n).slice(),
      off: this.arena.doubles(off, n).slice(),
    };
  }

  /** Descending. */
  private eigenvalues({ n, diagonal, off }: Tridiagonal): Float64Array {
    const [values, couplings] = this.arena.reserve([8 * n, 8 * n]);
    this.arena.doubles(values, n).set(diagonal);
    this.arena.doubles(couplings, n).set(off);
    this.settle(this.arena.run.tridiagonalEigen(n, values, couplings, 0, 0), n);
    return this.arena.doubles(values, n).slice().sort().reverse();
  }

  /**
   * Eigenvalues, descending, and of every eigenvector its last `width` coordinates (n × width, row i to values[i]): all
   * that the residuals of a block Lanczos process need, at little more than the cost of the values.
   */
  eigenTails(
    { n, reflectors, stride, diagonal, off }: Tridiagonal,
    width: number,
  ): { values: Float64Array; tails: Float64Array } {
    const [a, units, tails, values, couplings] = this.arena.reserve([
      8 * n * stride,
      8 * width * n,
      8 * n * width,
      8 * n,
      8 * n,
    ]);
    this.arena.doubles(a, n * stride).set(reflectors);
    this.arena.doubles(values, n).set(diagonal);
    this.arena.doubles(couplings, n).set(off);
    const rows = this.arena.doubles(units, width * n).fill(0);
    for (let j = 0; j < width; j++) rows[j * n + n - width + j] = 1;
    this.arena.run.forwardTransform(n, a, stride, units, width);
    const coordinates = this.arena.doubles(tails, n * width);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < width; j++) coordinates[i * width + j] = rows[j * n + i]!;
    }
    this.settle(this.arena.run.tridiagonalEigen(n, values, couplings, tails, width), n);
    const found = this.arena.doubles(values, n).slice();
    const ordered = new Float64Array(n * width);
    descendingOrder(found).forEach((from, to) => {
      ordered.set(coordinates.subarray(from * width, (from + 1) * width), to * width);
    });
    return { values: found.sort().reverse(), tails: ordered };
  }

  /** Eigenvectors (count × n) of the `count` first of these descending eigenvalues, by inverse iteration; null where one does not settle. */
  vectorsOf(
    { n, reflectors, stride, diagonal, off }: Tridiagonal,
    values: Float64Array,
    count: number,
  ): Float64Array | null {
    const [a, vectors, first, second, wanted, work] = this.arena.reserve([
      8 * n * stride,
      8 * count * n,
      8 * n,
      8 * n,
      8 * n,
      40 * n,
    ]);
    this.arena.doubles(a, n * stride).set(reflectors);
    this.arena.doubles(first, n).set(diagonal);
    this.arena.doubles(second, n).set(off);
    this.arena.doubles(wanted, n).set(values);
    if (this.arena.run.inverseIteration(n, first, second, wanted, count, vectors, work) !== 0) return null;
    this.arena.run.backTransform(n, a, stride, vectors, count);
    return this.arena.doubles(vectors, count * n).slice();
  }

  /** By QL sweeps on all vectors at once. */
  private wholeEigen(matrix: Float64Array, n: number, count: number): SymmetricEigen {
    const stride = paddedLength(n, 8);
    const [a, vectors, diagonal, off, work] = this.arena.reserve([
      8 * n * stride,
      8 * n * n,
      8 * n,
      8 * n,
      16 * n,
    ]);
    this.fill(a, stride, matrix, n);
    this.arena.run.tridiagonalize(n, a, stride, diagonal, off, work);
    const identity = this.arena.doubles(vectors, n * n).fill(0);
    for (let i = 0; i < n; i++) identity[i * n + i] = 1;
    this.settle(this.arena.run.tridiagonalEigen(n, diagonal, off, vectors, n), n);
    const values = this.arena.doubles(diagonal, n).slice();
    const order = descendingOrder(values);
    // The rows wanted are gathered in order first, so that only they are carried back.
    const all = this.arena.doubles(vectors, n * n);
    const leading = new Float64Array(count * n);
    for (let i = 0; i < count; i++) leading.set(all.subarray(order[i]! * n, order[i]! * n + n), i * n);
    all.set(leading);
    this.arena.run.backTransform(n, a, stride, vectors, count);
    return { values: values.sort().reverse(), vectors: this.arena.doubles(vectors, count * n).slice() };
  }

  /**
   * L⁻¹ (n × n, lower) of the Cholesky factor G = L·Lᵀ; null when a pivot falls below `floor` times its diagonal entry,
   * i.e. when G is not safely positive definite.
   */
  choleskyInverse(gram: Float64Array, n: number, floor: number): Float64Array | null {
    const [g, inverse] = this.arena.reserve([8 * n * n, 8 * n * n]);
    this.arena.doubles(g, n * n).set(gram);
    if (this.arena.run.choleskyInverse(n, g, inverse, floor) !== 0) return null;
    return this.arena.doubles(inverse, n * n).slice();
  }

  /** A symmetric n × n matrix at this address, in rows `stride` elements apart. */
  private fill(address: number, stride: number, matrix: Float64Array, n: number): void {
    const rows = this.arena.doubles(address, n * stride);
    for (let i = 0; i < n; i++) rows.set(matrix.subarray(i * n, i * n + i + 1), i * stride);
  }

  private settle(failed: number, n: number): void {
    if (failed === 0) return;
    throw new ThreeGateError(
      'not-converged',
      `Eigenvalue ${failed} of a ${n} × ${n} symmetric matrix did not settle in 60 QL sweeps.`,
    );
  }
}

function descendingOrder(values: Float64Array): number[] {
  return [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
}
