// ‖D‖₂ of a dense matrix. Small: the largest eigenvalue of the float64 Gram matrix. Larger: a block Krylov space of D*D,
// grown until the residual of the leading pair passes. The value's error is at most residual·‖D‖₂, and its square over the
// gap where the norm is simple: 1e-6 was seen on updates that look like noise, the hardest kind.
import { randomBlock } from './block.ts';
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import { KrylovSpace, ResidualForecast } from './krylovSpace.ts';
import { denseLimit } from './leadingTriplets.ts';
import type { MatrixOperator } from './matrixOperator.ts';

const blockColumns = 16;
const maximumColumns = 400;
/** What the hardest kind takes: how D is best applied is decided by it. */
const usualColumns = 300;
const relativeResidual = 5e-4;
const firstLook = 128;
const usualSlope = 0.06;

export async function spectralNorm(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  seed: number,
): Promise<number> {
  const { small } = operator;
  if (small <= denseLimit) {
    const eigenvalues = dense.symmetricEigenvalues(await operator.gram64(), small);
    return Math.sqrt(Math.max(0, eigenvalues[0]!));
  }
  const limit = Math.min(maximumColumns, small);
  const start = randomBlock(small, blockColumns, seed);
  await operator.prepare(Math.min(usualColumns, small));
  const space = new KrylovSpace(operator, gemm, dense, seed, start, limit);
  const forecast = new ResidualForecast(usualSlope);
  for (let planned = firstLook; ;) {
    while (space.columns < Math.min(planned, limit)) await space.grow();
    const { columns } = space;
    const { theta, residuals } = space.check(1);
    const value = Math.sqrt(theta[0]!);
    if (residuals[0]! <= relativeResidual * value || columns >= limit) return value;
    planned = forecast.next(columns, residuals[0]!, relativeResidual * value);
  }
}
