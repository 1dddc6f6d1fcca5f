// Pools of made-up tensors: counts and energies added, then divided, in the report's shape.
import { maskMetrics } from '../../src/engine/gates/masks.ts';
import { judge, poolReadings } from '../../src/engine/gates/verdict.ts';
import type {
  AnchorMetrics,
  GeometryPool,
  NullRange,
  PrecisionCounts,
  PrecisionMetrics,
  UlpHistogram,
} from '../../src/shared/report/metrics.ts';
import { addMaskCounts } from '../../src/shared/report/addMaskCounts.ts';
import { defaultThresholds } from '../../src/shared/options/thresholds.ts';
import { panelTensor, type PanelTensor } from '../../src/shared/protocol/panelReport.ts';
import type { Aggregate, LoggedKl, Measured, TensorReport } from '../../src/shared/report/report.ts';
import { metricOf } from '../../webview/pair/metrics/catalog.ts';
import type { MetricId } from '../../webview/pair/metrics/metric.ts';
import { addExpectedBins } from '../../webview/pair/state/addRecords.ts';
import { pooledExpected, pooledMetric } from '../../webview/pair/metrics/pooled.ts';

/** Judged by the engine itself, at the default thresholds. */
export function poolLike(tensors: readonly TensorReport[], kl?: Measured<LoggedKl>): Aggregate {
  const precision = poolPrecision(tensors);
  const anchor = poolAnchor(tensors);
  const geometry = poolGeometry(tensors);
  return {
    tensors: tensors.length,
    elements: tensors.reduce((sum, tensor) => sum + tensor.elements, 0),
    ...{ precision, anchor, geometry },
    verdicts: judge(
      {
        ...{ precision, anchor },
        geometry: poolReadings(geometry),
        ...(kl === undefined ? {} : { kl }),
      },
      defaultThresholds,
    ),
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

function expectedOf(id: MetricId, tensors: readonly TensorReport[]): NullRange | null {
  return pooledExpected(metricOf(id), tensors.map(heldOf));
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
      sparsityBf16Expected: expectedOf('sparsityBf16', tensors)?.mean ?? null,
      ulpHistogramExpected: addExpectedBins(all),
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
  const maskCounts = addMaskCounts(all.map((each) => each.maskCounts));
  const value = (id: MetricId): number | null => pooledOf(id, some);
  return {
    value: {
      ...maskMetrics(maskCounts),
      matrices: all.length,
      elements: maskCounts.elements,
      rotationMeanExpectedDeg: expectedOf('rotationMeanDeg', some),
      spectralDriftTopKExpected: expectedOf('spectralDriftTopK', some),
      besideNull: expectedOf('rotationMeanDeg', some) && {
        share: 1,
        rotationMeanDeg: value('rotationMeanDeg') ?? 0,
        spectralDriftTopK: value('spectralDriftTopK'),
      },
      nullReason: all.find(({ nullReason }) => nullReason !== null)?.nullReason ?? null,
      spectralEnergyRatio: all[0]?.spectralEnergyRatio ?? null,
      spectralDriftTopK: value('spectralDriftTopK'),
      spectralDriftBound: value('relativeDrift'),
      rotationMeanDeg: value('rotationMeanDeg') ?? 0,
      rotationMaxDeg: all.reduce(
        (most, each) => Math.max(most, each.rotationLeftMaxDeg, each.rotationRightMaxDeg),
        0,
      ),
      principalEnergy: value('principalEnergy'),
      principalEnergyExpected: expectedOf('principalEnergy', some)?.mean ?? null,
      ...{ leftEnergy: 0.06, leftEnergyExpected: 0.083, rightEnergy: 0.05, rightEnergyExpected: 0.083 },
      residual: all.reduce((most, each) => Math.max(most, each.residual), 0),
    },
    reason: null,
  };
}

function firstReason(tensors: readonly TensorReport[], gate: 'precision' | 'anchor' | 'geometry'): string {
  return tensors.map((tensor) => tensor[gate].reason).find((reason) => reason !== null) ?? waiting;
}
