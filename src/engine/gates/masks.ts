// The masks of Gate II (arXiv 2511.08567; M_princ after LIFT, arXiv 2506.00772) and their overlap with the update, from
// counts of elements:
//   M_princ  the α·n elements of largest |W⁽ᵏ⁾|, W⁽ᵏ⁾ = U_k Σ_k V_kᵀ the rank-k reconstruction
//   M_low    the elements with |w| ≤ t, t the smallest value with at least α·n of them (ties all in)
//   U        the elements that changed in the bf16 view
//   lift(S)  (|S∩U|/|S|)/(|U|/n): 1 is random; overlap(S) = |S∩U|/|U|
import type { MaskCount, MaskCounts, MaskMetrics } from '../../shared/report/metrics.ts';

/** Expected members of U, and of its intersections, under the size-matched null: U, PU, LU, PLU. */
export type ExpectedMembers = readonly [u: number, pu: number, lu: number, plu: number];

/**
 * From the numbers of members of M_princ, M_low and U, and of their intersections, of n elements, and what the null expects
 * of those that depend on U.
 */
export function maskCounts(
  elements: number,
  [p = 0, l = 0, u = 0, pl = 0, pu = 0, lu = 0, plu = 0]: Float64Array,
  expected: ExpectedMembers | null,
): MaskCounts {
  const of = (from: (members: ExpectedMembers) => number): number | null => expected && from(expected);
  return {
    elements,
    changed: u,
    changedExpected: of(([all]) => all),
    principal: { size: p, changed: pu, changedExpected: of(([, both]) => both) },
    lowMagnitude: { size: l, changed: lu, changedExpected: of(([, , both]) => both) },
    principalNotLow: {
      size: p - pl,
      changed: pu - plu,
      changedExpected: of(([, inP, , inBoth]) => inP - inBoth),
    },
    lowNotPrincipal: {
      size: l - pl,
      changed: lu - plu,
      changedExpected: of(([, , inL, inBoth]) => inL - inBoth),
    },
    nonPrincipalOrLow: {
      size: elements - p + pl,
      changed: u - pu + plu,
      changedExpected: of(([all, inP, , inBoth]) => all - inP + inBoth),
    },
  };
}

/** Lifts and overlaps from (pooled) counts. */
export function maskMetrics(counts: MaskCounts): MaskMetrics {
  const { elements, changed, changedExpected } = counts;
  const defined = changed > 0 && changed < elements;
  const lift = (set: MaskCount): number | null =>
    defined && set.size > 0 ? set.changed / set.size / (changed / elements) : null;
  const overlap = (set: MaskCount): number | null => (defined ? set.changed / changed : null);
  const expected = ({ size, changedExpected: inside }: MaskCount): number | null =>
    defined && size > 0 && inside !== null && changedExpected !== null && changedExpected > 0
      ? inside / size / (changedExpected / elements)
      : null;
  return {
    principalLift: lift(counts.principal),
    principalOverlap: overlap(counts.principal),
    lowMagnitudeLift: lift(counts.lowMagnitude),
    lowMagnitudeOverlap: overlap(counts.lowMagnitude),
    principalNotLowLift: lift(counts.principalNotLow),
    lowNotPrincipalLift: lift(counts.lowNotPrincipal),
    nonPrincipalOrLowLift: lift(counts.nonPrincipalOrLow),
    principalLiftExpected: expected(counts.principal),
    lowMagnitudeLiftExpected: expected(counts.lowMagnitude),
    principalNotLowLiftExpected: expected(counts.principalNotLow),
    lowNotPrincipalLiftExpected: expected(counts.lowNotPrincipal),
    nonPrincipalOrLowLiftExpected: expected(counts.nonPrincipalOrLow),
    maskCounts: counts,
  };
}
