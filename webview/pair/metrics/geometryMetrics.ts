// The numbers of Gate II: what the update did to the leading directions.
import type { PanelGeometry, PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import { named, ofGeometry, ratio, rootRatio } from './addends.ts';
import { expectedEnergy, expectedLift, expectedRotation, expectedSpectralDrift } from './expected.ts';
import type { MetricDefinition } from './metric.ts';

function liftOf([hit = 0, size = 0, changed = 0, all = 0]: readonly number[]): number | null {
  return size > 0 && changed > 0 && changed < all ? hit / size / (changed / all) : null;
}

function maskParts(set: 'principal' | 'lowMagnitude'): (geometry: PanelGeometry) => number[] {
  return ({ maskCounts }) => [
    maskCounts[set].changed,
    maskCounts[set].size,
    maskCounts.changed,
    maskCounts.elements,
  ];
}

/** Mean principal angle of a matrix over its left and right subspaces, degrees. */
function rotationOf(geometry: PanelGeometry): number {
  return (geometry.rotationLeftMeanDeg + geometry.rotationRightMeanDeg) / 2;
}

export const geometryMetrics: readonly MetricDefinition[] = [
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
