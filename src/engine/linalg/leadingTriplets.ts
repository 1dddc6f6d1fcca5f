// The k leading singular triplets of a dense matrix W, controlled by their residuals.
// Small problems are solved whole from the float64 Gram matrix of the small side. Larger ones by a block polynomial
// Krylov method: Chebyshev-filtered subspace iteration with locking on W*W. Its products with W run in float32, every
// orthogonalisation and projection in float64, and a last float64 Rayleigh–Ritz step on W itself leaves second-order
// errors in the singular values. Memory: a few blocks small × q and one large × q. Cost: 4·m·n·q per filter degree.
import {
  block,
  columnNorms,
  columnsOf,
  joinColumns,
  orthonormalize,
  randomBlock,
  type Block,
} from './block.ts';
import { applyFilter, filterDegree } from './chebyshevFilter.ts';
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import type { MatrixOperator } from './matrixOperator.ts';
import { rayleighRitz, singularPairs } from './rayleighRitz.ts';

export interface Triplets {
  /** k leading singular values, descending. */
  sigma: Float64Array;
  /** σ_{k+1}; null when k = min(m, n). */
  next: number | null;
  /** large × k and small × k, orthonormal columns. */
  large: Block;
  small: Block;
  /** max_i ‖W*u_i − σ_i v_i‖/σ₁ over the k; the other side's residual is zero by construction. 0 for W = 0. */
  residual: number;
  /** Frobenius norm of the residuals of the k wanted vectors, and of all kept ones. */
  wantedResidual: number;
  keptResidual: number;
  /** σ_k less the smallest singular value kept: what separates the k wanted from the outside. */
  separation: number;
  /** What the iteration ended with; null where solved whole. */
  basis: RitzBasis | null;
  /** All min(m, n) singular values, where solved whole. */
  all: Float64Array | null;
}

export interface TripletOptions {
  rank: number;
  seed: number;
  /** Residual/σ₁ to reach. */
  tolerance: number;
  /** `basis` of a nearby matrix. Random columns are always mixed in, so that no new direction is missed. */
  start: RitzBasis | null;
  /** `basis` of this very matrix from an earlier run: used when it passes the residual test, else it is ignored. */
  known: RitzBasis | null;
}

/** Ritz vectors on the small side, float32 row-major small × columns, by descending Ritz value. */
export interface RitzBasis {
  columns: number;
  data: Float32Array;
}

/** Largest small side that is solved whole. */
export const denseLimit = 512;
const maximumRounds = 80;
const extraColumns = 16;

export async function leadingTriplets(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  options: TripletOptions,
): Promise<Triplets> {
  const { small } = operator;
  const kept = Math.min(small, options.rank + extraColumns);
  // A basis passes through float32 whether it was just found or recalled, so that both give the same bits.
  const fromBasis = async (basis: RitzBasis): Promise<Triplets> => {
    const leading = columnsOf(widened(basis, small), 0, kept);
    const v = await orthonormalize(gemm, dense, leading, block(small, 0), options.seed);
    return finish(operator, gemm, dense, v, options, { basis, all: null });
  };
  if (small <= denseLimit) {
    const { values, vectors } = dense.symmetricEigen(await operator.gram64(), small, kept);
    const all = values.map((value) => Math.sqrt(Math.max(value, 0)));
    return finish(operator, gemm, dense, transposed(vectors, kept, small), options, { basis: null, all });
  }
  if (options.known !== null) {
    const recalled = await fromBasis(options.known);
    if (recalled.residual <= 2 * options.tolerance) return recalled;
  }
  const { columns, data } = await filteredBasis(operator, gemm, dense, options);
  return fromBasis({ columns, data: new Float32Array(data) });
}

async function finish(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  v: Block,
  { rank, seed }: TripletOptions,
  rest: Pick<Triplets, 'basis' | 'all'>,
): Promise<Triplets> {
  const { sigma, large, small } = await singularPairs(operator, gemm, dense, v, seed);
  const kept = sigma.length;
  const difference = await operator.toSmall64(large);
  for (let i = 0; i < difference.rows; i++) {
    for (let j = 0; j < kept; j++) difference.data[i * kept + j]! -= sigma[j]! * small.data[i * kept + j]!;
  }
  const residuals = columnNorms(difference);
  const wanted = residuals.subarray(0, rank);
  return {
    sigma: sigma.slice(0, rank),
    next: sigma[rank] ?? null,
    large: columnsOf(large, 0, rank),
    small: columnsOf(small, 0, rank),
    residual: sigma[0]! > 0 ? wanted.reduce((a, b) => Math.max(a, b), 0) / sigma[0]! : 0,
    wantedResidual: Math.hypot(...wanted),
    keptResidual: Math.hypot(...residuals),
    separation: sigma[rank - 1]! - sigma[kept - 1]!,
    ...rest,
  };
}

/** Ritz vectors (descending) of a subspace that holds the rank+1 leading small-side singular vectors to the tolerance. */
async function filteredBasis(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  { rank, seed, tolerance, start }: TripletOptions,
): Promise<Block> {
  const { small } = operator;
  const width = Math.min(small, 2 * rank + extraColumns);
  let locked = block(small, 0);
  let active = startBlock(small, width, seed, start);
  let largest = 0;
  // How much a direction at σ_k has been amplified over the bulk: until it outweighs a random start, a leading
  // direction that the start does not contain could still be hidden.
  let amplification = 1;
  let best = Infinity;
  let stagnant = 0;
  for (let round = 0; ; round++) {
    active = await orthonormalize(gemm, dense, active, locked, seed + 31 * round);
    const ritz = await rayleighRitz(operator, gemm, dense, active);
    largest = Math.max(largest, ritz.theta[0]!);
    if (!(largest > 0)) return active;
    const wanted = Math.min(rank + 1 - locked.columns, active.columns);
    const limit = tolerance * Math.sqrt(largest);
    const worst = ritz.residuals.subarray(0, wanted).reduce((a, b) => Math.max(a, b), 0);
    stagnant = worst < 0.7 * best ? 0 : stagnant + 1;
    best = Math.min(best, worst);
    const unsearched = (10 * Math.sqrt(small)) / amplification;
    if ((unsearched <= 1 && (worst <= limit || stagnant >= 8)) || round === maximumRounds) {
      return joinColumns(locked, ritz.vectors);
    }
    const settled = countBelow(
      ritz.residuals,
      Math.min(wanted - 1, active.columns - extraColumns),
      0.3 * limit,
    );
    const { vectors, image, theta } = ritz;
    if (settled > 0) locked = joinColumns(locked, columnsOf(vectors, 0, settled));
    // The last columns lag behind (random ones were mixed in): they would put the bound too low.
    const bound = theta[Math.max(wanted, theta.length - extraColumns) - 1]!;
    const plan = filterDegree(
      theta[settled]!,
      theta[wanted - 1]!,
      bound,
      Math.max((4 * worst) / limit, unsearched, 10),
    );
    amplification *= plan.gain;
    active = await applyFilter(
      operator,
      gemm,
      columnsOf(vectors, settled, active.columns),
      withoutColumns(image, active.columns, settled),
      locked,
      { bound, largest: theta[settled]!, degree: plan.degree },
    );
  }
}

function widened({ columns, data }: RitzBasis, rows: number): Block {
  return block(rows, columns, new Float64Array(data));
}

function startBlock(rows: number, width: number, seed: number, start: RitzBasis | null): Block {
  if (start === null) return randomBlock(rows, width, seed);
  const known = columnsOf(widened(start, rows), 0, Math.min(start.columns, width - extraColumns));
  return joinColumns(known, randomBlock(rows, width - known.columns, seed));
}

/** A float32 row-major block without its first columns. */
function withoutColumns(data: Float32Array, columns: number, first: number): Float32Array {
  if (first === 0) return data;
  const width = columns - first;
  const result = new Float32Array((data.length / columns) * width);
  for (let at = first, to = 0; to < result.length; at += columns, to += width) {
    result.set(data.subarray(at, at + width), to);
  }
  return result;
}

function countBelow(values: Float64Array, upTo: number, limit: number): number {
  let count = 0;
  while (count < upTo && values[count]! <= limit) count += 1;
  return count;
}

/** Rows of `vectors` (count × n) as the columns of a block. */
function transposed(vectors: Float64Array, count: number, n: number): Block {
  const result = block(n, count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < n; j++) result.data[j * count + i] = vectors[i * n + j]!;
  }
  return result;
}
