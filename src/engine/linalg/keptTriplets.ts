// What is kept of a matrix's singular triplets for later runs: the vectors in float32, as exact as the products that they
// came from, and the numbers that travel with them. Whoever keeps triplets goes on with what was kept, so that a run that
// recalls them has the same bits.
import { block, randomBlock, type Block } from './block.ts';
import type { RitzBasis } from './krylovSpace.ts';
import type { Triplets } from './leadingTriplets.ts';
import type { MatrixOperator } from './matrixOperator.ts';

export interface KeptTriplets extends Omit<Triplets, 'large' | 'small' | 'basis' | 'all' | 'ritz'> {
  /** large × k and small × k, row-major. */
  large: Float32Array;
  small: Float32Array;
  /** Where the search of a nearby matrix starts. */
  basis: RitzBasis;
}

/** Relative to σ₁: what tells another matrix from the rounding of the vectors. */
const mismatch = 1e-5;

/** Null where the matrix was solved whole: that is as quick again. */
export function keepTriplets(triplets: Triplets): KeptTriplets | null {
  const { sigma, next, residual, wantedResidual, keptResidual, separation, basis } = triplets;
  if (basis === null) return null;
  const large = new Float32Array(triplets.large.data);
  const small = new Float32Array(triplets.small.data);
  return { sigma, next, large, small, residual, wantedResidual, keptResidual, separation, basis };
}

export function restoreTriplets({ large, small, ...rest }: KeptTriplets): Triplets {
  const columns = rest.sigma.length;
  const widened = (vectors: Float32Array): Block =>
    block(vectors.length / columns, columns, new Float64Array(vectors));
  return { ...rest, large: widened(large), small: widened(small), all: null, ritz: rest.basis.theta };
}

/** Whether these are triplets of this matrix: W applied to one mixture of all its right vectors must give that of the left. */
export async function belongTo(
  operator: MatrixOperator,
  { sigma, large, small }: KeptTriplets,
  seed: number,
): Promise<boolean> {
  const { rank } = operator.layout;
  const isOfShape = large.length === operator.large * rank && small.length === operator.small * rank;
  if (sigma.length !== rank || !isOfShape) return false;
  const weights = randomBlock(rank, 1, seed).data;
  const [left, right] = operator.tall ? [large, small] : [small, large];
  const image = await operator.timesVector(mixture(right, weights));
  const expected = mixture(
    left,
    weights.map((weight, j) => weight * sigma[j]!),
  );
  let distance = 0;
  for (let i = 0; i < image.length; i++) distance += (image[i]! - expected[i]!) ** 2;
  return Math.sqrt(distance) <= mismatch * sigma[0]! * Math.hypot(...weights);
}

/** The vectors (columns of a row-major array) times the weights. */
function mixture(vectors: Float32Array, weights: Float64Array): Float32Array {
  const columns = weights.length;
  const result = new Float32Array(vectors.length / columns);
  for (let i = 0; i < result.length; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += vectors[i * columns + j]! * weights[j]!;
    result[i] = sum;
  }
  return result;
}
