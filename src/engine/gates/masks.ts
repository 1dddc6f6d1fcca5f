// The masks of Gate II (arXiv 2511.08567; M_princ after LIFT, arXiv 2506.00772) and their overlap with the update, from
// counts of elements:
//   M_princ  the α·n elements of largest |W⁽ᵏ⁾|, W⁽ᵏ⁾ = U_k Σ_k V_kᵀ the rank-k reconstruction
//   M_low    the elements with |w| ≤ t, t the smallest value with at least α·n of them (ties all in)
//   U        the elements that changed in the bf16 view
//   lift(S)  (|S∩U|/|S|)/(|U|/n): 1 is random; overlap(S) = |S∩U|/|U|
import type { MaskCount, MaskCounts, MaskMetrics } from '../../shared/metrics.ts';

/** From the numbers of members of M_princ, M_low and U, and of their intersections, of n elements. */
export function maskCounts(
  elements: number,
  [p = 0, l = 0, u = 0, pl = 0, pu = 0, lu = 0, plu = 0]: Float64Array,
): MaskCounts {
  return {
    elements,
    changed: u,
    principal: { size: p, changed: pu },
    lowMagnitude: { size: l, changed: lu },
    principalNotLow: { size: p - pl, changed: pu - plu },
    lowNotPrincipal: { size: l - pl, changed: lu - plu },
    nonPrincipalOrLow: { size: elements - p + pl, changed: u - pu + plu },
  };
}

/** Lifts and overlaps from (pooled) counts. */
export function maskMetrics(counts: MaskCounts): MaskMetrics {
  const { elements, changed } = counts;
  const defined = changed > 0 && changed < elements;
  const lift = (set: MaskCount): number | null =>
    defined && set.size > 0 ? set.changed / set.size / (changed / elements) : null;
  const overlap = (set: MaskCount): number | null => (defined ? set.changed / changed : null);
  return {
    principalLift: lift(counts.principal),
    principalOverlap: overlap(counts.principal),
    lowMagnitudeLift: lift(counts.lowMagnitude),
    lowMagnitudeOverlap: overlap(counts.lowMagnitude),
    principalNotLowLift: lift(counts.principalNotLow),
    lowNotPrincipalLift: lift(counts.lowNotPrincipal),
    nonPrincipalOrLowLift: lift(counts.nonPrincipalOrLow),
    maskCounts: counts,
  };
}

/** Counts of several tensors as one pool. */
export function addMaskCounts(pool: readonly MaskCounts[]): MaskCounts {
  const sum = (pick: (counts: MaskCounts) => MaskCount): MaskCount =>
    pool.map(pick).reduce((a, b) => ({ size: a.size + b.size, changed: a.changed + b.changed }), {
      size: 0,
      changed: 0,
    });
  return {
    elements: pool.reduce((total, { elements }) => total + elements, 0),
    changed: pool.reduce((total, { changed }) => total + changed, 0),
    principal: sum(({ principal }) => principal),
    lowMagnitude: sum(({ lowMagnitude }) => lowMagnitude),
    principalNotLow: sum(({ principalNotLow }) => principalNotLow),
    lowNotPrincipal: sum(({ lowNotPrincipal }) => lowNotPrincipal),
    nonPrincipalOrLow: sum(({ nonPrincipalOrLow }) => nonPrincipalOrLow),
  };
}
