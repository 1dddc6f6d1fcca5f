// A number beside its size-matched null, in words: which word the engine gave it, what a random update would show, and how
// far apart the two are. Pure.
import { formatLift, formatNumber } from '../../../src/shared/text/format.ts';
import { beyondText as wordBesideNull } from '../../../src/shared/text/besideNull.ts';
import type { NullRange } from '../../../src/shared/report/metrics.ts';
import type { GateName } from '../../../src/shared/options/options.ts';
import type { BeyondReading, BeyondSize, BeyondWord } from '../../../src/shared/report/verdicts.ts';
import { nullDefinition } from './expected.ts';

type Judged = Readonly<Record<GateName, { beyondSize: BeyondSize | null }>>;

/** The engine's reading behind a metric or its multiple; null where none was given. */
export function beyondReading({ geometry, precision }: Judged, metric: string): BeyondReading | null {
  const name = measuredName(metric);
  const readings = [...(geometry.beyondSize?.readings ?? []), ...(precision.beyondSize?.readings ?? [])];
  return readings.find((each) => each.metric === name) ?? null;
}

/** The metric behind a multiple of its null; any other metric itself. */
export function measuredName(metric: string): string {
  return metric.replace(/Beyond$/u, '');
}

/** A multiple: "×0.75", "×21.0". */
export function formatTimes(ratio: number | null): string {
  return ratio !== null && ratio >= 10 ? `×${formatNumber(ratio)}` : formatLift(ratio);
}

/** Beside the colour and the word: which way a reading lies from the null. */
export const beyondGlyphs: Record<BeyondWord, string> = {
  less: '▾',
  more: '▴',
  'as random': '',
  unknown: '',
};

/** "less (×0.75)", "as random"; empty where no word was given. */
export function beyondText(reading: BeyondReading | null): string {
  return reading === null || reading.word === 'unknown' ? '' : wordBesideNull(reading);
}

/** For a hover: the null's number with its scatter, the word, and what the null is. */
export function besideLines(
  expected: NullRange | null,
  reading: BeyondReading | null,
  format: (value: number | null) => string,
): string[] {
  const [reason, from, to] = [reading?.reason ?? null, reading?.low ?? null, reading?.high ?? null];
  if (expected === null) return reason === null ? [] : [`No random update beside it: ${reason}`];
  const { mean, low, high } = expected;
  const scatter = low < high ? `, 5–95 % of its draws ${format(low)} to ${format(high)}` : '';
  const counts = from === null || to === null ? '' : ` ${format(from)} to ${format(to)} counts as random.`;
  const word = beyondText(reading);
  return [
    `Random: ${format(mean)}${scatter}.${counts}`,
    ...(word === '' ? [] : [word === 'as random' ? asRandom : `Beside it, this is ${word}.`]),
    nullDefinition,
  ];
}

const asRandom = 'As random: it says how small the step was, and nothing of its direction.';
