// The statistics of the published comparisons, each computed as its source does, so that its bands (`published.ts`) may stand
// beside it. They are means over matrices, every matrix counting once: never the pooled numbers of the gates.
import type { PublishedScaleId } from './published.ts';

/** `published` computes these statistics for every matrix; `default` where it costs nothing more. */
export type AnalysisProfile = 'default' | 'published';
export const analysisProfiles: readonly AnalysisProfile[] = ['default', 'published'];

/** A statistic over matrices, of which it names how many it rests on: what it was not computed for is never mixed in. */
export interface PublishedStatistic<Value> {
  /** Null where no matrix has it. */
  value: Value | null;
  /** Matrices that it was computed over. */
  computed: number;
  /** Why these are not all; null where they are. */
  reason: string | null;
}

/** Unweighted means over matrices, masks of rank 64 and α = 0.3. */
export interface PublishedMasks {
  /** |M∩U|/|U| */
  lowMagnitudeOverlap: number;
  /** The overlap over α, as published. */
  lowMagnitudeLift: number;
  principalOverlap: number;
  principalLift: number;
}

/** Of the largest principal angle of each matrix, on whichever side it is larger, degrees. */
interface PublishedMaxAngle {
  max: number;
  median: number;
}

/** Principal angles of one matrix over k = min(512, ⌊min(m,n)/2⌋) leading directions, ascending, degrees. */
export interface PublishedCurve {
  name: string;
  layer: number | null;
  rank: number;
  leftDeg: number[];
  rightDeg: number[];
}

export interface PublishedStatistics {
  profile: AnalysisProfile;
  /** Matrices of the pair that Gate II looks at, those of a stack one by one. */
  matrices: number;
  /** Unchanged share of the whole model, parameter-weighted, at the published η; null with the reason. */
  sparsityBf16: Pick<PublishedStatistic<number>, 'value' | 'reason'>;
  /** Unweighted mean over matrices of ‖σ̂−σ‖₂/‖σ‖₂ over all singular values. */
  spectralDriftFull: PublishedStatistic<number>;
  maxAngleDeg: PublishedStatistic<PublishedMaxAngle>;
  angleCurve: PublishedStatistic<PublishedCurve>;
  masks: PublishedStatistic<PublishedMasks>;
}

/** The number that the bands of a scale belong to; null where it was not computed. */
export function publishedValue(
  { sparsityBf16, spectralDriftFull, maxAngleDeg, angleCurve, masks }: PublishedStatistics,
  scale: PublishedScaleId,
): number | null {
  switch (scale) {
    case 'sparsityBf16':
      return sparsityBf16.value;
    case 'meanSpectralDriftFull':
      return spectralDriftFull.value;
    case 'angleCurveEndDeg':
      return angleCurve.value && Math.max(...angleCurve.value.leftDeg, ...angleCurve.value.rightDeg);
    case 'largestMaxAngleDeg':
      return maxAngleDeg.value?.max ?? null;
    case 'meanLowMagnitudeOverlap':
      return masks.value?.lowMagnitudeOverlap ?? null;
    case 'meanPrincipalOverlap':
      return masks.value?.principalOverlap ?? null;
  }
}
