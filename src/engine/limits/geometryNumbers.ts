// The numbers of Gate II that limits may name: every field of the report's pools and tensors but lists and the counts behind lifts.
import type { GeometryMetrics, GeometryPool, NullRange } from '../../shared/report/metrics.ts';
import { metricTitle } from '../../shared/text/metrics.ts';
import {
  allScopes,
  type MetricReading,
  type NumberEntry,
  type NumberKind,
  type Subject,
} from './metricEntry.ts';
import { always, noNull, valueOr, type Row } from './metricRows.ts';

type Numbers<Of> = {
  [Field in keyof Of]-?: Exclude<Of[Field], undefined> extends number | null ? Field : never;
}[keyof Of];

const still = 'nothing changed';
const allOrNone = 'nothing or everything changed';
const ifRandom = 'if the update were random';

/** Of pools and of tensors alike. */
const common: readonly Row<Numbers<GeometryPool> & Numbers<GeometryMetrics>>[] = [
  ['matrices', 'count', 'Matrices pooled', always],
  ['spectralDriftTopK', 'ratio', null, 'the leading singular values are zero'],
  ['spectralDriftTopKError', 'ratio', 'Bound on the error of the spectral drift', always],
  ['spectralDriftBound', 'ratio', '‖Δ‖/‖W‖ of the matrices, at least the full drift', 'the base is zero'],
  ['principalLift', 'lift', null, allOrNone],
  ['principalOverlap', 'share', 'Share of the changes on principal weights', allOrNone],
  ['lowMagnitudeLift', 'lift', null, allOrNone],
  ['lowMagnitudeOverlap', 'share', 'Share of the changes on low-magnitude weights', allOrNone],
  ['principalNotLowLift', 'lift', 'Lift of principal weights that are not low', allOrNone],
  ['lowNotPrincipalLift', 'lift', 'Lift of low weights that are not principal', allOrNone],
  ['nonPrincipalOrLowLift', 'lift', 'Lift of weights that are low or not principal', allOrNone],
  ['principalLiftExpected', 'lift', `Principal lift ${ifRandom}`, noNull],
  ['lowMagnitudeLiftExpected', 'lift', `Low-magnitude lift ${ifRandom}`, noNull],
  ['principalNotLowLiftExpected', 'lift', `Lift of principal weights that are not low, ${ifRandom}`, noNull],
  ['lowNotPrincipalLiftExpected', 'lift', `Lift of low weights that are not principal, ${ifRandom}`, noNull],
  [
    'nonPrincipalOrLowLiftExpected',
    'lift',
    `Lift of weights that are low or not principal, ${ifRandom}`,
    noNull,
  ],
  ['principalEnergy', 'share', null, still],
  ['principalEnergyExpected', 'share', `Energy in the leading subspaces ${ifRandom}`, noNull],
  ['leftEnergy', 'share', 'Energy in the leading left subspace', still],
  ['leftEnergyExpected', 'share', `Energy in the leading left subspace ${ifRandom}`, noNull],
  ['rightEnergy', 'share', 'Energy in the leading right subspace', still],
  ['rightEnergyExpected', 'share', `Energy in the leading right subspace ${ifRandom}`, noNull],
  ['spectralEnergyRatio', 'ratio', 'Energy on the leading singular directions over chance', still],
  ['residual', 'ratio', 'Largest residual of the decompositions', always],
];

const pools: readonly Row<Exclude<Numbers<GeometryPool>, Numbers<GeometryMetrics>>>[] = [
  ['rotationMeanErrorDeg', 'degrees', 'Bound on the error of the mean rotation', always],
  ['rotationMaxErrorDeg', 'degrees', 'Bound on the error of the largest rotation', always],
];

const tensors: readonly Row<Exclude<Numbers<GeometryMetrics>, Numbers<GeometryPool>>>[] = [
  ['rank', 'count', 'Leading singular triplets compared', always],
  ['spectralDriftFull', 'ratio', 'Drift of all singular values', 'the whole spectrum was not computed'],
  ['rotationLeftMeanDeg', 'degrees', 'Mean principal angle, left', always],
  ['rotationLeftMaxDeg', 'degrees', 'Largest principal angle, left', always],
  ['rotationRightMeanDeg', 'degrees', 'Mean principal angle, right', always],
  ['rotationRightMaxDeg', 'degrees', 'Largest principal angle, right', always],
  ['rotationErrorDeg', 'degrees', 'Bound on the error of the largest angle', always],
  ['gap', 'number', 'σ_k − σ_{k+1} of the base', 'k is the whole spectrum'],
  ['wedinBound', 'ratio', 'Bound on the sine of the largest angle', always],
  ['deltaSpectralNorm', 'number', '‖Δ‖₂, the spectral norm of the update', always],
  ['deltaStableRank', 'number', '‖Δ‖²_F/‖Δ‖²₂, the stable rank of the update', still],
];

type Geometry = GeometryPool | GeometryMetrics;

function isTensor(geometry: Geometry): geometry is GeometryMetrics {
  return 'rank' in geometry;
}

function entry(
  name: string,
  [kind, title]: readonly [NumberKind, string],
  pick: (geometry: Geometry) => MetricReading<number>,
  scopes: NumberEntry['scopes'] = allScopes,
): NumberEntry {
  const read = ({ geometry, errors }: Subject): MetricReading<number> =>
    geometry.value === null ? geometry : { ...pick(geometry.value), error: errors[name] ?? null };
  return { name, title, kind, scopes, gate: 'geometry', read };
}

const rotation = {
  /** Of a tensor the mean of both sides' means, as its verdict takes it; a pool has it. */
  mean: (geometry: Geometry): number =>
    isTensor(geometry)
      ? (geometry.rotationLeftMeanDeg + geometry.rotationRightMeanDeg) / 2
      : geometry.rotationMeanDeg,
  max: (geometry: Geometry): number =>
    isTensor(geometry)
      ? Math.max(geometry.rotationLeftMaxDeg, geometry.rotationRightMaxDeg)
      : geometry.rotationMaxDeg,
};

const parts: readonly (readonly [keyof NullRange, string])[] = [
  ['mean', 'mean'],
  ['low', 'lower end of 5–95 %'],
  ['high', 'upper end of 5–95 %'],
];

/** Mean and range of a number under its null. */
function ranges(
  field: 'rotationMeanExpectedDeg' | 'spectralDriftTopKExpected',
  kind: NumberKind,
  title: string,
): NumberEntry[] {
  return parts.map(([part, words]) =>
    entry(`${field}.${part}`, [kind, `${title} ${ifRandom}, ${words}`], (geometry) =>
      valueOr(geometry[field]?.[part], geometry.nullReason ?? noNull),
    ),
  );
}

export const geometryNumbers: readonly NumberEntry[] = [
  ...common.map(([field, kind, title, whenNull]) =>
    entry(field, [kind, title ?? metricTitle(field)], (geometry) => valueOr(geometry[field], whenNull)),
  ),
  entry('rotationMeanDeg', ['degrees', metricTitle('rotationMeanDeg')], (geometry) =>
    valueOr(rotation.mean(geometry), always),
  ),
  entry('rotationMaxDeg', ['degrees', 'Largest rotation of any matrix'], (geometry) =>
    valueOr(rotation.max(geometry), always),
  ),
  ...ranges('rotationMeanExpectedDeg', 'degrees', 'Mean rotation'),
  ...ranges('spectralDriftTopKExpected', 'ratio', 'Spectral drift'),
  ...pools.map(([field, kind, title, whenNull]) =>
    entry(
      field,
      [kind, title ?? field],
      (geometry) => valueOr(isTensor(geometry) ? null : geometry[field], whenNull),
      ['whole', 'layer', 'module'],
    ),
  ),
  ...tensors.map(([field, kind, title, whenNull]) =>
    entry(
      field,
      [kind, title ?? field],
      (geometry) => valueOr(isTensor(geometry) ? geometry[field] : null, whenNull),
      ['tensor'],
    ),
  ),
];
