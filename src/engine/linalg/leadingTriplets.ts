// The k leading singular triplets of a dense matrix W, controlled by their residuals.
// Small problems are solved whole from the float64 Gram matrix of the small side. Larger ones by a block Krylov space
// of W*W that grows until the residuals of its Ritz vectors pass: its products with W run in float32, its projected
// problem in float64, and a last float64 Rayleigh–Ritz step on W itself leaves second-order errors in the singular
// values. Memory: the space, about 5·k columns of the small side, and a few blocks large × k.
import {
  block,
  columnNorms,
  columnsOf,
  keepColumns,
  orthonormalize,
  randomBlock,
  transposeOf,
  type Block,
} from './block.ts';
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import { KrylovSpace, ResidualForecast, type RitzBasis } from './krylovSpace.ts';
import { extraColumns } from './layout.ts';
import type { MatrixOperator } from './matrixOperator.ts';
import { singularPairs } from './singularPairs.ts';

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
  /** Else squares of singular values as the search saw them: exact for the leading ones, below them for the rest. */
  ritz: Float64Array;
}

/** All singular values and the leading right or left singular vectors, of the small side. */
export interface WholeSpectrum {
  /** min(m, n), descending; each to ε·σ₁²/σ. */
  values: Float64Array;
  /** (k + a few) × small, a vector a row. */
  vectors: Float64Array;
}

export interface TripletOptions {
  seed: number;
  /** Residual/σ₁ to reach. */
  tolerance: number;
  /** `basis` of a nearby matrix. Random columns are always added, so that no new direction is missed. */
  start: RitzBasis | null;
}

/** Columns a step of the space: narrower ones reach further with as many columns, wider ones make faster products. */
const blockColumns = 16;
/** Share of random columns in a start from a nearby matrix, so that no new direction is missed. */
const randomShare = 1e-3;
/**
 * The residuals are estimated before the rounding of the float32 basis, and angles err by the residual over the gap: a
 * few more columns bring both down to that rounding.
 */
const safety = 0.1;
/** By how much the logarithm of the residual falls with a column, before it was seen: a little more than usual. */
const usualSlope = 0.06;
/** A look at a space of several hundred columns costs as much as three or four blocks. */
const aim = 0.5;
/** The space gives up at this many times the columns kept. */
const largestSpace = 24;
/** What it has room for at first, in the same units: a larger space is copied to where it fits. */
const roomEstimate = 5.75;
/** Dimension at which it is first looked at: this many times the columns wanted, or this share of what a nearby matrix took. */
const firstLook = 4.5;
const nearbyShare = 0.79;

/** As many as the operator's layout says, in the way that it says. */
export async function leadingTriplets(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  options: TripletOptions,
): Promise<Triplets> {
  const { small, layout } = operator;
  if (layout.triplets === 'whole') {
    return tripletsOf(await wholeSpectrum(operator, dense), operator, gemm, dense, options.seed);
  }
  const basis = await leadingBasis(operator, gemm, dense, options, keptColumns(operator));
  const leading = block(small, basis.columns, new Float64Array(basis.data));
  const v = await orthonormalize(gemm, dense, leading, options.seed);
  return finish(operator, gemm, dense, v, options.seed, { basis, all: null, ritz: basis.theta });
}

/** Of a small side that is solved whole: 4/3·small³ beside its Gram matrix. */
export async function wholeSpectrum(operator: MatrixOperator, dense: DenseKernels): Promise<WholeSpectrum> {
  const { small } = operator;
  const kept = keptColumns(operator);
  const { values, vectors } = dense.symmetricEigen(await operator.gram64(), small, kept);
  return { values: singularValues(values), vectors };
}

/** The leading triplets of a matrix with this spectrum: their residual tells whether it is its own. */
export function tripletsOf(
  { values, vectors }: WholeSpectrum,
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  seed: number,
): Promise<Triplets> {
  const { small } = operator;
  const kept = keptColumns(operator);
  const columns = block(small, kept, transposeOf(vectors, kept, small));
  const rest = { basis: null, all: values, ritz: new Float64Array(0) };
  return finish(operator, gemm, dense, columns, seed, rest);
}

/** From eigenvalues of W*W. */
export function singularValues(eigenvalues: Float64Array): Float64Array {
  return eigenvalues.map((value) => Math.sqrt(Math.max(value, 0)));
}

function keptColumns({ small, layout }: MatrixOperator): number {
  return Math.min(small, layout.rank + extraColumns);
}

async function finish(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  v: Block,
  seed: number,
  rest: Pick<Triplets, 'basis' | 'all' | 'ritz'>,
): Promise<Triplets> {
  const { rank } = operator.layout;
  const { sigma, large, small } = await singularPairs(operator, gemm, dense, v, seed);
  const kept = sigma.length;
  // Where the vectors come from float32 products, so may their residuals.
  const difference = await (rest.all === null ? operator.toSmallRounded(large) : operator.toSmall64(large));
  for (let i = 0; i < difference.rows; i++) {
    for (let j = 0; j < kept; j++) difference.data[i * kept + j]! -= sigma[j]! * small.data[i * kept + j]!;
  }
  const residuals = columnNorms(difference);
  const wanted = residuals.subarray(0, rank);
  return {
    sigma: sigma.slice(0, rank),
    next: sigma[rank] ?? null,
    large: keepColumns(large, rank),
    small: columnsOf(small, 0, rank),
    residual: sigma[0]! > 0 ? wanted.reduce((a, b) => Math.max(a, b), 0) / sigma[0]! : 0,
    wantedResidual: Math.hypot(...wanted),
    keptResidual: Math.hypot(...residuals),
    separation: sigma[rank - 1]! - sigma[kept - 1]!,
    ...rest,
  };
}

/** `kept` Ritz vectors, of which rank + 1 have residuals within the tolerance unless the space stops growing. */
async function leadingBasis(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  { seed, tolerance, start }: TripletOptions,
  kept: number,
): Promise<RitzBasis> {
  const { small, layout } = operator;
  const wanted = Math.min(small, layout.rank + 1);
  const limit = Math.min(small, largestSpace * kept);
  const first = start === null ? firstLook * wanted : nearbyShare * start.space;
  let planned = Math.min(limit, Math.max(kept, Math.ceil(first)));
  const begin = await startBlock(gemm, small, seed, start);
  await operator.prepare(layout.triplets);
  const space = new KrylovSpace(operator, gemm, dense, seed, begin, Math.ceil(roomEstimate * kept));
  const forecast = new ResidualForecast(usualSlope, aim);
  for (;;) {
    while (space.columns < planned) await space.grow();
    const { columns } = space;
    const { theta, residuals } = space.check(wanted);
    const largest = Math.sqrt(theta[0]!);
    const worst = residuals.reduce((a, b) => Math.max(a, b), 0);
    const enough = safety * tolerance * largest;
    if (!(largest > 0) || worst <= enough || columns >= limit) {
      const count = Math.min(kept, columns);
      const data = await space.ritzVectors(count);
      return { columns: count, space: forecast.met(columns, worst, enough), data, theta };
    }
    planned = Math.min(limit, forecast.next(columns, worst, enough));
  }
}

/**
 * Random columns; near a known basis, sums of every so many of its columns with a little of everything else. Columns far apart
 * in the spectrum are told apart by polynomials of low degree: mixtures of all would take a block or two more. The leading
 * ones come out of any start; where they fill the first blocks, the rounding of those, relative to σ₁², costs all others
 * digits. So they weigh least.
 */
async function startBlock(gemm: Gemm, rows: number, seed: number, start: RitzBasis | null): Promise<Block> {
  const random = randomBlock(rows, Math.min(rows, blockColumns), seed);
  if (start === null) return random;
  const width = random.columns;
  const chosen = new Float32Array(start.columns * width);
  for (let i = 0; i < start.columns; i++) chosen[i * width + (i % width)] = ((i + 1) / start.columns) ** 2;
  const sums = await gemm.multiply32({ m: rows, n: width, k: start.columns }, start.data, chosen);
  const share = randomShare * Math.sqrt(start.columns / width / rows);
  return block(
    rows,
    width,
    random.data.map((value, i) => sums[i]! + share * value),
  );
}
