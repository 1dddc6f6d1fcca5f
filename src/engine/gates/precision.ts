// Gate III, precision: which elements survive the bf16 view as changed, and where they sit (arXiv 2511.08567, Def. 2.1–2.2).
//   sparsityBf16  = 1 − |U|/n              U: |ŵ−w| > η·max(|w|,|ŵ|), both rounded to bf16; n: elements finite on both sides
//   hiddenByBf16  = |raw-changed \ U| / |raw-changed|
//   absorbedShare = |{ w : ½·ULP_bf16(w) > lr }| / n, exact from the exponents, as ULP_bf16 = 2^(max(e,1)−134)
//   stripe        = Var(density of rows) / (p(1−p)/columns), p = |U|/n: 1 for changes strewn at random
import type {
  PrecisionMetrics,
  StripeMetrics,
  TensorPrecision,
  UlpHistogram,
} from '../../shared/report/metrics.ts';
import { emptyUlpHistogram } from '../kernels/chunkTotals.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';

/** Most bins kept of the densities per row and per column. */
const densityBins = 256;

/** What Gate III pools: counts, which add. */
export interface PrecisionPool {
  compared: number;
  nonFinite: number;
  changedBf16: number;
  rawChanged: number;
  hidden: number;
  unchangedAbs1e5: number;
  ulpHistogram: UlpHistogram;
  baseExponents: Float64Array;
}

/** What the size-matched null expects of a tensor or a pool: elements unchanged in the bf16 view, and steps of the others. */
export interface ExpectedPrecision {
  unchanged: number;
  steps: UlpHistogram;
}

export function newExpected(): ExpectedPrecision {
  return { unchanged: 0, steps: emptyUlpHistogram() };
}

/** Adds to `pool`; null once a part has no null. */
export function addExpected(
  pool: ExpectedPrecision | null,
  part: ExpectedPrecision | null,
): ExpectedPrecision | null {
  if (pool === null || part === null) return null;
  pool.unchanged += part.unchanged;
  for (const bin of Object.keys(pool.steps) as (keyof UlpHistogram)[]) pool.steps[bin] += part.steps[bin];
  return pool;
}

export function newPrecisionPool(): PrecisionPool {
  return {
    compared: 0,
    nonFinite: 0,
    changedBf16: 0,
    rawChanged: 0,
    hidden: 0,
    unchangedAbs1e5: 0,
    ulpHistogram: emptyUlpHistogram(),
    baseExponents: new Float64Array(256),
  };
}

/** Adds a tensor, or another pool, to `pool`. */
export function addPrecision(pool: PrecisionPool, part: PrecisionPool): void {
  pool.compared += part.compared;
  pool.nonFinite += part.nonFinite;
  pool.changedBf16 += part.changedBf16;
  pool.rawChanged += part.rawChanged;
  pool.hidden += part.hidden;
  pool.unchangedAbs1e5 += part.unchangedAbs1e5;
  for (const bin of Object.keys(pool.ulpHistogram) as (keyof UlpHistogram)[]) {
    pool.ulpHistogram[bin] += part.ulpHistogram[bin];
  }
  for (let e = 0; e < 256; e++) pool.baseExponents[e]! += part.baseExponents[e]!;
}

/** Gate III of a pool; null when it holds no element that is finite on both sides. `learningRate`: the peak, null when unknown. */
export function poolPrecision(
  pool: PrecisionPool,
  expected: ExpectedPrecision | null,
  learningRate: number | null,
): PrecisionMetrics | null {
  const { compared, nonFinite, changedBf16, rawChanged, hidden, unchangedAbs1e5 } = pool;
  if (compared === 0) return null;
  const absorbed = learningRate === null ? null : absorbedCount(pool.baseExponents, learningRate);
  return {
    sparsityBf16: (compared - changedBf16) / compared,
    rawChanged: rawChanged / compared,
    hiddenByBf16: rawChanged === 0 ? null : hidden / rawChanged,
    unchangedAbs1e5: unchangedAbs1e5 / compared,
    ulpHistogram: { ...pool.ulpHistogram },
    sparsityBf16Expected: expected && expected.unchanged / compared,
    ulpHistogramExpected: expected && { ...expected.steps },
    absorbedShare: absorbed === null ? null : absorbed / compared,
    counts: { compared, nonFinite, changedBf16, rawChanged, hidden, unchangedAbs1e5, absorbed },
  };
}

/** Gate III of one tensor; null when no element is finite on both sides. */
export function tensorPrecision(
  totals: StreamTotals,
  expected: ExpectedPrecision | null,
  learningRate: number | null,
): TensorPrecision | null {
  const metrics = poolPrecision(totals, expected, learningRate);
  if (metrics === null) return null;
  return { ...metrics, stripe: stripeOf(totals), baseExponents: Array.from(totals.baseExponents) };
}

/** Elements with ½·ULP_bf16 above the learning rate, from the counts by biased exponent. */
export function absorbedCount(baseExponents: ArrayLike<number>, learningRate: number): number {
  let absorbed = 0;
  for (let e = 0; e < 256; e++) {
    // Zero and subnormals share the spacing of the smallest normal exponent.
    if (2 ** (Math.max(e, 1) - 135) > learningRate) absorbed += baseExponents[e]!;
  }
  return absorbed;
}

function stripeOf({ rowChanged, columnChanged, changedBf16 }: StreamTotals): StripeMetrics | null {
  if (rowChanged === null || columnChanged === null) return null;
  const share = changedBf16 / (rowChanged.length * columnChanged.length);
  return {
    rowDensity: densities(rowChanged, columnChanged.length),
    columnDensity: densities(columnChanged, rowChanged.length),
    rowStripe: stripe(rowChanged, columnChanged.length, share),
    columnStripe: stripe(columnChanged, rowChanged.length, share),
  };
}

/** Changed share in at most 256 bins of consecutive lines that hold `length` elements each. */
function densities(changed: Float64Array, length: number): number[] {
  const bins = Math.min(densityBins, changed.length);
  return Array.from({ length: bins }, (_, bin) => {
    const start = Math.floor((bin * changed.length) / bins);
    const end = Math.floor(((bin + 1) * changed.length) / bins);
    let sum = 0;
    for (let i = start; i < end; i++) sum += changed[i]!;
    return sum / ((end - start) * length);
  });
}

/** Variance over all lines (unbiased) by the variance of independent changes; null where that is 0 or there is one line. */
function stripe(changed: Float64Array, length: number, share: number): number | null {
  if (changed.length < 2 || share === 0 || share === 1) return null;
  let sum = 0;
  for (let i = 0; i < changed.length; i++) sum += (changed[i]! / length - share) ** 2;
  return sum / (changed.length - 1) / ((share * (1 - share)) / length);
}
