// A report of schema version 1, which Three-Gate 0.1.0 wrote, as one of version 2. Its numbers stay as they were measured; what version 2
// has beside them was not measured, and says so. Its regime named a way of training, which no footprint can: it gets the range's name.
import { defaultOptions } from '../options/catalogue.ts';
import { regimeCatalogue } from './regimeText.ts';
import type { RegimeName } from '../report/verdicts.ts';

type Json = Record<string, unknown>;

const notMeasured =
  'The report is of schema version 1, which had no null of the same size: analyse the pair again for it.';
const notCounted = 'The report is of schema version 1, which did not have it: analyse the pair again.';

const regimeNames: Readonly<Record<string, RegimeName>> = {
  'rlvr-like': 'rlvr-range',
  'sft-like': 'sft-range',
};

const noNull = {
  principalLiftExpected: null,
  lowMagnitudeLiftExpected: null,
  principalNotLowLiftExpected: null,
  lowNotPrincipalLiftExpected: null,
  nonPrincipalOrLowLiftExpected: null,
  spectralEnergyRatio: null,
  rotationMeanExpectedDeg: null,
  spectralDriftTopKExpected: null,
  nullReason: notMeasured,
};

/** Of the shape that `parseReport` looks at; the rest is held to the schema by who needs it. */
export function upgradedReport(old: Json): Json {
  const rows = (key: string, upgrade: (row: Json) => Json): Json[] => (old[key] as Json[]).map(upgrade);
  return {
    ...old,
    schemaVersion: 2,
    options: upgradedOptions(old['options'] as Json),
    summary: upgradedSummary(old['summary'] as Json),
    layers: rows('layers', (row) => ({ container: null, ...pooled(row) })),
    modules: rows('modules', pooled),
    tensors: rows('tensors', tensor),
    published: null,
  };
}

function upgradedOptions(options: Json): Json {
  return {
    ...defaultOptions,
    ...options,
    thresholds: { ...defaultOptions.thresholds, ...(options['thresholds'] as Json) },
  };
}

function upgradedSummary(old: Json): Json {
  const { gates, regime } = old;
  // The ceiling of the curvature was a bound of another formula.
  const summary = Object.fromEntries(Object.entries(old).filter(([name]) => name !== 'curvatureCeiling'));
  return {
    ...pooled(summary),
    gates: verdicts(gates as Json),
    regime: upgradedRegime(regime as { name: string; sentence: string }),
    ...{ meanCurvature: null, meanCurvatureUnit: null, meanCurvatureLength: null },
    ...{ optimizer: null, stepBound: { value: null, reason: notCounted } },
  };
}

function upgradedRegime({ name, sentence }: { name: string; sentence: string }): Json {
  const now = regimeNames[name] ?? (name as RegimeName);
  const said = sentence.replace(/^This looks like [^:]+: /, '');
  return {
    ...{ name: now, headline: regimeCatalogue[now].headline },
    sentence: said.charAt(0).toUpperCase() + said.slice(1),
    ...{ beyondSize: null, evidence: null },
  };
}

/** A layer, a module kind or the whole model. */
function pooled(row: Json): Json {
  const own = {
    ...noNull,
    principalEnergyExpected: null,
    leftEnergyExpected: null,
    rightEnergyExpected: null,
  };
  return {
    ...measured(row, (geometry) => ({ ...own, besideNull: null, ...masked(geometry) })),
    ...('verdicts' in row && { verdicts: verdicts(row['verdicts'] as Json) }),
  };
}

function tensor(row: Json): Json {
  const own = { ...noNull, rotationLeftMeanExpectedDeg: null, rotationRightMeanExpectedDeg: null };
  return {
    ...{ container: null, rounding: null },
    ...measured(row, (geometry) => ({ ...own, ...masked(geometry) })),
    verdicts: verdicts(row['verdicts'] as Json),
  };
}

function measured(row: Json, geometry: (value: Json) => Json): Json {
  const precision = (value: Json): Json => ({
    sparsityBf16Expected: null,
    ulpHistogramExpected: null,
    ...value,
  });
  return {
    ...row,
    precision: within(row['precision'], precision),
    geometry: within(row['geometry'], geometry),
    sync: { value: null, reason: notCounted },
  };
}

/** Of what was measured, the value anew; of the rest, its reason as it is. */
function within(field: unknown, upgrade: (value: Json) => Json): unknown {
  const { value, ...rest } = field as { value: Json | null };
  return { ...rest, value: value === null ? null : upgrade(value) };
}

/** The counts of a matrix's masks expect nothing. */
function masked(geometry: Json): Json {
  const counts = geometry['maskCounts'] as Json | null | undefined;
  if (counts === null || counts === undefined) return geometry;
  const expected = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? { changedExpected: null, ...value } : value;
  const each = Object.entries(counts).map(([name, value]) => [name, expected(value)] as const);
  return { ...geometry, maskCounts: { changedExpected: null, ...Object.fromEntries(each) } };
}

function verdicts(gates: Json): Json {
  const each = Object.entries(gates).map(([name, verdict]) => [
    name,
    { beyondSize: null, ...(verdict as Json) },
  ]);
  return Object.fromEntries(each) as Json;
}
