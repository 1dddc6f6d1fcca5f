// A number on its axis: the published bands above, the threshold's three zones below, a needle where the value stands.
import type { Threshold } from '../../src/shared/options.ts';
import type { MetricDefinition } from '../metrics/catalog.ts';
import { publishedBands, type PublishedBand } from '../../src/shared/published.ts';
import { exactLine } from '../metrics/exactLine.ts';
import { lanesOf, positionOn, zonesOf, type Scale } from '../metrics/scale.ts';
import { element, setVariable, show } from '../view/dom.ts';

/** Width that a band's label needs, as a share of the axis. */
const labelShare = 0.15;

export interface Track {
  root: HTMLElement;
  /** Puts the needle where a value stands; null takes it away. */
  point(value: number | null): void;
}

/** Decorative for screen readers: the reading's own text says the same. */
export function track(
  scale: Scale,
  threshold: Threshold,
  format: (value: number) => string,
  bands: readonly PublishedBand[],
): Track {
  const placed = bands.map((band) => ({
    band,
    from: positionOn(scale, band.from),
    to: positionOn(scale, band.to),
  }));
  const lanes = lanesOf(placed, labelShare);
  const laneCount = lanes.reduce((most, lane) => Math.max(most, lane + 1), 0);
  const marks = placed.map(({ band, from, to }, index) => {
    const point = to - from < 0.01;
    // A label at the far end is set on the other side of its mark, to stay inside the axis.
    const mirrored = point && from > 1 - labelShare;
    const mark = element(
      'span',
      { class: `band ${band.regime.toLowerCase()}${point ? ' point' : ''}${mirrored ? ' mirrored' : ''}` },
      element('span', { class: 'band-label' }, band.regime),
    );
    place(mark, from, to);
    setVariable(mark, '--lane', String(lanes[index] ?? 0));
    return mark;
  });
  const zones = zonesOf(scale, threshold).map(({ standing, from, to }) => {
    const zone = element('span', { class: `zone ${standing}` });
    place(zone, from, to);
    return zone;
  });
  const single =
    threshold.holds === threshold.broken || Math.abs(threshold.holds / threshold.broken - 1) < 1e-6;
  const ordered = [threshold.holds, threshold.broken].sort((one, other) => one - other);
  // The lower limit's number stands left of its mark and the upper one's right of it, so that they never meet.
  const limits = (single ? [threshold.holds] : ordered).map((limit, index) => {
    const at = positionOn(scale, limit);
    const side = single ? '' : index === 0 ? ' lower' : ' upper';
    const label = element('span', { class: `limit${side}` }, plain(format(limit)));
    place(label, at, at);
    return label;
  });
  const needle = element('span', { class: 'needle', hidden: true });
  const root = element(
    'div',
    { class: 'track', 'aria-hidden': 'true' },
    ...marks,
    ...zones,
    ...limits,
    needle,
  );
  setVariable(root, '--lanes', String(laneCount));
  return {
    root,
    point(value) {
      show(needle, value !== null);
      if (value === null) return;
      const at = positionOn(scale, value);
      place(needle, at, at);
    },
  };
}

export function bandsOf(metric: string): readonly PublishedBand[] {
  return publishedBands[metric] ?? [];
}

/** The reading in words: what it means, its exact value, its threshold and where both come from. */
export function readingLines(
  metric: Pick<MetricDefinition, 'label' | 'definition' | 'source'>,
  exact: number | null,
  error: number | null,
  format: (value: number) => string,
  threshold: Threshold | null,
  thresholdSource: string,
  bands: readonly PublishedBand[],
): string[] {
  return [
    metric.label,
    metric.definition,
    exactLine(exact, error),
    ...(threshold === null ? [] : [`${thresholdWords(threshold, format)} (${thresholdSource}).`]),
    ...bands.map((band) => `Published: ${band.regime} ${band.note} (${band.source}).`),
    `Definition: ${metric.source}.`,
  ];
}

export function thresholdWords({ holds, broken }: Threshold, format: (value: number) => string): string {
  const higher = holds > broken;
  return `Holds at ${higher ? 'or above' : 'or below'} ${format(holds)}, broken at ${higher ? 'or below' : 'or above'} ${format(broken)}`;
}

/** Thresholds are round numbers: "0.0100" is said as "0.01". */
function plain(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\D|$)/u, '$1').replace(/\.(?=\D|$)/u, '');
}

function place(target: HTMLElement, from: number, to: number): void {
  setVariable(target, '--from', from.toFixed(4));
  setVariable(target, '--to', to.toFixed(4));
}
