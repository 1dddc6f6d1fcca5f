// One reading of a gate: its number, how it votes, what a random update of the same size would show, and both on one scale.
// What is as random is set lighter; it says only how small the step was.
import { formatNumber } from '../../../src/shared/text/format.ts';
import { formatResolved } from '../../../src/shared/report/resolution.ts';
import type { NullRange } from '../../../src/shared/report/metrics.ts';
import type { Threshold } from '../../../src/shared/options/options.ts';
import type { BeyondReading, Vote } from '../../../src/shared/report/verdicts.ts';
import { metricCatalogue } from '../../../src/shared/text/metrics.ts';
import { beyondGlyphs, beyondText, besideLines } from '../metrics/beside.ts';
import { metricNamed } from '../metrics/catalog.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import { element, replaceChildren, setAttributes, setText, show } from '../../parts/dom/dom.ts';
import { standingIcon } from '../../parts/dom/icons.ts';
import { tip } from '../../parts/dom/tooltip.ts';
import { randomMark } from './marks.ts';
import { bandsOf, readingLines } from './readingLines.ts';
import { track } from './track.ts';

/** What a row shows. */
export interface RowReading {
  metric: string;
  value: number | null;
  error: number | null;
  /** Null where it has no say in the verdict. */
  judged: { vote: Vote; threshold: Threshold; source: string } | null;
  beyond: BeyondReading | null;
  /** The null with its own scatter. */
  expected: NullRange | null;
}

/** Rows with the same key differ in their numbers alone. */
export function rowKey({ metric, judged }: RowReading): string {
  return JSON.stringify([metric, judged?.threshold, judged?.source]);
}

export interface ReadingRow {
  root: HTMLElement;
  /** With other numbers under the same key. */
  update(reading: RowReading): void;
}

/** Not a weight metric, so it stands beside the catalog. */
const kl: Pick<MetricDefinition, 'label' | 'definition' | 'source' | 'scale'> = {
  label: metricCatalogue.kl.title,
  definition: metricCatalogue.kl.explanation,
  source: metricCatalogue.kl.source,
  scale: { kind: 'log', min: 1e-4, max: 10 },
};

/** `votes`: said beside the shape, as they are counted. */
export function readingRow(first: RowReading, votes: boolean): ReadingRow {
  const words = wordsOf(first);
  const { known, format, unit, bands } = words;
  const scale = track({
    scale: known.scale,
    threshold: first.judged?.threshold ?? null,
    format: (limit) => `${format(limit)}${unit}`,
    bands,
  });
  const value = valueLine(known.label, votes);
  const beside = besideLine(format);
  const root = element(
    'div',
    { class: 'reading', tabindex: 0, role: 'group' },
    value.root,
    beside.root,
    scale.root,
  );
  let shown = first;
  tip(root, () => hoverLines(shown, words));
  return {
    root,
    update(reading) {
      shown = reading;
      const { error, judged, beyond } = reading;
      const text = formatResolved(reading.value, error, format);
      const voted = judged === null ? '' : `, ${(votes ? geometryVotes : plainVotes)[judged.vote]}`;
      value.update(text, judged?.vote ?? null);
      beside.update(beyond);
      root.classList.toggle('as-random', beyond?.word === 'as random');
      const expected = beyond?.expected ?? null;
      const besides = expected === null ? '' : `; a random update ${format(expected)}, ${beyondText(beyond)}`;
      setAttributes(root, { 'aria-label': `${known.label}: ${text}${unit}${voted}${besides}` });
      scale.point(reading.value, nullPlace(beyond));
    },
  };
}

interface Words {
  known: Pick<MetricDefinition, 'label' | 'definition' | 'source' | 'scale'>;
  format: (value: number | null) => string;
  /** Behind the number. */
  unit: string;
  bands: ReturnType<typeof bandsOf>;
}

function wordsOf({ metric: name, judged }: RowReading): Words {
  const metric = metricNamed(name);
  const source = judged?.source ?? '';
  return {
    known: metric ?? (name === 'kl' ? kl : { ...kl, label: name, definition: '', source }),
    format: (value) => (metric ?? { format: formatNumber }).format(value),
    unit: name === 'kl' ? ' nats/token' : '',
    bands: bandsOf(name),
  };
}

function hoverLines(
  { value, error, judged, expected, beyond }: RowReading,
  { known, format, bands }: Words,
): string[] {
  const threshold = judged && { limits: judged.threshold, source: judged.source };
  const beside = besideLines(expected, beyond, format);
  return readingLines({ metric: known, value, error, format, threshold, beside, bands });
}

interface ValueLine {
  root: HTMLElement;
  /** `vote`: null where it has no say in the verdict. */
  update(text: string, vote: Vote | null): void;
}

function valueLine(label: string, votes: boolean): ValueLine {
  const number = element('span', { class: 'number' });
  const mark = element('span', { class: 'vote' });
  let shown: Vote | null = null;
  return {
    root: element(
      'div',
      { class: 'reading-line' },
      element('span', { class: 'reading-label' }, label),
      number,
      mark,
    ),
    update(text, vote) {
      setText(number, text);
      show(mark, vote !== null);
      if (vote === null || vote === shown) return;
      shown = vote;
      const said = votes ? element('span', {}, geometryVotes[vote]) : null;
      replaceChildren(mark, standingIcon(vote), said);
    },
  };
}

/** What a random update shows, and the word for the reading beside it. */
function besideLine(format: (value: number) => string): {
  root: HTMLElement;
  update(beyond: BeyondReading | null): void;
} {
  const random = element('span', { class: 'number' });
  const word = element('span', { class: 'beyond-word' });
  const root = element('div', { class: 'beside' }, randomMark(), random, word);
  return {
    root,
    update(beyond) {
      const expected = beyond?.expected ?? null;
      show(root, beyond !== null);
      setText(random, expected === null ? 'random update not known' : `random ${format(expected)}`);
      setText(word, `${beyondGlyphs[beyond?.word ?? 'unknown']} ${beyondText(beyond)}`.trim());
    },
  };
}

function nullPlace(beyond: BeyondReading | null): { mean: number; low: number; high: number } | null {
  if (beyond === null) return null;
  const { expected: mean, low, high } = beyond;
  return mean === null || low === null || high === null ? null : { mean, low, high };
}

const geometryVotes = { holds: 'off', neutral: 'neutral', broken: 'on', unknown: 'not measured' };
const plainVotes = { holds: 'holds', neutral: 'between', broken: 'broken', unknown: 'not measured' };

export function missingKl(reason: string): HTMLElement {
  const row = element(
    'div',
    {
      class: 'reading missing',
      tabindex: 0,
      role: 'group',
      'aria-label': `KL to the reference: not measured. ${reason}`,
    },
    element(
      'div',
      { class: 'reading-line' },
      element('span', { class: 'reading-label' }, kl.label),
      element('span', { class: 'number' }, 'not measured'),
      element('span', { class: 'vote' }, standingIcon('unknown')),
    ),
    element('p', { class: 'why' }, reason),
  );
  tip(row, () => [kl.label, kl.definition]);
  return row;
}
