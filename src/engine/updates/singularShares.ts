// Where an adapter's factors lie among the base's singular vectors: the share of ‖A‖²_F on the k leading and the k
// trailing right ones, of ‖B‖²_F on the left ones. Random factors would have k/n and k/m of it. Small bases are
// decomposed whole, from their float64 Gram matrix; of larger ones only the leading end is found.
import type { AdapterAlignment } from '../../shared/report/report.ts';
import { type Block, block, transposeOf } from '../linalg/block.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { leadingTriplets } from '../linalg/leadingTriplets.ts';
import type { MatrixOperator } from '../linalg/matrixOperator.ts';

/** Residual/σ₁ of the leading vectors: shares of energy need no more. */
const tolerance = 1e-5;
/** Below this share of σ₁ a singular value from a Gram matrix is noise, and its vector on the other side unknown. */
const noise = 1e-6;

/** k singular vectors on the small and on the large side of W; null where they cannot be told. */
interface Subspace {
  small: Block | null;
  large: Block | null;
}

/** `left` is B (rows × r), `right` Aᵀ (columns × r); k is the rank of the operator's layout. */
export async function singularShares(
  gemm: Gemm,
  dense: DenseKernels,
  operator: MatrixOperator,
  left: Block,
  right: Block,
): Promise<Omit<AdapterAlignment, `${'row' | 'column'}Energy${'' | 'Expected'}`>> {
  const { rows, columns, tall } = operator;
  const k = operator.layout.rank;
  const { leading, trailing } = await ends(gemm, dense, operator, k);
  const [inputs, outputs] = tall ? (['small', 'large'] as const) : (['large', 'small'] as const);
  const share = (factor: Block, vectors: Block | null): Promise<number | null> =>
    shareOn(gemm, factor, vectors);
  return {
    subspace: k,
    rowLeading: await share(right, leading[inputs]),
    rowTrailing: await share(right, trailing[inputs]),
    rowSubspaceExpected: k / columns,
    columnLeading: await share(left, leading[outputs]),
    columnTrailing: await share(left, trailing[outputs]),
    columnSubspaceExpected: k / rows,
  };
}

async function ends(
  gemm: Gemm,
  dense: DenseKernels,
  operator: MatrixOperator,
  k: number,
): Promise<{ leading: Subspace; trailing: Subspace }> {
  const { small: size } = operator;
  if (operator.layout.triplets !== 'whole') {
    const options = { seed: 1, tolerance, start: null };
    const { small, large } = await leadingTriplets(operator, gemm, dense, options);
    return { leading: { small, large }, trailing: { small: null, large: null } };
  }
  const { values, ...vectors } = dense.symmetricEnds(await operator.gram64(), size, k);
  const sigma = values.map((value) => Math.sqrt(Math.max(0, value)));
  const end = async (rows: Float64Array, first: number): Promise<Subspace> => {
    const small = block(size, k, transposeOf(rows, k, size));
    if (!(sigma[first + k - 1]! > noise * sigma[0]!)) return { small, large: null };
    const large = await operator.toLarge64(small);
    for (let i = 0; i < large.data.length; i++) large.data[i]! /= sigma[first + (i % k)]!;
    return { small, large };
  };
  return {
    leading: await end(vectors.leading, 0),
    trailing: await end(vectors.trailing, size - k),
  };
}

/** ‖Vᵀ·F‖²_F/‖F‖²_F for V with orthonormal columns. */
async function shareOn(gemm: Gemm, factor: Block, vectors: Block | null): Promise<number | null> {
  const size = sumSquares(factor.data);
  if (vectors === null || size === 0) return null;
  const shape = { m: vectors.columns, n: factor.columns, k: factor.rows, transA: true };
  return sumSquares(await gemm.multiply64(shape, vectors.data, factor.data)) / size;
}

function sumSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
