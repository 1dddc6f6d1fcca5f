// Rayleigh–Ritz steps for the singular problem of W, on the small side.
import { block, columnNorms, orthonormalize, timesSmall, type Block } from './block.ts';
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import type { MatrixOperator } from './matrixOperator.ts';

export interface Ritz {
  /** Ritz values of W*W, descending. */
  theta: Float64Array;
  /** Ritz vectors, orthonormal. */
  vectors: Block;
  /** W*W·vectors, float32 (small × q). */
  image: Float32Array;
  /** ‖W*W·v − θv‖/√θ: the residual of the singular pair. */
  residuals: Float64Array;
}

/** Ritz pairs in the span of the orthonormal columns of X; products in float32, projection in float64. */
export async function rayleighRitz(
  operator: MatrixOperator,
  gemm: Gemm,
  dense: DenseKernels,
  x: Block,
): Promise<Ritz> {
  const q = x.columns;
  const y = await operator.toLarge32(new Float32Array(x.data), q);
  const { values, vectors } = dense.symmetricEigen(await gram32(gemm, y, operator.large, q), q, q);
  const rotation = block(q, q, vectors);
  const ritz = await timesSmall(gemm, x, rotation, true);
  const applied = await operator.toSmall32(y, q);
  const turn = { m: x.rows, n: q, k: q, transB: true };
  const image = await gemm.multiply32(turn, applied, new Float32Array(vectors));
  const theta = values.map((value) => Math.max(value, 0));
  return { theta, vectors: ritz, image, residuals: ritzResiduals(ritz, image, theta) };
}

/** ‖image_j − θ_j·v_j‖/√θ_j. */
function ritzResiduals(
  { rows, columns, data }: Block,
  image: Float32Array,
  theta: Float64Array,
): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    const at = i * columns;
    for (let j = 0; j < columns; j++) {
      const difference = image[at + j]! - theta[j]! * data[at + j]!;
      sums[j]! += difference * difference;
    }
  }
  return sums.map((sum, j) => (theta[j]! > 0 ? Math.sqrt(sum / theta[j]!) : 0));
}

/** YᵀY in float64 of a float32 block (rows × q), in panels of rows. */
async function gram32(gemm: Gemm, y: Float32Array, rows: number, q: number): Promise<Float64Array> {
  const sum = new Float64Array(q * q);
  const step = Math.max(1, Math.floor((1 << 20) / q));
  for (let from = 0; from < rows; from += step) {
    const count = Math.min(step, rows - from);
    const panel = new Float64Array(y.subarray(from * q, (from + count) * q));
    const part = await gemm.multiply64({ m: q, n: q, k: count, transA: true }, panel, panel);
    for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
  }
  return sum;
}

export interface SingularPairs {
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
  const large = await timesSmall(gemm, image, rotation, true);
  const sigma = columnNorms(large);
  const floor = 1e-14 * (sigma[0] ?? 0) * Math.sqrt(operator.large);
  let rank = 0;
  while (rank < q && sigma[rank]! > floor) rank += 1;
  for (let i = 0; i < large.rows; i++) {
    for (let j = 0; j < q; j++) large.data[i * q + j]! *= j < rank ? 1 / sigma[j]! : 0;
  }
  // Where σ is zero the left vector is free: orthonormalising replaces the zero columns.
  const left = rank < q ? await orthonormalize(gemm, dense, large, block(large.rows, 0), seed) : large;
  return { sigma: sigma.map((value, j) => (j < rank ? value : 0)), large: left, small };
}
