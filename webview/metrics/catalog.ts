// Every number that the panel shows by name: its words (`shared/text/metrics.ts`), axis, how it is pooled and its null.
// A pool adds counts and energies and then divides: never a mean of ratios.
import { metricCatalogue } from '../../src/shared/text/metrics.ts';
import type { AnchorMetrics, PrecisionMetrics } from '../../src/shared/report/metrics.ts';
import type { PanelGeometry, PanelTensor } from '../../src/shared/protocol/panelReport.ts';
import {
  expectedEnergy,
  expectedLift,
  expectedOneStep,
  expectedRotation,
  expectedSparsity,
  expectedSpectralDrift,
} from './expected.ts';
import type { BeyondId, MetricDefinition, MetricId } from './metric.ts';
import { overRandom } from './overRandom.ts';
import type { Scale } from './scale.ts';

const share: Scale = { kind: 'linear', min: 0, max: 1 };

const ratio = ([top = 0, bottom = 0]: readonly number[]): number | null => (bottom > 0 ? top / bottom : null);
const rootRatio = (sums: readonly number[]): number | null => {
  const squared = ratio(sums);
  return squared === null ? null : Math.sqrt(squared);
};
const liftOf = ([hit = 0, size = 0, changed = 0, all = 0]: readonly number[]): number | null =>
  size > 0 && changed > 0 && changed < all ? hit / size / (changed / all) : null;

const ofPrecision = (parts: (precision: PrecisionMetrics) => number[] | null) => (tensor: PanelTensor) =>
  tensor.precision.value && parts(tensor.precision.value);
const ofAnchor = (parts: (anchor: AnchorMetrics) => number[] | null) => (tensor: PanelTensor) =>
  tensor.anchor.value && parts(tensor.anchor.value);
const ofGeometry = (parts: (geometry: PanelGeometry) => number[] | null) => (tensor: PanelTensor) =>
  tensor.geometry.value && parts(tensor.geometry.value);

function maskParts(set: 'principal' | 'lowMagnitude'): (geometry: PanelGeometry) => number[] {
  return ({ maskCounts }) => [
    maskCounts[set].changed,
    maskCounts[set].size,
    maskCounts.changed,
    maskCounts.elements,
  ];
}

/** Mean principal angle of a matrix over its left and right subspaces, degrees. */
export function rotationOf(geometry: PanelGeometry): number {
  return (geometry.rotationLeftMeanDeg + geometry.rotationRightMeanDeg) / 2;
}

/** What the catalogue of metrics says of one. */
function named(
  id: MetricId,
): Pick<MetricDefinition, 'id' | 'gate' | 'label' | 'short' | 'unit' | 'definition' | 'source' | 'format'> {
  const { gate, title, short, unit, explanation, source, format } = metricCatalogue[id];
  return { id, gate, label: title, short, unit, definition: explanation, source, format };
}

const definitions: readonly MetricDefinition[] = [
  {
    ...named('sparsityBf16'),
    scale: share,
    parts: ofPrecision(({ counts }) => [counts.compared - counts.changedBf16, counts.compared]),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.sparsityBf16 ?? null,
    expected: expectedSparsity,
  },
  {
    ...named('oneStepShare'),
    scale: share,
    parts: ofPrecision(({ ulpHistogram, counts }) => [ulpHistogram.one, counts.changedBf16]),
    finish: ratio,
    ofPool: ({ precision: { value } }) => value && ratio([value.ulpHistogram.one, value.counts.changedBf16]),
    expected: expectedOneStep,
  },
  {
    ...named('hiddenByBf16'),
    scale: share,
    parts: ofPrecision(({ counts }) => [counts.hidden, counts.rawChanged]),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.hiddenByBf16 ?? null,
  },
  {
    ...named('unchangedAbs1e5'),
    scale: share,
    parts: ofPrecision(({ counts }) => [counts.unchangedAbs1e5, counts.compared]),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.unchangedAbs1e5 ?? null,
  },
  {
    ...named('absorbedShare'),
    scale: share,
    parts: ofPrecision(({ counts }) =>
      counts.absorbed === null ? null : [counts.absorbed, counts.compared],
    ),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.absorbedShare ?? null,
  },
  {
    ...named('relativeDrift'),
    scale: { kind: 'log', min: 1e-5, max: 1 },
    parts: ofAnchor(({ deltaFrobenius, baseFrobenius }) => [deltaFrobenius ** 2, baseFrobenius ** 2]),
    finish: rootRatio,
    ofPool: (pool) => pool.anchor.value?.relativeDrift ?? null,
  },
  {
    ...named('topPercentEnergy'),
    scale: share,
    parts: ofAnchor(({ topPercentEnergy, deltaFrobenius }) =>
      topPercentEnergy === null ? null : [topPercentEnergy * deltaFrobenius ** 2, deltaFrobenius ** 2],
    ),
    finish: ratio,
    ofPool: (pool) => pool.anchor.value?.topPercentEnergy ?? null,
  },
  {
    ...named('spectralDriftTopK'),
    scale: { kind: 'log', min: 1e-6, max: 0.1 },
    parts: ofGeometry(({ sigmaNorm, spectralDriftTopK }) =>
      spectralDriftTopK === null ? null : [(spectralDriftTopK * sigmaNorm) ** 2, sigmaNorm ** 2],
    ),
    // The errors of all matrices together are a vector, like their drifts: its norm bounds the pool's error.
    errorParts: ofGeometry(({ sigmaNorm, spectralDriftTopKError: error }) =>
      error === null ? null : [(error * sigmaNorm) ** 2, sigmaNorm ** 2],
    ),
    finish: rootRatio,
    ofPool: (pool) => pool.geometry.value?.spectralDriftTopK ?? null,
    expected: expectedSpectralDrift,
  },
  {
    ...named('rotationMeanDeg'),
    scale: { kind: 'log', min: 0.01, max: 90 },
    parts: (tensor) =>
      tensor.geometry.value && [rotationOf(tensor.geometry.value) * tensor.elements, tensor.elements],
    // No angle errs by more than the largest one may.
    errorParts: (tensor) =>
      tensor.geometry.value && [tensor.geometry.value.rotationErrorDeg * tensor.elements, tensor.elements],
    finish: ratio,
    ofPool: (pool) => pool.geometry.value?.rotationMeanDeg ?? null,
    expected: expectedRotation,
  },
  {
    ...named('principalLift'),
    scale: { kind: 'linear', min: 0, max: 2 },
    parts: ofGeometry(maskParts('principal')),
    finish: liftOf,
    ofPool: (pool) => pool.geometry.value?.principalLift ?? null,
    expected: expectedLift('principal', 'principalLiftExpected'),
  },
  {
    ...named('lowMagnitudeLift'),
    scale: { kind: 'linear', min: 0.5, max: 3.5 },
    parts: ofGeometry(maskParts('lowMagnitude')),
    finish: liftOf,
    ofPool: (pool) => pool.geometry.value?.lowMagnitudeLift ?? null,
    expected: expectedLift('lowMagnitude', 'lowMagnitudeLiftExpected'),
  },
  {
    ...named('principalEnergy'),
    scale: { kind: 'log', min: 1e-4, max: 1 },
    parts: (tensor: PanelTensor): number[] | null => {
      const energy = tensor.geometry.value?.principalEnergy;
      const size = tensor.anchor.value?.deltaFrobenius;
      return typeof energy === 'number' && size !== undefined ? [energy * size ** 2, size ** 2] : null;
    },
    finish: ratio,
    ofPool: (pool) => pool.geometry.value?.principalEnergy ?? null,
    expected: expectedEnergy,
  },
];

/** Measured numbers. */
export const metricDefinitions = definitions;

/** What is left of them beyond the size of the update. */
export const beyondDefinitions: readonly MetricDefinition[] = definitions.flatMap(overRandom);

const byId: ReadonlyMap<string, MetricDefinition> = new Map(
  [...definitions, ...beyondDefinitions].map((metric) => [metric.id, metric]),
);

/** The definition behind a metric field name, or null for one the panel does not know. */
export function metricNamed(id: string): MetricDefinition | null {
  return byId.get(id) ?? null;
}

/** A known metric's definition. */
export function metricOf(id: MetricId | BeyondId): MetricDefinition {
  const found = byId.get(id);
  if (found === undefined) throw new RangeError(`No metric ${id}`);
  return found;
}
