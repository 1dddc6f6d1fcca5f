// Gate I, weight side: how far the weights moved, from the float64 sums of the streaming pass.
import type { AnchorMetrics } from '../../shared/metrics.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';

/** Norms of one tensor's totals, or of pooled ones. `compared` must not be 0. */
export function anchorMetrics(totals: StreamTotals): AnchorMetrics {
  const deltaFrobenius = Math.sqrt(totals.sumSquaresDelta);
  const baseFrobenius = Math.sqrt(totals.sumSquaresBase);
  return {
    deltaFrobenius,
    baseFrobenius,
    relativeDrift: baseFrobenius === 0 ? null : deltaFrobenius / baseFrobenius,
    maxAbsDelta: totals.maxAbsDelta,
    rmsDelta: Math.sqrt(totals.sumSquaresDelta / totals.compared),
    topPercentEnergy: null,
  };
}
