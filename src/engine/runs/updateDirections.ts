// The leading directions of the updates of one matrix, run by run: their share of the energy, and how much of the leading right
// subspace two runs have in common. Memory: both sides of one run as float32, and 16 directions a run.
import {
  comparedDirections,
  leadingCounts,
  type DirectionSimilarity,
  type UpdateDirections,
} from '../../shared/report/updateDirections.ts';
import { keepColumns, type Block } from '../linalg/block.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { layoutOf } from '../linalg/layout.ts';
import { leadingTriplets, type Triplets } from '../linalg/leadingTriplets.ts';
import { MatrixOperator } from '../linalg/matrixOperator.ts';
import { NormalGenerator } from '../linalg/random.ts';
import { noRoom } from '../linalg/workspace.ts';

const mostDirections = Math.max(...leadingCounts);
/** Smaller singular values, relative to the first, are those of rounding: their directions are nobody's. */
const nothing = 1e-6;

interface Leading {
  shares: number[];
  floor: number[];
  /** Columns × width. */
  right: Block;
  /** The same of the update with random signs. */
  noise: Block;
  /** Directions with a singular value of their own. */
  width: number;
  residual: number;
}

/** @param updates Δ of every run, rows × columns; null where it is zero. Called for in order, used up one by one. */
export async function updateDirections(
  updates: readonly (() => Promise<Float32Array | null>)[],
  { rows, columns }: { rows: number; columns: number },
  gemm: Gemm,
  dense: DenseKernels,
): Promise<UpdateDirections> {
  const found: (Leading | null)[] = [];
  for (const [run, update] of updates.entries()) {
    const delta = await update();
    found.push(delta === null ? null : await leading(delta, { rows, columns, seed: run + 2 }, gemm, dense));
  }
  const known = found.flatMap((one, run) => (one === null ? [] : [{ ...one, run }]));
  const pairs = known.flatMap((left, at) =>
    known.slice(at + 1).map((right): DirectionSimilarity => {
      const width = Math.min(left.width, right.width);
      const similarity = common(left.right, right.right, width) / width;
      const randomSigns = common(left.noise, right.noise, width) / width;
      return { a: left.run, b: right.run, width, similarity, chance: width / columns, randomSigns };
    }),
  );
  return {
    shares: found.map((one) => one?.shares ?? null),
    floor: found.map((one) => one?.floor ?? null),
    pairs,
    residual: known.reduce((most, { residual }) => Math.max(most, residual), 0),
  };
}

async function leading(
  delta: Float32Array,
  { rows, columns, seed }: { rows: number; columns: number; seed: number },
  gemm: Gemm,
  dense: DenseKernels,
): Promise<Leading> {
  const layout = layoutOf(rows, columns, Math.min(mostDirections, rows, columns), false);
  const triplets = (matrix: Float32Array, tolerance: number): Promise<Triplets> => {
    const operator = new MatrixOperator(gemm, matrix, layout, noRoom);
    return leadingTriplets(operator, gemm, dense, { seed: 1, tolerance, start: null });
  };
  const energy = delta.reduce((sum, value) => sum + value * value, 0);
  const found = await triplets(delta, 1e-6);
  const { sigma, residual } = found;
  const real = sigma.filter((value) => value > nothing * (sigma[0] ?? 0)).length;
  const rightOf = ({ small, large }: Triplets): Block =>
    keepColumns(rows >= columns ? small : large, Math.min(comparedDirections, sigma.length));
  const right = rightOf(found);
  // A seed of its own for every run: noise has no direction in common.
  scatterSigns(delta, seed);
  const noise = await triplets(delta, floorTolerance);
  return {
    shares: sharesOf(sigma, energy),
    floor: sharesOf(noise.sigma, energy),
    right,
    noise: rightOf(noise),
    width: Math.min(comparedDirections, real),
    residual,
  };
}

/** A flat spectrum is slow to settle, and its shares err by the square of this. */
const floorTolerance = 0.01;

function sharesOf(sigma: Float64Array, energy: number): number[] {
  return leadingCounts.map((count) => {
    const own = sigma.subarray(0, count).reduce((sum, value) => sum + value * value, 0);
    return Math.min(1, own / energy);
  });
}

function scatterSigns(values: Float32Array, seed: number): void {
  const generator = new NormalGenerator(seed);
  for (let at = 0; at < values.length; at++) if (generator.uniform() < 0.5) values[at] = -values[at]!;
}

/** ‖V_aᵀV_b‖²_F over the first columns of both. */
function common(left: Block, right: Block, width: number): number {
  let sum = 0;
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < width; b++) {
      let product = 0;
      for (let row = 0; row < left.rows; row++) {
        product += left.data[row * left.columns + a]! * right.data[row * right.columns + b]!;
      }
      sum += product * product;
    }
  }
  return sum;
}
