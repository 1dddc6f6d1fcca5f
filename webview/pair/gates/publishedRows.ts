// Each published statistic as it was computed: what stands in its row, and on which scale. Pure.
import { formatDegrees, formatNumber, formatShare } from '../../../src/shared/text/format.ts';
import {
  publishedScales,
  type PublishedBand,
  type PublishedScaleId,
} from '../../../src/shared/report/published.ts';
import { publishedValue, type PublishedStatistics } from '../../../src/shared/report/publishedStatistics.ts';
import type { Scale } from '../../parts/model/scale.ts';
import { exactLine } from '../metrics/exactLine.ts';

interface Axis {
  scale: Scale;
  format: (value: number | null) => string;
}

const share: Scale = { kind: 'linear', min: 0, max: 1 };
const angle: Axis = { scale: { kind: 'log', min: 0.01, max: 90 }, format: formatDegrees };

const axes: Record<PublishedScaleId, Axis> = {
  sparsityBf16: { scale: share, format: formatShare },
  meanSpectralDriftFull: { scale: { kind: 'log', min: 1e-6, max: 0.1 }, format: formatNumber },
  largestMaxAngleDeg: angle,
  angleCurveEndDeg: angle,
  meanLowMagnitudeOverlap: { scale: { kind: 'linear', min: 0.2, max: 0.9 }, format: formatNumber },
  meanPrincipalOverlap: { scale: { kind: 'linear', min: 0.2, max: 0.4 }, format: formatNumber },
};

const ids = Object.keys(axes) as PublishedScaleId[];

export interface PublishedRow extends Axis {
  id: PublishedScaleId;
  title: string;
  /** Null where it was not computed. */
  value: number | null;
  text: string;
  /** How it is defined, and on how much it rests where that is not everything. */
  statistic: string;
  why: string;
  bands: readonly PublishedBand[];
  /** For a hover. */
  lines: string[];
}

/** In the papers' order: what bf16 kept, how the spectrum moved, where the changes sit. */
export function publishedRows(statistics: PublishedStatistics): PublishedRow[] {
  return ids.map((id) => {
    const { title, statistic, bands } = publishedScales[id];
    const { scale, format } = axes[id];
    const value = publishedValue(statistics, id);
    const note = restsOn(id, statistics);
    return {
      ...{ id, title, value, statistic, bands, scale, format },
      text: value === null ? 'not computed' : format(value),
      why: `${statistic}${note === '' ? '' : `; ${note}`}`,
      lines: [
        title,
        `Computed as published: ${statistic}.`,
        exactLine(value, null),
        ...(note === '' ? [] : [note]),
        ...bands.map((band) => `Published: ${band.regime} ${band.note} (${band.source}).`),
      ],
    };
  });
}

/** On how many matrices it rests, where these are not all, and why. */
function restsOn(id: PublishedScaleId, statistics: PublishedStatistics): string {
  if (id === 'sparsityBf16') return statistics.sparsityBf16.reason ?? '';
  const { computed, reason } = {
    meanSpectralDriftFull: statistics.spectralDriftFull,
    largestMaxAngleDeg: statistics.maxAngleDeg,
    angleCurveEndDeg: statistics.angleCurve,
    meanLowMagnitudeOverlap: statistics.masks,
    meanPrincipalOverlap: statistics.masks,
  }[id];
  if (reason === null) return '';
  return id === 'angleCurveEndDeg' ? reason : `${computed} of ${statistics.matrices} matrices. ${reason}`;
}
