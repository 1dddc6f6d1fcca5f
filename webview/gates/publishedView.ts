// "As published", folded away: each published statistic computed as its source computes it, on its own scale, the only place
// where its bands may stand. The gates' pooled and truncated relatives of these numbers carry no bands.
import { formatDegrees, formatNumber, formatShare } from '../../src/shared/text/format.ts';
import { publishedScales, type PublishedScaleId } from '../../src/shared/report/published.ts';
import { publishedValue, type PublishedStatistics } from '../../src/shared/report/publishedStatistics.ts';
import type { Scale } from '../metrics/scale.ts';
import { exactLine } from '../metrics/exactLine.ts';
import { element, replaceChildren, show } from '../view/dom.ts';
import type { Section } from '../view/section.ts';
import { tip } from '../view/tooltip.ts';
import { track } from './track.ts';

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

export function createPublished(): Section {
  const rows = element('div', { class: 'published-rows' });
  const root = element(
    'details',
    { class: 'published' },
    element(
      'summary',
      {},
      element('span', { class: 'published-title' }, 'As published'),
      element('span', { class: 'dim' }, 'each statistic as its paper computes it, with the papers’ values'),
    ),
    rows,
  );
  return {
    root,
    update({ document }, previous) {
      const found = document?.report?.published ?? null;
      if (previous !== null && found === (previous.document?.report?.published ?? null)) return;
      show(root, found !== null);
      replaceChildren(rows, ...(found === null ? [] : ids.map((id) => rowOf(id, found))));
    },
  };
}

function rowOf(id: PublishedScaleId, statistics: PublishedStatistics): HTMLElement {
  const { title, statistic, bands } = publishedScales[id];
  const { scale, format } = axes[id];
  const value = publishedValue(statistics, id);
  const note = restsOn(id, statistics);
  const axis = track({ scale, threshold: null, format, bands });
  axis.point(value, null);
  const text = value === null ? 'not computed' : format(value);
  const row = element(
    'div',
    { class: 'reading', tabindex: 0, role: 'group', 'aria-label': `${title}: ${text}. ${statistic}` },
    element(
      'div',
      { class: 'reading-line' },
      element('span', { class: 'reading-label' }, title),
      element('span', { class: 'number' }, text),
    ),
    element('p', { class: 'why' }, `${statistic}${note === '' ? '' : `; ${note}`}`),
    axis.root,
  );
  tip(row, () => [
    title,
    `Computed as published: ${statistic}.`,
    exactLine(value, null),
    ...(note === '' ? [] : [note]),
    ...bands.map(({ regime, note: said, source }) => `Published: ${regime} ${said} (${source}).`),
  ]);
  return row;
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
