// Principal angles between two subspaces of equal dimension (Björck & Golub 1973): cosines from XᵀY where they are
// small, sines from (I − XXᵀ)Y where the angles are, so that neither end loses digits. Float64; floor near 1e-8 of the
// largest sine.
import { block, innerProduct, rowPanels, rowsOf, timesSmall, type Block } from './block.ts';
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';

const degreesPerRadian = 180 / Math.PI;

/** Angles in degrees, ascending. X and Y: rows × k, orthonormal columns. */
export async function principalAnglesDeg(
  gemm: Gemm,
  dense: DenseKernels,
  x: Block,
  y: Block,
): Promise<Float64Array> {
  const k = x.columns;
  const cosines = await innerProduct(gemm, x, y);
  const sines = block(k, k);
  for (const [from, to] of rowPanels(y)) {
    const outside = await timesSmall(gemm, rowsOf(x, from, to), cosines);
    const part = rowsOf(y, from, to);
    for (let i = 0; i < part.data.length; i++) outside.data[i] = part.data[i]! - outside.data[i]!;
    const gram = await innerProduct(gemm, outside, outside);
    for (let i = 0; i < gram.data.length; i++) sines.data[i]! += gram.data[i]!;
  }
  const squaredCosines = dense.symmetricEigenvalues((await innerProduct(gemm, cosines, cosines)).data, k);
  const squaredSines = dense.symmetricEigenvalues(sines.data, k);
  return Float64Array.from({ length: k }, (_, i) => {
    const sine = Math.sqrt(Math.max(0, squaredSines[k - 1 - i]!));
    const cosine = Math.sqrt(Math.max(0, squaredCosines[i]!));
    const radians = sine < Math.SQRT1_2 ? Math.asin(sine) : Math.acos(Math.min(1, cosine));
    return radians * degreesPerRadian;
  });
}
