// What is kept of a matrix's decomposition for later runs. Of one that was solved whole, its spectrum, from which the triplets
// follow. Of one that was searched, the triplets: the vectors in float32, as exact as the products that they came from, and
// the numbers that travel with them. Whoever keeps something goes on with what was kept, so that a run that recalls it has
// the same bits.
import { block, randomBlock, type Block } from './block.ts';
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import type { RitzBasis } from './krylovSpace.ts';
import { tripletsOf, type WholeSpectrum, type Triplets } from './leadingTriplets.ts';
import type { MatrixOperator } from './matrixOperator.ts';

export type Kept = { spectrum: WholeSpectrum } | { triplets: KeptTriplets };

interface KeptTriplets extends Omit<Triplets, 'large' | 'small' | 'basis' | 'all' | 'ritz'> {
  /** large × k and small × k, row-major. */
  large: Float32Array;
  small: Float32Array;
  /** Where the search of a nearby matrix starts. */
  basis: RitzBasis;
}

/** Smaller sides up to this are solved again as quickly as their spectrum is read. */
export const worthKeeping = 512;
/** Relative to σ₁: what tells another matrix from the rounding of the vectors. */
const mismatch = 1e-5;

/** Of a search that ended with this basis. */
export function keepTriplets(triplets: Triplets, basis: RitzBasis): KeptTriplets {
  const { sigma, next, residual, wantedResidual, keptResidual, separation } = triplets;
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

/** The triplets of this matrix; null where what was kept is of another one. */
export async function restore(
  kept: Kept,
  operator: MatrixOperator,
  { gemm, dense }: { gemm: Gemm; dense: DenseKernels },
  seed: number,
): Promise<Triplets | null> {
  if ('triplets' in kept) {
    return (await belongTo(operator, kept.triplets, seed)) ? restoreTriplets(kept.triplets) : null;
  }
  const { spectrum } = kept;
  if (operator.layout.triplets !== 'whole' || spectrum.values.length !== operator.small) return null;
  const found = await tripletsOf(spectrum, operator, gemm, dense, seed);
  return found.residual <= mismatch ? found : null;
}

/** Whether these are triplets of this matrix: W applied to one mixture of all its right vectors must give that of the left. */
async function belongTo(
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
