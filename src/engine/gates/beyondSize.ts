// What is left of a gate's readings beyond the size of the update: each beside its size-matched null, and one word for it
// (metric definitions, "The size-matched null"). A reading `as random` is what bf16 and chance make of any update of that size,
// so nothing may be claimed from it.
import { formatLift, formatShare } from '../../shared/text/format.ts';
import { metricWords } from '../../shared/text/metrics.ts';
import type { NullRange } from '../../shared/report/metrics.ts';
import type { BeyondThresholds } from '../../shared/options/options.ts';
import type { BeyondReading, BeyondSize, BeyondWord } from '../../shared/report/verdicts.ts';

export interface GeometryBesideNull {
  rotationMeanDeg: number | null;
  rotationMeanExpectedDeg: NullRange | null;
  spectralDriftTopK: number | null;
  spectralDriftTopKExpected: NullRange | null;
  /** What stands beside them: of a pool, that of the matrices that have a null. */
  beside: { rotationMeanDeg: number | null; spectralDriftTopK: number | null };
  nullReason: string | null;
  principalLift: number | null;
  principalLiftExpected: number | null;
  lowMagnitudeLift: number | null;
  lowMagnitudeLiftExpected: number | null;
  principalEnergy: number | null;
  principalEnergyExpected: number | null;
}

export interface PrecisionBesideNull {
  sparsityBf16: number;
  sparsityBf16Expected: number | null;
}

const nothingBeyond = 'Nothing: a random update of this size shows the same.';

const notDefined = 'Not defined here.';
const noNull = 'What a random update of this size would show is not known here.';

export function geometryBeyondSize(found: GeometryBesideNull, limits: BeyondThresholds): BeyondSize {
  const lift = limits.beyondLift;
  const energy = found.principalEnergyExpected;
  return beyondSize([
    inRange(
      'rotationMeanDeg',
      found.beside.rotationMeanDeg,
      found.rotationMeanExpectedDeg,
      limits.beyondRotation,
      found,
    ),
    inRange(
      'spectralDriftTopK',
      found.beside.spectralDriftTopK,
      found.spectralDriftTopKExpected,
      limits.beyondSpectralDrift,
      found,
    ),
    around('principalLift', found.principalLift, found.principalLiftExpected, lift),
    around('lowMagnitudeLift', found.lowMagnitudeLift, found.lowMagnitudeLiftExpected, lift),
    // "At most" and "at least" these: the limits themselves are no longer as random.
    reading('principalEnergy', found.principalEnergy, energy, {
      low: energy === null ? null : energy * limits.beyondEnergyLess,
      high: energy === null ? null : energy * limits.beyondEnergyMore,
      open: true,
      reason: noNull,
    }),
  ]);
}

export function precisionBeyondSize(found: PrecisionBesideNull, limits: BeyondThresholds): BeyondSize {
  return beyondSize([
    around('sparsityBf16', found.sparsityBf16, found.sparsityBf16Expected, limits.beyondSparsity),
  ]);
}

function beyondSize(readings: BeyondReading[]): BeyondSize {
  const left = readings.filter(({ word }) => word === 'less' || word === 'more');
  const unknown = readings.filter(({ word }) => word === 'unknown');
  if (left.length > 0)
    return { readings, words: `${left.map(said).join(', ')} than a random update of this size.` };
  if (unknown.length === readings.length) return { readings, words: unknown[0]?.reason ?? noNull };
  if (unknown.length === 0) return { readings, words: nothingBeyond };
  const known = readings.filter(({ word }) => word === 'as random').map(({ metric }) => nameOf(metric));
  return { readings, words: `Nothing in what is known here (${known.join(', ')}); the rest has no null.` };
}

function inRange(
  metric: string,
  value: number | null,
  range: NullRange | null,
  factor: number,
  { nullReason }: Pick<GeometryBesideNull, 'nullReason'>,
): BeyondReading {
  return reading(metric, value, range?.mean ?? null, {
    low: range === null ? null : range.low / factor,
    high: range === null ? null : range.high * factor,
    open: false,
    reason: nullReason ?? noNull,
  });
}

function around(
  metric: string,
  value: number | null,
  expected: number | null,
  distance: number,
): BeyondReading {
  const [low, high] = expected === null ? [null, null] : [expected - distance, expected + distance];
  return reading(metric, value, expected, { low, high, open: false, reason: noNull });
}

interface Limits {
  low: number | null;
  high: number | null;
  /** Whether the limits themselves lie outside. */
  open: boolean;
  reason: string;
}

function reading(
  metric: string,
  value: number | null,
  expected: number | null,
  { low, high, open, reason }: Limits,
): BeyondReading {
  if (value === null || expected === null || low === null || high === null) {
    const why = value === null ? notDefined : reason;
    return { metric, value, expected, low, high, ratio: null, word: 'unknown', reason: why };
  }
  const below = open ? value <= low : value < low;
  const above = open ? value >= high : value > high;
  const word: BeyondWord = below ? 'less' : above ? 'more' : 'as random';
  return {
    metric,
    value,
    expected,
    low,
    high,
    ratio: expected > 0 ? value / expected : null,
    word,
    reason: null,
  };
}

function nameOf(metric: string): string {
  return metricWords(metric)?.beyond?.phrase ?? metric;
}

/** "less rotation (×0.75)". */
function said({ metric, value, expected, ratio, word }: BeyondReading): string {
  const numbers =
    metric === 'sparsityBf16' ? `${formatShare(value)} against ${formatShare(expected)}` : formatLift(ratio);
  return `${word} ${nameOf(metric)} (${numbers})`;
}
