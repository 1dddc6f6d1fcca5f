// The readings of a gate as text, each beside what a random update of the same size would show (its size-matched null) and the
// word for the difference: the same in the terminal, in Markdown and in hovers.
import type { NullGeometry, NullRange } from '../report/metrics.ts';
import { formatLift } from './format.ts';
import { formatMetric, metricWords } from './metrics.ts';
import { formatReading } from './reportTables.ts';
import type { BeyondReading, GateVerdict, GateVerdicts, Reading } from '../report/verdicts.ts';

/** Of a pool or of one tensor. */
type NullOfGeometry = Pick<NullGeometry, 'rotationMeanExpectedDeg' | 'spectralDriftTopKExpected'>;

export interface RowBesideNull {
  metric: string;
  measured: string;
  /** "0.20° (0.17° to 0.23°)": the null's mean, and the range of 5–95 % of its draws where it has one; empty without a null. */
  random: string;
  /** "less (×0.75)", "as random" or "not known"; empty without a null. */
  word: string;
  /** The vote and its limits; null for what is only compared with the null. */
  reading: Reading | null;
}

/** What counts for the verdict first, then what is only held against the null. */
export function rowsBesideNull(
  { readings, beyondSize }: Pick<GateVerdict, 'readings' | 'beyondSize'>,
  geometry: NullOfGeometry | null,
): RowBesideNull[] {
  const beside = beyondSize?.readings ?? [];
  const of = (metric: string): BeyondReading | null => beside.find((each) => each.metric === metric) ?? null;
  const voting = readings.map((reading): RowBesideNull => {
    const { metric } = reading;
    return { metric, measured: formatReading(reading), ...nullCells(of(metric), geometry), reading };
  });
  const others = beside
    .filter(({ metric, value }) => value !== null && !readings.some((each) => each.metric === metric))
    .map((each): RowBesideNull => {
      const { metric, value } = each;
      return { metric, measured: formatMetric(metric, value), ...nullCells(each, geometry), reading: null };
    });
  return [...voting, ...others];
}

function nullCells(
  found: BeyondReading | null,
  geometry: NullOfGeometry | null,
): Pick<RowBesideNull, 'random' | 'word'> {
  if (found === null) return { random: '', word: '' };
  return {
    random: randomText(found.metric, found.expected, nullRange(found.metric, geometry)),
    word: beyondText(found),
  };
}

/** The null's own range; other nulls are exact expectations. */
function nullRange(metric: string, geometry: NullOfGeometry | null): NullRange | null {
  if (metric === 'rotationMeanDeg') return geometry?.rotationMeanExpectedDeg ?? null;
  if (metric === 'spectralDriftTopK') return geometry?.spectralDriftTopKExpected ?? null;
  return null;
}

export function randomText(metric: string, expected: number | null, range: NullRange | null): string {
  const mean = formatMetric(metric, expected);
  if (expected === null || range === null) return mean;
  return `${mean} (${formatMetric(metric, range.low)} to ${formatMetric(metric, range.high)})`;
}

export function beyondText({
  metric,
  word,
  ratio,
}: Pick<BeyondReading, 'metric' | 'word' | 'ratio'>): string {
  if (word === 'unknown') return 'not known';
  // Of shares near one a ratio says nothing.
  if (word === 'as random' || ratio === null || metric === 'sparsityBf16') return word;
  return `${word} (${formatLift(ratio)})`;
}

/** What is left beyond size in one cell: "−rotation +drift +energy", "as random", or an en dash where that is not known. */
export function beyondCell({ geometry, precision }: Pick<GateVerdicts, 'geometry' | 'precision'>): string {
  const readings = [...(geometry.beyondSize?.readings ?? []), ...(precision.beyondSize?.readings ?? [])];
  const known = readings.filter(({ word }) => word !== 'unknown');
  if (known.length === 0) return '–';
  const left = known.filter(({ word }) => word !== 'as random');
  if (left.length === 0) return 'as random';
  return left
    .map(({ metric, word }) => `${word === 'less' ? '−' : '+'}${metricWords(metric)?.beyond?.sign ?? metric}`)
    .join(' ');
}

/** What the signs of `beyondCell` mean. */
export const beyondLegend = 'Beyond size: + more, − less than a random update of the same size would show.';
