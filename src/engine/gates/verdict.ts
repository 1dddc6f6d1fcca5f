// One word per gate from measured numbers and thresholds, with the rule that gave it in words.
// Pure and total: a number that is missing makes a reading `unknown`, and a gate without enough readings `unknown`
// with the reason. Thresholds decide words only; they never change a number.
import { formatNumber, formatShare } from '../../shared/text/format.ts';
import { gateCatalogue } from '../../shared/text/gates.ts';
import { metricCatalogue, metricWords } from '../../shared/text/metrics.ts';
import type { AnchorMetrics, GeometryMetrics, GeometryPool } from '../../shared/report/metrics.ts';
import type { GateName, Threshold, Thresholds } from '../../shared/options/options.ts';
import { thresholdCatalogue, type BandName } from '../../shared/options/thresholds.ts';
import type { LoggedKl, Measured } from '../../shared/report/report.ts';
import {
  formatResolved,
  isBelowResolution,
  poolErrors,
  tensorErrors,
  type ErrorBounds,
} from '../../shared/report/resolution.ts';
import {
  geometryBeyondSize,
  precisionBeyondSize,
  type GeometryBesideNull,
  type PrecisionBesideNull,
} from './beyondSize.ts';
import type {
  AnchorWord,
  GateStanding,
  GateVerdict,
  GateVerdicts,
  GateWord,
  GeometryWord,
  PrecisionWord,
  Reading,
  Vote,
} from '../../shared/report/verdicts.ts';

/** The four numbers that vote on Gate II, each beside its null; null = not defined for this tensor or pool. */
export interface GeometryReadings extends GeometryBesideNull {
  /** Bounds on the errors of those numbers that have one, by name. */
  errors?: ErrorBounds;
}

/** What a tensor, a layer, a module or the whole model offers to be judged by. */
export interface Judged {
  anchor: Measured<Pick<AnchorMetrics, 'relativeDrift'>>;
  geometry: Measured<GeometryReadings>;
  precision: Measured<PrecisionBesideNull>;
  /** Only the whole model has one: a KL belongs to a run, not to a tensor. */
  kl?: Measured<LoggedKl>;
}

/** By how many votes one side must lead for Gate II to take its word. */
const voteLead = 2;

export function judge(judged: Judged, thresholds: Thresholds): GateVerdicts {
  return {
    anchor: judgeAnchor(judged.anchor, judged.kl ?? null, thresholds),
    geometry: judgeGeometry(judged.geometry, thresholds),
    precision: judgePrecision(judged.precision, thresholds),
  };
}

/** The four readings of one tensor; rotation is the mean of both sides' means. */
export function tensorReadings(geometry: Measured<GeometryMetrics>): Measured<GeometryReadings> {
  if (geometry.value === null) return geometry;
  const { value } = geometry;
  const rotationMeanDeg = (value.rotationLeftMeanDeg + value.rotationRightMeanDeg) / 2;
  return {
    value: {
      ...value,
      rotationMeanDeg,
      errors: tensorErrors(value),
      beside: { rotationMeanDeg, spectralDriftTopK: value.spectralDriftTopK },
    },
    reason: null,
  };
}

/** The four readings of a pool; they carry their own names already. */
export function poolReadings(geometry: Measured<GeometryPool>): Measured<GeometryReadings> {
  if (geometry.value === null) return geometry;
  const { value } = geometry;
  return { value: { ...value, errors: poolErrors(value), beside: value.besideNull ?? value }, reason: null };
}

/** A gate that nobody measured, in the shape of its verdict. */
function unknownVerdict<Word extends GateWord>(gate: GateName, reason: string): GateVerdict<Word> {
  // Every gate's words include `unknown`, which TypeScript cannot see through the parameter.
  return {
    gate,
    verdict: 'unknown' as Word,
    standing: 'unknown',
    rule: reason,
    readings: [],
    beyondSize: null,
  };
}

/** All three gates unknown for one reason, e.g. a tensor that is still waiting. */
export function unknownVerdicts(reason: string): GateVerdicts {
  return {
    anchor: unknownVerdict('anchor', reason),
    geometry: unknownVerdict('geometry', reason),
    precision: unknownVerdict('precision', reason),
  };
}

function judgeAnchor(
  anchor: Judged['anchor'],
  kl: Measured<LoggedKl> | null,
  thresholds: Thresholds,
): GateVerdict<AnchorWord> {
  if (anchor.value === null) return unknownVerdict('anchor', anchor.reason);
  const drift = anchor.value.relativeDrift;
  if (drift === null) {
    return unknownVerdict(
      'anchor',
      'The base weights are all zero, so there is nothing to measure drift against.',
    );
  }
  const limit = thresholds.relativeDrift;
  const vote = lowerHolds(drift, limit);
  const readings = [reading('relativeDrift', drift, vote, limit)];
  const klLimit = thresholds.klNatsPerToken;
  let rule = `Relative drift ${formatNumber(drift)} ${between(vote, limit, metricCatalogue.relativeDrift.formatLimit)}`;
  let standing: GateStanding = standingOf(vote);
  if (kl?.value) {
    const exceeds = kl.value.last > klLimit;
    const klThreshold = { holds: klLimit, broken: klLimit };
    readings.push(reading('kl', kl.value.last, exceeds ? 'broken' : 'holds', klThreshold));
    const words = `the logged KL of ${formatNumber(kl.value.last)} nats per token`;
    if (exceeds && standing === 'holds') {
      standing = 'middle';
      rule += `, but ${words} exceeds ${klLimit}`;
    } else {
      rule += `; ${words} ${exceeds ? 'exceeds' : 'is at most'} ${klLimit}`;
    }
  }
  const word = gateCatalogue.anchor.words;
  return {
    gate: 'anchor',
    verdict: word[standing],
    standing,
    rule: `${rule}: ${word[standing]}.`,
    readings,
    beyondSize: null,
  };
}

function judgePrecision(precision: Judged['precision'], thresholds: Thresholds): GateVerdict<PrecisionWord> {
  if (precision.value === null) return unknownVerdict('precision', precision.reason);
  const sparsity = precision.value.sparsityBf16;
  const limit = thresholds.sparsityBf16;
  const vote = higherHolds(sparsity, limit);
  const standing = standingOf(vote);
  const word = gateCatalogue.precision.words;
  const rule = `${formatShare(sparsity)} unchanged in bf16 ${between(vote, limit, metricCatalogue.sparsityBf16.formatLimit, true)}: ${word[standing]}.`;
  const readings = [reading('sparsityBf16', sparsity, vote, limit)];
  const beyondSize = precisionBeyondSize(precision.value, thresholds);
  return { gate: 'precision', verdict: word[standing], standing, rule, readings, beyondSize };
}

function judgeGeometry(geometry: Judged['geometry'], thresholds: Thresholds): GateVerdict<GeometryWord> {
  if (geometry.value === null) return unknownVerdict('geometry', geometry.reason);
  const value = geometry.value;
  const beyondSize = geometryBeyondSize(value, thresholds);
  const lower = ['spectralDriftTopK', 'rotationMeanDeg', 'principalLift'] as const;
  const readings: Reading[] = lower.map((metric) => {
    const error = value.errors?.[metric] ?? null;
    const vote = resolvedVote(value[metric], error, thresholds[metric]);
    const read = reading(metric, value[metric], vote, thresholds[metric]);
    return error === null ? read : { ...read, error };
  });
  const low = value.lowMagnitudeLift;
  const lowLimit = thresholds.lowMagnitudeLift;
  readings.push(reading('lowMagnitudeLift', low, higherHolds(low, lowLimit), lowLimit));

  const of = (vote: Vote): Reading[] => readings.filter((each) => each.vote === vote);
  const [off, on, neutral] = [of('holds'), of('broken'), of('neutral')];
  const known = readings.length - of('unknown').length;
  if (known < voteLead) {
    const rule = `Only ${known} of the 4 readings of this gate could be measured; ${voteLead} are needed.`;
    return { ...unknownVerdict<GeometryWord>('geometry', rule), readings, beyondSize };
  }
  const standing = geometryStanding(readings.map(({ vote }) => vote));
  const word = gateCatalogue.geometry.words;
  const votes = [
    `${count(off)} ${word.holds}${named(off)}`,
    `${count(on)} ${word.broken}${named(on)}`,
    `${count(neutral)} neutral${named(neutral)}`,
    ...(known < readings.length ? [`${readings.length - known} not measured`] : []),
  ];
  const rule = `Votes: ${votes.join(', ')}; a lead of ${voteLead} decides: ${word[standing]}.`;
  return { gate: 'geometry', verdict: word[standing], standing, rule, readings, beyondSize };
}

/** What the votes on Gate II come to. */
export function geometryStanding(votes: readonly Vote[]): GateStanding {
  const of = (vote: Vote): number => votes.filter((each) => each === vote).length;
  if (votes.length - of('unknown') < voteLead) return 'unknown';
  const lead = of('holds') - of('broken');
  return lead >= voteLead ? 'holds' : lead <= -voteLead ? 'broken' : 'middle';
}

/** @param holding which numbers hold: those at or below the limit, or those at or above it */
export function voteOf(
  value: number,
  error: number | null,
  limit: Threshold,
  holding: 'lower' | 'higher',
): Vote {
  return holding === 'higher' ? higherHolds(value, limit) : resolvedVote(value, error, limit);
}

function reading(metric: BandName | 'kl', value: number | null, vote: Vote, threshold: Threshold): Reading {
  const { source } = thresholdCatalogue[metric === 'kl' ? 'klNatsPerToken' : metric];
  return { metric, value, vote, threshold, source: source ?? '' };
}

function lowerHolds(value: number | null, { holds, broken }: Threshold): Vote {
  if (value === null) return 'unknown';
  return value <= holds ? 'holds' : value >= broken ? 'broken' : 'neutral';
}

/** A number below resolution votes only where its whole range, up to its value and its error, says the same. */
function resolvedVote(value: number | null, error: number | null, limit: Threshold): Vote {
  if (value === null || error === null || !isBelowResolution(value, error)) return lowerHolds(value, limit);
  return value + error <= limit.holds ? 'holds' : 'unknown';
}

function higherHolds(value: number | null, { holds, broken }: Threshold): Vote {
  if (value === null) return 'unknown';
  return value >= holds ? 'holds' : value <= broken ? 'broken' : 'neutral';
}

function standingOf(vote: Vote): GateStanding {
  return vote === 'neutral' ? 'middle' : vote;
}

function between(
  vote: Vote,
  { holds, broken }: Threshold,
  format: (value: number) => string,
  higher = false,
): string {
  const [good, bad] = higher ? ['at least', 'at most'] : ['at most', 'at least'];
  if (vote === 'holds') return `is ${good} ${format(holds)}`;
  if (vote === 'broken') return `is ${bad} ${format(broken)}`;
  return `lies between ${format(Math.min(holds, broken))} and ${format(Math.max(holds, broken))}`;
}

function count(votes: readonly Reading[]): string {
  return votes.length.toString();
}

function named(votes: readonly Reading[]): string {
  if (votes.length === 0) return '';
  const names = votes.map(({ metric, value, error }) => {
    const { phrase, format } = metricWords(metric) ?? { phrase: metric, format: formatNumber };
    return `${phrase} ${formatResolved(value, error, format)}`;
  });
  return ` (${names.join(', ')})`;
}
