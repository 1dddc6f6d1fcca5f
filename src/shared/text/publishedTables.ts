// The published statistics of a pair as rows of text, each beside the bands of its own statistic and of nothing else.
import { formatDegrees, formatLift, formatNumber, formatShare } from './format.ts';
import {
  publishedJaccard,
  publishedScales,
  type PublishedRegime,
  type PublishedScaleId,
} from '../report/published.ts';
import type { PublishedStatistics } from '../report/publishedStatistics.ts';

export const publishedRegimes = ['SFT', 'OPD', 'RLVR'] as const;
export const publishedTitles: Readonly<Record<PublishedRegime, string>> = {
  SFT: 'published SFT',
  OPD: 'on-policy dist.',
  RLVR: 'RLVR',
};

interface PublishedRow {
  title: string;
  /** What is computed over what. */
  statistic: string;
  measured: string;
  /** By regime, in the order of `publishedRegimes`; empty where nothing was published. */
  bands: string[];
  /** "30 of 30 matrices"; empty for what is no statistic of matrices. */
  over: string;
  /** Why it is not there, or not over all matrices. */
  reason: string | null;
}

/** All notes of a regime on a scale: "0.6–18.8 %; 8.1 %". */
export function bandText(scale: PublishedScaleId, regime: PublishedRegime): string {
  const own = publishedScales[scale].bands.filter((band) => band.regime === regime);
  return own.map(({ note }) => note).join('; ');
}

export function publishedRows(published: PublishedStatistics): PublishedRow[] {
  const { sparsityBf16, spectralDriftFull, maxAngleDeg, angleCurve, masks, matrices } = published;
  const over = ({ computed }: { computed: number }): string => `${computed} of ${matrices} matrices`;
  const angle = maxAngleDeg.value;
  const curve = angleCurve.value;
  const overlap = (share: number | undefined, lift: number | undefined): string =>
    share === undefined ? '–' : `${formatNumber(share)} (${formatLift(lift ?? null)})`;
  const row = (
    scale: PublishedScaleId,
    measured: string,
    where: string,
    reason: string | null,
  ): PublishedRow => {
    const { title, statistic } = publishedScales[scale];
    const bands = publishedRegimes.map((regime) => bandText(scale, regime));
    return { title, statistic, measured, bands, over: where, reason };
  };
  return [
    row('sparsityBf16', formatShare(sparsityBf16.value), '', sparsityBf16.reason),
    row(
      'meanSpectralDriftFull',
      formatNumber(spectralDriftFull.value),
      over(spectralDriftFull),
      spectralDriftFull.reason,
    ),
    row(
      'largestMaxAngleDeg',
      angle === null ? '–' : `${formatDegrees(angle.max)}, median ${formatDegrees(angle.median)}`,
      over(maxAngleDeg),
      maxAngleDeg.reason,
    ),
    row(
      'angleCurveEndDeg',
      curve === null ? '–' : formatDegrees(Math.max(...curve.leftDeg, ...curve.rightDeg)),
      curve === null ? '' : `${curve.name}, ${curve.rank} directions`,
      angleCurve.reason,
    ),
    row(
      'meanLowMagnitudeOverlap',
      overlap(masks.value?.lowMagnitudeOverlap, masks.value?.lowMagnitudeLift),
      over(masks),
      masks.reason,
    ),
    row(
      'meanPrincipalOverlap',
      overlap(masks.value?.principalOverlap, masks.value?.principalLift),
      over(masks),
      masks.reason,
    ),
  ];
}

/** Reasons, each once, for the lines below a table. */
export function publishedNotes(rows: readonly PublishedRow[]): string[] {
  const titled = rows.flatMap(({ title, reason }) => (reason === null ? [] : [`${title}: ${reason}`]));
  return [...new Set(titled)];
}

const range = ([from, to]: readonly [number, number]): string => `${from.toFixed(2)}–${to.toFixed(2)}`;

/** The published overlap of two runs, and that of random masks beside it. */
export const publishedOverlap = {
  measured: range(publishedJaccard.measured),
  random: range(publishedJaccard.random),
  sentence: `Published RLVR runs of one base (${publishedJaccard.statistic}) overlap by ${range(publishedJaccard.measured)}, random masks by ${range(publishedJaccard.random)} (${publishedJaccard.source}).`,
};
