// Typed wrapper of dist/linalg.wasm: small dense float64 problems and the elementwise passes of Gate II.
// Arrays are copied in and out; one instance is single-threaded and reuses one growing memory.
import { ThreeGateError } from '../../shared/errors.ts';

interface Exports {
  arenaStart(): number;
  tridiagonalize(n: number, a: number, diagonal: number, off: number, work: number): void;
  tridiagonalEigen(n: number, diagonal: number, off: number, vectors: number, width: number): number;
  backTransform(n: number, a: number, vectors: number, count: number): void;
  forwardTransform(n: number, a: number, vectors: number, count: number): void;
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
  histogramHigh(values: number, count: number, bins: number): void;
  histogramLow(values: number, count: number, high: number, bins: number): void;
  widenBase(words: number, count: number): void;
  widenTuned(words: number, count: number): void;
  widenDifference(words: number, count: number): void;
  histogramPacked(words: number, count: number, bins: number): void;
  countMasks(base: number, tuned: number, reconstruction: number, count: number, ...limits: MaskLimits): void;
  countPackedMasks(words: number, reconstruction: number, count: number, ...limits: MaskLimits): void;
}

/** What the kernels of the masks take beside the elements: limits, then where they count. */
type MaskLimits = [
  from: number,
  to: number,
  lowBits: number,
  eta: number,
  counts: number,
  energies: number,
  between: number,
];

/** What was counted over panels of a matrix pair so far. */
export interface MaskTally {
  /** Members of M_princ, M_low, U and of their intersections: P, L, U, PL, PU, LU, PLU. */
  members: Float64Array;
  /** ‖W‖²_F and ‖Δ‖²_F. */
  energies: Float64Array;
  /**
   * Of the elements whose |W⁽ᵏ⁾| lies between the limits, how many there are of each: four tables of `to` − `from`, for
   * elements neither in M_low nor in U, in M_low, in U, and in both.
   */
  between: Uint32Array;
}

/** Bits of |x| from where on elements are counted apart, and from where on they belong to M_princ; of the largest in M_low. */
export interface MaskRange {
  from: number;
  to: number;
  lowBits: number;
  eta: number;
}

/** Both sides of a panel. */
export type PairPanel = { base: Float32Array; tuned: Float32Array } | { packed: Uint32Array };

export interface SymmetricEigen {
  /** Descending. */
  values: Float64Array;
  /** count × n, row i the unit eigenvector of values[i]. */
  vectors: Float64Array;
}

/** A symmetric matrix in tridiagonal form, with the reflectors that lead there. */
export interface Tridiagonal {
  n: number;
  /** n × n, row-major: row i holds the reflector that acted on coordinates 0…i−1. */
  reflectors: Float64Array;
  diagonal: Float64Array;
  /** off[i] couples i and i+1. */
  off: Float64Array;
}

const pageBytes = 65_536;
/** Words that are widened at once: they stay in a core's cache. */
const widenedWords = 1 << 14;
const wideners = { base: 'widenBase', tuned: 'widenTuned', difference: 'widenDifference' } as const;

export class DenseKernels {
  private readonly memory: WebAssembly.Memory;
  private readonly exports: Exports;
  private readonly start: number;

  /** @param module compiled from `assembly/`. */
  constructor(module: WebAssembly.Module) {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory, abort: abortKernel } });
    this.exports = instance.exports as Exports;
    this.start = (this.exports.arenaStart() + 15) & ~15;
  }

  /** Eigenvalues (descending) and the `count` leading eigenvectors of a symmetric n × n matrix; its lower triangle is read. */
  symmetricEigen(matrix: Float64Array, n: number, count: number): SymmetricEigen {
    // A few vectors of many come one by one; the QL sweeps would make all of them, at 3·n³.
    if (2 * count > n) return this.wholeEigen(matrix, n, count);
    const reduced = this.reduce(matrix, n);
    const values = this.eigenvalues(reduced);
    const vectors = this.leadingVectors(reduced, values, count);
    return vectors === null ? this.wholeEigen(matrix, n, count) : { values, vectors };
  }

  /** Eigenvalues alone, descending. */
  symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
    return this.eigenvalues(this.reduce(matrix, n));
  }

  /** Tridiagonal form of a symmetric n × n matrix, its lower triangle read: 4/3·n³, most of every eigenproblem here. */
  reduce(matrix: Float64Array, n: number): Tridiagonal {
    const [a, diagonal, off, work] = this.reserve([8 * n * n, 8 * n, 8 * n, 16 * n]);
    this.doubles(a, n * n).set(matrix);
    this.exports.tridiagonalize(n, a, diagonal, off, work);
    return {
      n,
      reflectors: this.doubles(a, n * n).slice(),
      diagonal: this.doubles(diagonal, n).slice(),
      off: this.doubles(off, n).slice(),
    };
  }

  /** Descending. */
  private eigenvalues({ n, diagonal, off }: Tridiagonal): Float64Array {
    const [values, couplings] = this.reserve([8 * n, 8 * n]);
    this.doubles(values, n).set(diagonal);
    this.doubles(couplings, n).set(off);
    this.settle(this.exports.tridiagonalEigen(n, values, couplings, 0, 0), n);
    return this.doubles(values, n).slice().sort().reverse();
  }

  /**
   * Eigenvalues, descending, and of every eigenvector its last `width` coordinates (n × width, row i to values[i]): all
   * that the residuals of a block Lanczos process need, at little more than the cost of the values.
   */
  eigenTails(
    { n, reflectors, diagonal, off }: Tridiagonal,
    width: number,
  ): { values: Float64Array; tails: Float64Array } {
    const [a, units, tails, values, couplings] = this.reserve([
      8 * n * n,
      8 * width * n,
      8 * n * width,
      8 * n,
      8 * n,
    ]);
    this.doubles(a, n * n).set(reflectors);
    this.doubles(values, n).set(diagonal);
    this.doubles(couplings, n).set(off);
    const rows = this.doubles(units, width * n).fill(0);
    for (let j = 0; j < width; j++) rows[j * n + n - width + j] = 1;
    this.exports.forwardTransform(n, a, units, width);
    const coordinates = this.doubles(tails, n * width);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < width; j++) coordinates[i * width + j] = rows[j * n + i]!;
    }
    this.settle(this.exports.tridiagonalEigen(n, values, couplings, tails, width), n);
    const found = this.doubles(values, n).slice();
    const ordered = new Float64Array(n * width);
    descendingOrder(found).forEach((from, to) => {
      ordered.set(coordinates.subarray(from * width, (from + 1) * width), to * width);
    });
    return { values: found.sort().reverse(), tails: ordered };
  }

  /** Eigenvectors (count × n) of the `count` first of the descending eigenvalues, by inverse iteration; null where one does not settle. */
  leadingVectors(
    { n, reflectors, diagonal, off }: Tridiagonal,
    values: Float64Array,
    count: number,
  ): Float64Array | null {
    const [a, vectors, first, second, wanted, work] = this.reserve([
      8 * n * n,
      8 * count * n,
      8 * n,
      8 * n,
      8 * n,
      40 * n,
    ]);
    this.doubles(a, n * n).set(reflectors);
    this.doubles(first, n).set(diagonal);
    this.doubles(second, n).set(off);
    this.doubles(wanted, n).set(values);
    if (this.exports.inverseIteration(n, first, second, wanted, count, vectors, work) !== 0) return null;
    this.exports.backTransform(n, a, vectors, count);
    return this.doubles(vectors, count * n).slice();
  }

  /** By QL sweeps on all vectors at once. */
  private wholeEigen(matrix: Float64Array, n: number, count: number): SymmetricEigen {
    const size = 8 * n * n;
    const [a, vectors, diagonal, off, work] = this.reserve([size, size, 8 * n, 8 * n, 16 * n]);
    this.doubles(a, n * n).set(matrix);
    this.exports.tridiagonalize(n, a, diagonal, off, work);
    const identity = this.doubles(vectors, n * n).fill(0);
    for (let i = 0; i < n; i++) identity[i * n + i] = 1;
    this.settle(this.exports.tridiagonalEigen(n, diagonal, off, vectors, n), n);
    const values = this.doubles(diagonal, n).slice();
    const order = descendingOrder(values);
    // The rows wanted are gathered in order first, so that only they are carried back.
    const all = this.doubles(vectors, n * n);
    const leading = new Float64Array(count * n);
    for (let i = 0; i < count; i++) leading.set(all.subarray(order[i]! * n, order[i]! * n + n), i * n);
    all.set(leading);
    this.exports.backTransform(n, a, vectors, count);
    return { values: values.sort().reverse(), vectors: this.doubles(vectors, count * n).slice() };
  }

  /**
   * L⁻¹ (n × n, lower) of the Cholesky factor G = L·Lᵀ; null when a pivot falls below `floor` times its diagonal entry,
   * i.e. when G is not safely positive definite.
   */
  choleskyInverse(gram: Float64Array, n: number, floor: number): Float64Array | null {
    const [g, inverse] = this.reserve([8 * n * n, 8 * n * n]);
    this.doubles(g, n * n).set(gram);
    if (this.exports.choleskyInverse(n, g, inverse, floor) !== 0) return null;
    return this.doubles(inverse, n * n).slice();
  }

  /** Adds |values| to a histogram of their high 15 bits (32768 bins). */
  histogramHigh(values: Float32Array, bins: Float64Array): void {
    this.histogram(values, bins, (at, count, to) => {
      this.exports.histogramHigh(at, count, to);
    });
  }

  /** Adds the |values| of one high bin to a histogram of their low 16 bits (65536 bins). */
  histogramLow(values: Float32Array, high: number, bins: Float64Array): void {
    this.histogram(values, bins, (at, count, to) => {
      this.exports.histogramLow(at, count, high, to);
    });
  }

  /** Adds |base| of a packed panel to a histogram of the 15 bits of its bf16 without sign (32768 bins). */
  histogramPacked(words: Uint32Array, bins: Float64Array): void {
    this.histogram(new Float32Array(words.buffer, words.byteOffset, words.length), bins, (at, count, to) => {
      this.exports.histogramPacked(at, count, to);
    });
  }

  /** Adds one panel of a matrix pair and of W⁽ᵏ⁾, of one length, to the tally. */
  countMasks(sides: PairPanel, reconstruction: Float32Array, range: MaskRange, tally: MaskTally): void {
    const { length, byteLength: bytes } = reconstruction;
    const { between } = tally;
    const isPacked = 'packed' in sides;
    const [r, w, v, counts, sums, tables] = this.reserve([
      bytes,
      bytes,
      isPacked ? 0 : bytes,
      28,
      16,
      between.byteLength,
    ]);
    this.floats(r, length).set(reconstruction);
    const members = new Uint32Array(this.memory.buffer, counts, 7).fill(0);
    const energies = this.doubles(sums, 2).fill(0);
    const apart = new Uint32Array(this.memory.buffer, tables, between.length);
    apart.set(between);
    const { from, to, lowBits, eta } = range;
    const limits: MaskLimits = [from, to, lowBits, eta, counts, sums, tables];
    if (isPacked) {
      new Uint32Array(this.memory.buffer, w, length).set(sides.packed);
      this.exports.countPackedMasks(w, r, length, ...limits);
    } else {
      this.floats(w, length).set(sides.base);
      this.floats(v, length).set(sides.tuned);
      this.exports.countMasks(w, v, r, length, ...limits);
    }
    for (let i = 0; i < 7; i++) tally.members[i]! += members[i]!;
    for (let i = 0; i < 2; i++) tally.energies[i]! += energies[i]!;
    between.set(apart);
  }

  /** Of a packed pair (`rowSource.ts`) one side, or tuned less base, as float32; `target` may be the words' memory. */
  widen(words: Uint32Array, what: keyof typeof wideners, target: Float32Array): void {
    for (let from = 0; from < words.length; from += widenedWords) {
      const part = words.subarray(from, from + widenedWords);
      const [at] = this.reserve([part.byteLength]);
      new Uint32Array(this.memory.buffer, at, part.length).set(part);
      this.exports[wideners[what]](at, part.length);
      target.set(this.floats(at, part.length), from);
    }
  }

  private histogram(
    values: Float32Array,
    bins: Float64Array,
    run: (at: number, count: number, to: number) => void,
  ): void {
    const [at, to] = this.reserve([values.byteLength, 4 * bins.length]);
    this.floats(at, values.length).set(values);
    const counts = new Uint32Array(this.memory.buffer, to, bins.length).fill(0);
    run(at, values.length, to);
    for (let i = 0; i < bins.length; i++) bins[i]! += counts[i]!;
  }

  /** Addresses of arrays of these byte lengths, 16-byte aligned, valid until the next call. */
  private reserve<const Sizes extends number[]>(sizes: Sizes): { [Index in keyof Sizes]: number } {
    let end = this.start;
    const addresses = sizes.map((size) => {
      const at = end;
      end = (end + size + 15) & ~15;
      return at;
    });
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.memory.grow(missing);
    return addresses as { [Index in keyof Sizes]: number };
  }

  private doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }

  private floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
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

function abortKernel(): never {
  throw new ThreeGateError('internal', 'A numerical kernel stopped on an internal check.');
}
