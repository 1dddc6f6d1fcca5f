// A number on its axis: the published bands above, then its null with the range that counts as random, the threshold's three
// zones below, and a diamond where the value stands.
import type { Threshold } from '../../../src/shared/options/options.ts';
import type { PublishedBand } from '../../../src/shared/report/published.ts';
import { lanesOf, positionOn, zonesOf, type Scale } from '../../parts/model/scale.ts';
import { element, setVariable, show } from '../../parts/dom/dom.ts';
import { measuredMark, randomMark } from './marks.ts';

/** Width that a band's label needs, as a share of the axis. */
const labelShare = 0.15;

/** A null on the axis: its mean, and from where to where a value counts as random. */
interface NullPlace {
  mean: number;
  low: number;
  high: number;
}

interface Track {
  root: HTMLElement;
  /** Puts the marks where value and null stand; null takes one away. */
  point(value: number | null, expected: NullPlace | null): void;
}

interface TrackWishes {
  scale: Scale;
  /** Null for a number that no verdict rests on. */
  threshold: Threshold | null;
  format: (value: number) => string;
  bands: readonly PublishedBand[];
}

/** Decorative for screen readers: the reading's own text says the same. */
export function track({ scale, threshold, format, bands }: TrackWishes): Track {
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
  const measured = measuredMark();
  const random = randomMark();
  const bracket = element('span', { class: 'bracket' });
  for (const mark of [measured, random, bracket]) show(mark, false);
  const root = element(
    'div',
    { class: 'track', 'aria-hidden': 'true' },
    ...marks,
    ...zones(scale, threshold),
    ...limits(scale, threshold, format),
    bracket,
    random,
    measured,
  );
  setVariable(root, '--lanes', String(laneCount));
  return {
    root,
    point(value, expected) {
      show(measured, value !== null);
      if (value !== null) placeAt(measured, positionOn(scale, value));
      root.classList.toggle('with-null', expected !== null);
      for (const mark of [random, bracket]) show(mark, expected !== null);
      if (expected === null) return;
      placeAt(random, positionOn(scale, expected.mean));
      place(bracket, positionOn(scale, expected.low), positionOn(scale, expected.high));
    },
  };
}

/** Without a threshold the axis is one plain line. */
function zones(scale: Scale, threshold: Threshold | null): HTMLElement[] {
  if (threshold === null) {
    const line = element('span', { class: 'zone plain' });
    place(line, 0, 1);
    return [line];
  }
  return zonesOf(scale, threshold).map(({ standing, from, to }) => {
    const zone = element('span', { class: `zone ${standing}` });
    place(zone, from, to);
    return zone;
  });
}

function limits(scale: Scale, threshold: Threshold | null, format: (value: number) => string): HTMLElement[] {
  if (threshold === null) {
    return [scale.min, scale.max].map((end, index) => {
      const label = element(
        'span',
        { class: `limit ${index === 0 ? 'upper' : 'lower'}` },
        plain(format(end)),
      );
      placeAt(label, index);
      return label;
    });
  }
  const single =
    threshold.holds === threshold.broken || Math.abs(threshold.holds / threshold.broken - 1) < 1e-6;
  const ordered = [threshold.holds, threshold.broken].sort((one, other) => one - other);
  // The lower limit's number stands left of its mark and the upper one's right of it, so that they never meet.
  return (single ? [threshold.holds] : ordered).map((limit, index) => {
    const side = single ? '' : index === 0 ? ' lower' : ' upper';
    const label = element('span', { class: `limit${side}` }, plain(format(limit)));
    placeAt(label, positionOn(scale, limit));
    return label;
  });
}

/** Thresholds are round numbers: "0.0100" is said as "0.01". */
function plain(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\D|$)/u, '$1').replace(/\.(?=\D|$)/u, '');
}

function placeAt(target: HTMLElement, at: number): void {
  place(target, at, at);
}

function place(target: HTMLElement, from: number, to: number): void {
  setVariable(target, '--from', from.toFixed(4));
  setVariable(target, '--to', to.toFixed(4));
}
