// ‖D‖₂ of a dense matrix. Small: the largest eigenvalue of the float64 Gram matrix. Larger: a block Krylov space of D*D,
// grown until the estimated error of the norm passes, or to a limit of columns. Of updates that look like noise, the hardest
// kind, float64 experiments were 10 to 50 times nearer than the estimate says.
import { randomBlock } from './block.ts';
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import { KrylovSpace, ResidualForecast } from './krylovSpace.ts';
import type { MatrixOperator } from './matrixOperator.ts';

const blockColumns = 16;
const maximumColumns = 400;
/** Relative, by the estimate below. */
const accuracy = 1e-4;
/** Leading values that may stand apart together. */
const cluster = 8;
const firstLook = 48;
const usualSlope = 0.06;

export async function spectralNorm(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  seed: number,
): Promise<number> {
  const { small, layout } = operator;
  if (layout.norm === 'whole') {
    const eigenvalues = dense.symmetricEigenvalues(await operator.gram64(), small);
    return Math.sqrt(Math.max(0, eigenvalues[0]!));
  }
  const limit = Math.min(maximumColumns, small);
  const start = randomBlock(small, blockColumns, seed);
  await operator.prepare(layout.norm);
  const space = new KrylovSpace(operator, gemm, dense, seed, start, limit);
  const forecast = new ResidualForecast(usualSlope);
  for (let planned = firstLook; ;) {
    while (space.columns < Math.min(planned, limit)) await space.grow();
    const { columns } = space;
    const { theta, residuals } = space.check(cluster);
    const error = relativeError(theta, residuals);
    if (error <= accuracy || columns >= limit) return Math.sqrt(theta[0]!);
    // The error falls by the square of what the residuals fall by.
    planned = forecast.next(columns, Math.sqrt(error), Math.sqrt(accuracy));
  }
}

/**
 * How much of the norm √θ₁ may be missing: the residual itself at most, or, where p values stand apart from those that follow,
 * the square of all their residuals over that gap (Parlett 1998, 11.7), with Ritz values in place of those that follow.
 */
function relativeError(theta: Float64Array, residuals: Float64Array): number {
  const largest = theta[0]!;
  if (!(largest > 0)) return 0;
  let least = residuals[0]! / Math.sqrt(largest);
  let squares = 0;
  for (let p = 0; p < residuals.length && p + 1 < theta.length; p++) {
    squares += residuals[p]! ** 2 * (theta[p]! / largest);
    least = Math.min(least, squares / (2 * (largest - theta[p + 1]!)));
  }
  return least;
}
