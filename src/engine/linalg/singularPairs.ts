// The Rayleigh–Ritz step for the singular problem of W on a subspace of its small side, in float64.
import { block, columnNorms, orthonormalize, rotateColumns, timesSmall, type Block } from './block.ts';
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import type { MatrixOperator } from './matrixOperator.ts';

interface SingularPairs {
  sigma: Float64Array;
  /** large × count and small × count, orthonormal columns. */
  large: Block;
  small: Block;
}

/**
 * Singular pairs of W restricted to the span of V's orthonormal columns, in float64 throughout: W·V = U·Σ exactly, and
 * σ errs only by the square of V's error. Directions with σ = 0 get arbitrary orthonormal left vectors.
 */
export async function singularPairs(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  v: Block,
  seed: number,
): Promise<SingularPairs> {
  const q = v.columns;
  const image = await operator.toLarge64(v);
  const gram = await gemm.multiply64({ m: q, n: q, k: image.rows, transA: true }, image.data, image.data);
  const rotation = block(q, q, dense.symmetricEigen(gram, q, q).vectors);
  const small = await timesSmall(gemm, v, rotation, true);
  await rotateColumns(gemm, image, rotation);
  const large = image;
  const sigma = columnNorms(large);
  const floor = 1e-14 * (sigma[0] ?? 0) * Math.sqrt(operator.large);
  let rank = 0;
  while (rank < q && sigma[rank]! > floor) rank += 1;
  for (let i = 0; i < large.rows; i++) {
    for (let j = 0; j < q; j++) large.data[i * q + j]! *= j < rank ? 1 / sigma[j]! : 0;
  }
  // Where σ is zero the left vector is free: orthonormalising replaces the zero columns.
  const left = rank < q ? await orthonormalize(gemm, dense, large, seed) : large;
  return { sigma: sigma.map((value, j) => (j < rank ? value : 0)), large: left, small };
}
