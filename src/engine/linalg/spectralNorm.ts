// ‖D‖₂ of a dense matrix. Small: the largest eigenvalue of the float64 Gram matrix. Larger: block Lanczos on D*D with
// full reorthogonalisation (Golub & Van Loan, 4th ed., 10.3.6), stopped by the residual of the leading pair; the value's
// error is at most residual·‖D‖₂ and usually its square.
import { block, innerProduct, joinColumns, orthonormalize, randomBlock, type Block } from './block.ts';
import { applyGram } from './chebyshevFilter.ts';
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import { denseLimit } from './leadingTriplets.ts';
import type { MatrixOperator } from './matrixOperator.ts';

const blockColumns = 8;
const maximumBlocks = 40;
const relativeResidual = 1e-4;

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
  let basis = block(small, 0);
  let images = block(small, 0);
  let next = randomBlock(small, blockColumns, seed);
  for (let step = 1; ; step++) {
    next = await orthonormalize(gemm, dense, next, basis, seed + step);
    const product = await applyGram(operator, new Float32Array(next.data), next.columns);
    const image = block(small, next.columns, new Float64Array(product));
    basis = joinColumns(basis, next);
    images = joinColumns(images, image);
    next = image;
    if (step % 5 !== 0) continue;
    const { value, residual } = await leadingRitzValue(gemm, dense, basis, images);
    if (residual <= relativeResidual || step >= maximumBlocks) return value;
  }
}

/** The largest Ritz value σ of the basis and ‖D*D·v − σ²v‖/σ², images = D*D·basis. */
async function leadingRitzValue(
  gemm: Gemm,
  dense: DenseKernels,
  basis: Block,
  images: Block,
): Promise<{ value: number; residual: number }> {
  const projected = await innerProduct(gemm, basis, images);
  const { values, vectors } = dense.symmetricEigen(projected.data, projected.rows, 1);
  const theta = values[0]!;
  if (!(theta > 0)) return { value: 0, residual: 0 };
  let sum = 0;
  for (let i = 0; i < basis.rows; i++) {
    let difference = 0;
    for (let j = 0; j < basis.columns; j++) {
      const at = i * basis.columns + j;
      difference += vectors[j]! * (images.data[at]! - theta * basis.data[at]!);
    }
    sum += difference ** 2;
  }
  return { value: Math.sqrt(theta), residual: Math.sqrt(sum) / theta };
}
