// The polynomial that separates the wanted singular values from the rest: T_d((2A − a)/a) with A = W*W on the small
// side is at most 1 on [0, a] and grows fast above it (Zhou, Saad, Tiago, Chelikowsky 2006). Everything here is
// float32: its rounding is of the size of the products' own.
import { block, type Block } from './block.ts';
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
 * T_degree((2A − a)/a)·X with `image` = A·X given (consumed), every product kept orthogonal to the locked vectors and
 * scaled so that the largest direction keeps its size.
 */
export async function applyFilter(
  operator: MatrixOperator,
  gemm: Gemm,
  x: Block,
  image: Float32Array,
  locked: Block,
  { bound, largest, degree }: { bound: number; largest: number; degree: number },
): Promise<Block> {
  const q = x.columns;
  const fixed = new Float32Array(locked.data);
  const inside = new Float32Array(image.length);
  // σ-scaling: dividing step j by T_j at the largest value keeps that direction at its size.
  const top = Math.max((2 * largest) / bound - 1, 1);
  let ratio = 1 / top;
  let current: Float32Array = new Float32Array(x.data);
  // T₁ = z·X, T_{j+1} = 2z·T_j − T_{j−1} with z = (2A − a)/a.
  let previous: Float32Array = new Float32Array(image.length);
  let applied = image;
  for (let step = 1; step <= degree; step++) {
    const next = step === 1 ? ratio : 1 / (2 * top - ratio);
    if (step > 1) applied = await applyGram(operator, current, q);
    await componentsInside(gemm, fixed, locked.columns, applied, x.rows, q, inside);
    const factor = step === 1 ? next : 2 * next;
    advance(applied, inside, current, previous, { scale: 2 / bound, factor, back: ratio * next });
    [previous, current] = [current, previous];
    ratio = next;
  }
  return block(x.rows, q, new Float64Array(current));
}

/** W*W·X for a float32 block small × q. */
export async function applyGram(operator: MatrixOperator, x: Float32Array, q: number): Promise<Float32Array> {
  return operator.toSmall32(await operator.toLarge32(x, q), q);
}

/** out ← L·(LᵀA); zero without locked vectors. */
async function componentsInside(
  gemm: Gemm,
  locked: Float32Array,
  count: number,
  a: Float32Array,
  rows: number,
  q: number,
  out: Float32Array,
): Promise<void> {
  if (count === 0) return;
  const weights = await gemm.multiply32({ m: count, n: q, k: rows, transA: true }, locked, a);
  await gemm.multiply32({ m: rows, n: q, k: count }, locked, weights, out);
}

/** previous ← factor·(scale·(A − inside) − current) − back·previous */
function advance(
  applied: Float32Array,
  inside: Float32Array,
  current: Float32Array,
  previous: Float32Array,
  { scale, factor, back }: { scale: number; factor: number; back: number },
): void {
  const first = factor * scale;
  for (let i = 0; i < applied.length; i++) {
    previous[i] = first * (applied[i]! - inside[i]!) - factor * current[i]! - back * previous[i]!;
  }
}
