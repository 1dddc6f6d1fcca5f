// Gate III: which elements a bf16 view hides (arXiv 2511.08567, Def. 2.1–2.2), from the counts of the streaming pass.
import type { PrecisionMetrics, StripeMetrics } from '../../shared/metrics.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';

/** Shares of one tensor's totals, or of pooled ones. `compared` must not be 0. */
export function precisionMetrics(totals: StreamTotals, learningRatePeak: number | null): PrecisionMetrics {
  const { compared } = totals;
  const absorbed = learningRatePeak === null ? null : absorbedCount(totals.baseExponents, learningRatePeak);
  return {
    sparsityBf16: (compared - totals.changedBf16) / compared,
    rawChanged: totals.rawChanged / compared,
    hiddenByBf16: totals.rawChanged === 0 ? null : totals.hidden / totals.rawChanged,
    unchangedAbs1e5: totals.unchangedAbs1e5 / compared,
    ulpHistogram: { ...totals.ulpHistogram },
    absorbedShare: absorbed === null ? null : absorbed / compared,
    counts: {
      compared,
      nonFinite: totals.nonFinite,
      changedBf16: totals.changedBf16,
      rawChanged: totals.rawChanged,
      hidden: totals.hidden,
      unchangedAbs1e5: totals.unchangedAbs1e5,
      absorbed,
    },
  };
}

/** Elements with ½·ULP_bf16(w) > rate, from biased exponents: ULP = 2^(e−134), subnormals as e = 1. */
function absorbedCount(exponents: Float64Array, rate: number): number {
  return exponents.reduce((sum, count, bin) => (2 ** (Math.max(bin, 1) - 135) > rate ? sum + count : sum), 0);
}

export function stripeMetrics(totals: StreamTotals, shape: readonly number[]): StripeMetrics | null {
  const { rowChanged, columnChanged } = totals;
  if (rowChanged === null || columnChanged === null || shape.length < 2) return null;
  return { rowDensity: [], columnDensity: [], rowStripe: null, columnStripe: null };
}
