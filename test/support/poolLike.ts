// Pools of made-up tensors: counts and energies added, then divided, in the report's shape.
import type {
  AnchorMetrics,
  GeometryPool,
  MaskCount,
  MaskCounts,
  PrecisionCounts,
  PrecisionMetrics,
  UlpHistogram,
} from '../../src/shared/metrics.ts';
import { panelTensor, type PanelTensor } from '../../src/shared/panelReport.ts';
import type { Aggregate, Measured, TensorReport } from '../../src/shared/report.ts';
import { metricOf, pooledMetric, type MetricId } from '../../webview/metrics/catalog.ts';
import { judgeLike, type Numbers } from './judgeLike.ts';
import { noNull } from './noNull.ts';

export function poolLike(tensors: readonly TensorReport[], kl: number | null = null): Aggregate {
  const value = (id: MetricId): number | null => pooledOf(id, tensors);
  const numbers: Numbers = {
    kl,
    relativeDrift: value('relativeDrift'),
    spectralDriftTopK: value('spectralDriftTopK'),
    rotationMeanDeg: value('rotationMeanDeg'),
    principalLift: value('principalLift'),
    lowMagnitudeLift: value('lowMagnitudeLift'),
    sparsityBf16: value('sparsityBf16'),
  };
  const precision = poolPrecision(tensors);
  const anchor = poolAnchor(tensors);
  const geometry = poolGeometry(tensors);
  return {
    tensors: tensors.length,
    elements: tensors.reduce((sum, tensor) => sum + tensor.elements, 0),
    ...{ precision, anchor, geometry },
    verdicts: judgeLike(numbers, {
      ...(precision.reason === null ? {} : { precision: precision.reason }),
      ...(anchor.reason === null ? {} : { anchor: anchor.reason }),
      ...(geometry.reason === null ? {} : { geometry: geometry.reason }),
    }),
  };
}

const held = new WeakMap<TensorReport, PanelTensor>();

function heldOf(tensor: TensorReport): PanelTensor {
  const known = held.get(tensor) ?? panelTensor(tensor);
  held.set(tensor, known);
  return known;
}

function pooledOf(id: MetricId, tensors: readonly TensorReport[]): number | null {
  return pooledMetric(metricOf(id), tensors.map(heldOf));
}

const waiting = 'Not measured yet.';

function poolPrecision(tensors: readonly TensorReport[]): Measured<PrecisionMetrics> {
  const all = tensors.flatMap((tensor) => tensor.precision.value ?? []);
  if (all.length === 0) return { value: null, reason: firstReason(tensors, 'precision') };
  const sum = (pick: (counts: PrecisionCounts) => number): number =>
    all.reduce((total, { counts }) => total + pick(counts), 0);
  const counts: PrecisionCounts = {
    compared: sum((each) => each.compared),
    nonFinite: sum((each) => each.nonFinite),
    changedBf16: sum((each) => each.changedBf16),
    rawChanged: sum((each) => each.rawChanged),
    hidden: sum((each) => each.hidden),
    unchangedAbs1e5: sum((each) => each.unchangedAbs1e5),
    absorbed: sum((each) => each.absorbed ?? 0),
  };
  const bin = (key: keyof UlpHistogram): number =>
    all.reduce((total, each) => total + each.ulpHistogram[key], 0);
  return {
    value: {
      sparsityBf16: (counts.compared - counts.changedBf16) / counts.compared,
      rawChanged: counts.rawChanged / counts.compared,
      hiddenByBf16: counts.rawChanged === 0 ? null : counts.hidden / counts.rawChanged,
      unchangedAbs1e5: counts.unchangedAbs1e5 / counts.compared,
      ulpHistogram: {
        one: bin('one'),
        two: bin('two'),
        threeToFour: bin('threeToFour'),
        fiveToEight: bin('fiveToEight'),
        nineToSixteen: bin('nineToSixteen'),
        overSixteen: bin('overSixteen'),
        signFlips: bin('signFlips'),
      },
      sparsityBf16Expected: null,
      ulpHistogramExpected: null,
      absorbedShare: (counts.absorbed ?? 0) / counts.compared,
      counts,
    },
    reason: null,
  };
}

function poolAnchor(tensors: readonly TensorReport[]): Measured<AnchorMetrics> {
  const all = tensors.flatMap((tensor) => tensor.anchor.value ?? []);
  if (all.length === 0) return { value: null, reason: firstReason(tensors, 'anchor') };
  const norm = (pick: (anchor: AnchorMetrics) => number): number =>
    Math.sqrt(all.reduce((total, anchor) => total + pick(anchor) ** 2, 0));
  const deltaFrobenius = norm((anchor) => anchor.deltaFrobenius);
  const baseFrobenius = norm((anchor) => anchor.baseFrobenius);
  const elements = tensors.reduce((total, tensor) => total + (tensor.anchor.value ? tensor.elements : 0), 0);
  return {
    value: {
      ...{ deltaFrobenius, baseFrobenius },
      relativeDrift: baseFrobenius === 0 ? null : deltaFrobenius / baseFrobenius,
      maxAbsDelta: all.reduce((most, each) => Math.max(most, each.maxAbsDelta), 0),
      rmsDelta: deltaFrobenius / Math.sqrt(elements),
      topPercentEnergy: pooledOf('topPercentEnergy', tensors),
    },
    reason: null,
  };
}

function poolGeometry(tensors: readonly TensorReport[]): Measured<GeometryPool> {
  const some = tensors.filter((tensor) => tensor.geometry.value !== null);
  const all = some.flatMap((tensor) => tensor.geometry.value ?? []);
  if (all.length === 0) return { value: null, reason: firstReason(tensors, 'geometry') };
  const mask = (key: Exclude<keyof MaskCounts, 'elements' | 'changed' | 'changedExpected'>): MaskCount => ({
    size: all.reduce((total, each) => total + each.maskCounts[key].size, 0),
    changed: all.reduce((total, each) => total + each.maskCounts[key].changed, 0),
    changedExpected: null,
  });
  const maskCounts: MaskCounts = {
    elements: all.reduce((total, each) => total + each.maskCounts.elements, 0),
    changed: all.reduce((total, each) => total + each.maskCounts.changed, 0),
    changedExpected: null,
    principal: mask('principal'),
    lowMagnitude: mask('lowMagnitude'),
    principalNotLow: mask('principalNotLow'),
    lowNotPrincipal: mask('lowNotPrincipal'),
    nonPrincipalOrLow: mask('nonPrincipalOrLow'),
  };
  const lift = ({ size, changed }: MaskCount): number | null =>
    maskCounts.changed === 0 ? null : changed / size / (maskCounts.changed / maskCounts.elements);
  const value = (id: MetricId): number | null => pooledOf(id, some);
  return {
    value: {
      maskCounts,
      matrices: all.length,
      elements: maskCounts.elements,
      principalLift: lift(maskCounts.principal),
      principalOverlap: maskCounts.changed === 0 ? null : maskCounts.principal.changed / maskCounts.changed,
      lowMagnitudeLift: lift(maskCounts.lowMagnitude),
      lowMagnitudeOverlap:
        maskCounts.changed === 0 ? null : maskCounts.lowMagnitude.changed / maskCounts.changed,
      principalNotLowLift: lift(maskCounts.principalNotLow),
      lowNotPrincipalLift: lift(maskCounts.lowNotPrincipal),
      nonPrincipalOrLowLift: lift(maskCounts.nonPrincipalOrLow),
      ...noNull,
      spectralDriftTopK: value('spectralDriftTopK'),
      spectralDriftBound: value('relativeDrift'),
      rotationMeanDeg: value('rotationMeanDeg') ?? 0,
      rotationMaxDeg: all.reduce(
        (most, each) => Math.max(most, each.rotationLeftMaxDeg, each.rotationRightMaxDeg),
        0,
      ),
      principalEnergy: value('principalEnergy'),
      principalEnergyExpected: 0.004,
      ...{ leftEnergy: 0.06, leftEnergyExpected: 0.083, rightEnergy: 0.05, rightEnergyExpected: 0.083 },
      residual: all.reduce((most, each) => Math.max(most, each.residual), 0),
    },
    reason: null,
  };
}

function firstReason(tensors: readonly TensorReport[], gate: 'precision' | 'anchor' | 'geometry'): string {
  return tensors.map((tensor) => tensor[gate].reason).find((reason) => reason !== null) ?? waiting;
}
