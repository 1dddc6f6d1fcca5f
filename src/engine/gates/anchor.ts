// Gate I, KL anchor, weight side: how far the weights moved.
//   relativeDrift    = ‖Δ‖_F / ‖W‖_F,  rmsDelta = ‖Δ‖_F / √n,  n: elements finite on both sides
//   topPercentEnergy = Σ Δ² over the ⌈n/100⌉ elements of largest |Δ| / ‖Δ‖²_F
// The last comes from counts and energies of |Δ| in bins of relative width 2⁻⁷. The one bin that the ⌈n/100⌉th element
// falls into is taken at its mean energy, so the error is below 2⁻⁶ of the share of that bin alone.
import type { AnchorMetrics } from '../../shared/report/metrics.ts';

/** What Gate I pools: energies and counts, which add. */
export interface AnchorPool {
  compared: number;
  sumSquaresBase: number;
  sumSquaresDelta: number;
  maxAbsDelta: number;
  /** By the top 15 bits of |Δ| as float32; null while Δ = 0. */
  deltaCounts: Float64Array | null;
  deltaEnergies: Float64Array | null;
}

export function newAnchorPool(): AnchorPool {
  return {
    compared: 0,
    sumSquaresBase: 0,
    sumSquaresDelta: 0,
    maxAbsDelta: 0,
    deltaCounts: null,
    deltaEnergies: null,
  };
}

/** Adds a tensor (its StreamTotals), or another pool, to `pool`. */
export function addAnchor(pool: AnchorPool, part: AnchorPool): void {
  pool.compared += part.compared;
  pool.sumSquaresBase += part.sumSquaresBase;
  pool.sumSquaresDelta += part.sumSquaresDelta;
  pool.maxAbsDelta = Math.max(pool.maxAbsDelta, part.maxAbsDelta);
  pool.deltaCounts = added(pool.deltaCounts, part.deltaCounts);
  pool.deltaEnergies = added(pool.deltaEnergies, part.deltaEnergies);
}

/** Adds what a tensor holds of |Δ| in some of the bins. */
export function addDeltaBins(
  pool: AnchorPool,
  {
    length,
    bins,
    counts,
    energies,
  }: { length: number; bins: ArrayLike<number>; counts: Float64Array; energies: Float64Array },
): void {
  pool.deltaCounts ??= new Float64Array(length);
  pool.deltaEnergies ??= new Float64Array(length);
  for (let at = 0; at < bins.length; at++) {
    pool.deltaCounts[bins[at]!]! += counts[at]!;
    pool.deltaEnergies[bins[at]!]! += energies[at]!;
  }
}

/** Gate I of a pool, or of one tensor's StreamTotals; null when no element is finite on both sides. */
export function poolAnchor(pool: AnchorPool): AnchorMetrics | null {
  if (pool.compared === 0) return null;
  const deltaFrobenius = Math.sqrt(pool.sumSquaresDelta);
  const baseFrobenius = Math.sqrt(pool.sumSquaresBase);
  return {
    deltaFrobenius,
    baseFrobenius,
    relativeDrift: baseFrobenius === 0 ? null : deltaFrobenius / baseFrobenius,
    maxAbsDelta: pool.maxAbsDelta,
    rmsDelta: Math.sqrt(pool.sumSquaresDelta / pool.compared),
    topPercentEnergy: topPercentEnergy(pool),
  };
}

function topPercentEnergy({ compared, deltaCounts, deltaEnergies }: AnchorPool): number | null {
  if (deltaCounts === null || deltaEnergies === null) return null;
  let total = 0;
  for (let bin = 0; bin < deltaEnergies.length; bin++) total += deltaEnergies[bin]!;
  // Δ so small that its square vanishes in float64 has no energy to share out.
  if (total === 0) return null;
  let left = Math.ceil(compared / 100);
  let energy = 0;
  for (let bin = deltaCounts.length - 1; bin >= 0 && left > 0; bin--) {
    const count = deltaCounts[bin]!;
    if (count === 0) continue;
    const taken = Math.min(left, count);
    energy += deltaEnergies[bin]! * (taken / count);
    left -= taken;
  }
  // Adding in another order than `total` can end an ulp above it.
  return Math.min(1, energy / total);
}

function added(sum: Float64Array | null, part: Float64Array | null): Float64Array | null {
  if (part === null) return sum;
  if (sum === null) return part.slice();
  for (let bin = 0; bin < sum.length; bin++) sum[bin]! += part[bin]!;
  return sum;
}
