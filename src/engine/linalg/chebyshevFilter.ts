// The polynomial that separates the wanted singular values from the rest: T_d((2A − a)/a) with A = W*W on the small
// side is at most 1 on [0, a] and grows fast above it (Zhou, Saad, Tiago, Chelikowsky 2006).
import { block, projectOut, type Block } from './block.ts';
import type { Gemm } from './gemm.ts';
import type { MatrixOperator } from './matrixOperator.ts';

/**
 * Largest T_d(largest)/T_d(wanted) allowed within one filter. Beyond it the rounding of the float32 products, which is
 * relative to the largest direction in a column, would reach the wanted part.
 */
const dynamicRange = 1e6;
const maximumDegree = 24;

export interface FilterPlan {
  degree: number;
  /** T_degree at the wanted value. */
  gain: number;
}

/** Degree that amplifies `wanted` over everything below `bound` by about `gain`, within the dynamic range of float32. */
export function filterDegree(largest: number, wanted: number, bound: number, gain: number): FilterPlan {
  const x = Math.acosh(Math.max(1 + 1e-9, (2 * wanted) / bound - 1));
  const top = Math.acosh(Math.max(1 + 1e-9, (2 * largest) / bound - 1));
  const needed = Math.ceil(Math.acosh(Math.max(gain, 1)) / x);
  const allowed = Math.floor(Math.log(dynamicRange) / Math.max(top - x, 1e-9));
  const degree = Math.max(1, Math.min(needed, allowed, maximumDegree));
  return { degree, gain: Math.cosh(degree * x) };
}

/**
 * T_degree((2A − a)/a)·X with A·X given, every product kept orthogonal to the locked vectors. Each column is scaled
 * by a common factor per step, so that nothing overflows.
 */
export async function applyFilter(
  operator: MatrixOperator,
  gemm: Gemm,
  x: Block,
  image: Block,
  locked: Block,
  { bound, largest, degree }: { bound: number; largest: number; degree: number },
): Promise<Block> {
  // σ-scaling: dividing step j by T_j(largest) keeps the largest direction at its size.
  const top = (2 * largest) / bound - 1;
  let ratio = 1 / Math.max(top, 1);
  let previous = x;
  let current = combine(await projectOut(gemm, image, locked), x, null, 2 / bound, ratio, 0);
  for (let step = 2; step <= degree; step++) {
    const next = 1 / (2 * Math.max(top, 1) - ratio);
    const applied = await projectOut(gemm, await applyGram(operator, current), locked);
    const filtered = combine(applied, current, previous, 2 / bound, 2 * next, ratio * next);
    previous = current;
    current = filtered;
    ratio = next;
  }
  return current;
}

/** W*W·X, products in float32. */
export async function applyGram(operator: MatrixOperator, x: Block): Promise<Block> {
  const image = await operator.toLarge32(new Float32Array(x.data), x.columns);
  return block(x.rows, x.columns, new Float64Array(await operator.toSmall32(image, x.columns)));
}

/** factor·(scale·A − X) − back·P */
function combine(
  applied: Block,
  x: Block,
  previous: Block | null,
  scale: number,
  factor: number,
  back: number,
): Block {
  const result = block(x.rows, x.columns);
  const p = previous?.data ?? x.data;
  for (let i = 0; i < result.data.length; i++) {
    result.data[i] = factor * (scale * applied.data[i]! - x.data[i]!) - back * p[i]!;
  }
  return result;
}
