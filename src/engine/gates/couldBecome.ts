// Which standings a gate may end with, where its numbers are only known to lie in a range: every vote that a number of the range
// can cast, in every combination. Pure.
import type { BandName } from '../../shared/options/thresholds.ts';
import { thresholdCatalogue } from '../../shared/options/thresholds.ts';
import type { Thresholds } from '../../shared/options/options.ts';
import type { GateStanding, GateVerdict, Vote } from '../../shared/report/verdicts.ts';
import { geometryStanding, voteOf } from './verdict.ts';

/** Where a number lies; that it may lie anywhere, or not be defined; or that it was not measured. */
type NumberRange = { low: number; high: number; error: number | null } | 'anywhere' | 'unknown';
export type NumberRanges = (metric: BandName) => NumberRange;

const scale: readonly Vote[] = ['holds', 'neutral', 'broken'];
const geometryMetrics = [
  'spectralDriftTopK',
  'rotationMeanDeg',
  'principalLift',
  'lowMagnitudeLift',
] as const;

export function anchorStandings(
  ranges: NumberRanges,
  { readings }: GateVerdict,
  thresholds: Thresholds,
): GateStanding[] {
  const exceedsKl = readings.some(({ metric, vote }) => metric === 'kl' && vote === 'broken');
  return distinct(
    votesOf('relativeDrift', ranges, thresholds).map((vote) =>
      exceedsKl && vote === 'holds' ? 'middle' : standingOf(vote),
    ),
  );
}

export function precisionStandings(ranges: NumberRanges, thresholds: Thresholds): GateStanding[] {
  return votesOf('sparsityBf16', ranges, thresholds).map(standingOf);
}

export function geometryStandings(ranges: NumberRanges, thresholds: Thresholds): GateStanding[] {
  const combinations = geometryMetrics.reduce<Vote[][]>(
    (before, metric) =>
      before.flatMap((votes) => votesOf(metric, ranges, thresholds).map((vote) => [...votes, vote])),
    [[]],
  );
  return distinct(combinations.map(geometryStanding));
}

export function isVoting(metric: string): metric is BandName {
  return Object.hasOwn(thresholdCatalogue, metric);
}

/** Those at both ends, and what lies between them. */
export function votesOf(metric: BandName, ranges: NumberRanges, thresholds: Thresholds): Vote[] {
  const range = ranges(metric);
  if (range === 'unknown') return ['unknown'];
  if (range === 'anywhere') return [...scale, 'unknown'];
  const { holding } = thresholdCatalogue[metric];
  const ends = [range.low, range.high].map((end) => voteOf(end, range.error, thresholds[metric], holding));
  const places = ends.filter((vote) => vote !== 'unknown').map((vote) => scale.indexOf(vote));
  const between = scale.slice(Math.min(...places), Math.max(...places) + 1);
  return distinct([...ends.filter((vote) => vote === 'unknown'), ...(places.length === 0 ? [] : between)]);
}

function standingOf(vote: Vote): GateStanding {
  return vote === 'neutral' ? 'middle' : vote;
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
