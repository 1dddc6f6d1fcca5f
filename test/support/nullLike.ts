// The size-matched null of made-up numbers: what a random update of that size would have shown, worked back from what is
// said to be left of the numbers beside it.
import type {
  MaskCount,
  MaskCounts,
  NullGeometry,
  NullRange,
  PrecisionMetrics,
  UlpHistogram,
} from '../../src/shared/report/metrics.ts';
import { noMatrixNull } from './noNull.ts';
import type { Random } from './random.ts';

/** Measured over random for what has a direction; measured minus random for lifts and the unchanged share. */
export interface Beyond {
  rotation: number;
  drift: number;
  energy: number;
  lift: number;
  sparsity: number;
}

export const noBeyond: Beyond = { rotation: 1, drift: 1, energy: 1, lift: 0, sparsity: 0 };

export function precisionNull(
  sparsity: number,
  histogram: UlpHistogram,
  beyond: Beyond | null,
  random: Random,
): Pick<PrecisionMetrics, 'sparsityBf16Expected' | 'ulpHistogramExpected'> {
  const changed = Object.values(histogram).reduce<number>((sum, bin: number) => sum + bin, 0);
  if (beyond === null || changed === 0) return { sparsityBf16Expected: null, ulpHistogramExpected: null };
  const compared = changed / (1 - sparsity);
  const expected = Math.min(0.999, sparsity - beyond.sparsity + random.between(-0.006, 0.006));
  const scale = (compared * (1 - expected)) / changed;
  // Gaussian steps are a little less often single ones, and more often two.
  const moved = histogram.one * 0.04;
  const scaled = Object.fromEntries(
    Object.entries(histogram).map(([key, bin]: [string, number]) => [key, bin * scale]),
  ) as unknown as UlpHistogram;
  return {
    sparsityBf16Expected: expected,
    ulpHistogramExpected: {
      ...scaled,
      one: scaled.one - moved * scale,
      two: scaled.two + moved * scale,
    },
  };
}

/** Counts with what the null expects of them. */
export function withExpected(counts: MaskCounts, beyond: Beyond | null, random: Random): MaskCounts {
  if (beyond === null || counts.changed === 0) return counts;
  const rate = counts.changed / counts.elements;
  const of = ({ size, changed }: MaskCount): MaskCount => {
    const lift = size === 0 ? 0 : changed / size / rate;
    const expected = Math.max(0, lift + (lift < 1 ? 1 : -1) * beyond.lift + random.between(-0.01, 0.01));
    return { size, changed, changedExpected: Math.min(size, expected * size * rate) };
  };
  return {
    elements: counts.elements,
    changed: counts.changed,
    changedExpected: counts.changed,
    principal: of(counts.principal),
    lowMagnitude: of(counts.lowMagnitude),
    principalNotLow: of(counts.principalNotLow),
    lowNotPrincipal: of(counts.lowNotPrincipal),
    nonPrincipalOrLow: of(counts.nonPrincipalOrLow),
  };
}

interface Directed {
  left: number;
  right: number;
  spectralDriftTopK: number;
  /** k: a mean over more angles scatters less. */
  rank: number;
}

export function matrixNull(found: Directed, beyond: Beyond | null, random: Random): NullGeometry {
  if (beyond === null) return noMatrixNull;
  const around = (measured: number, ratio: number): NullRange => {
    const spread = 1 / Math.sqrt(2 * found.rank);
    const mean = (measured / ratio) * (1 + random.between(-0.4, 0.4) * spread);
    return { mean, low: mean * (1 - spread), high: mean * (1 + spread) };
  };
  const left = around(found.left, beyond.rotation);
  const right = around(found.right, beyond.rotation);
  const half = (end: keyof NullRange): number => (left[end] + right[end]) / 2;
  return {
    rotationLeftMeanExpectedDeg: left,
    rotationRightMeanExpectedDeg: right,
    rotationMeanExpectedDeg: { mean: half('mean'), low: half('low'), high: half('high') },
    spectralDriftTopKExpected: around(found.spectralDriftTopK, beyond.drift),
    nullReason: null,
  };
}
