// From a subject's numbers to its charts. Pure: every value drawn is also in the chart's table.
import { formatDegrees, formatLift, formatNumber, formatShare } from '../../../src/shared/text/format.ts';
import { formatResolved } from '../../../src/shared/report/resolution.ts';
import type { StripeMetrics } from '../../../src/shared/report/metrics.ts';
import type { GeometryCurves, PanelGeometry, PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { KnownCurves } from '../state/state.ts';
import type { Subject } from '../state/subject.ts';
import { driftChart } from './drift.ts';
import { energyChart, masksChart } from './masks.ts';
import { ulpChart } from './steps.ts';
import {
  absent,
  coming,
  logEnds,
  nearFloor,
  type ChartModel,
  type ChartSlot,
  type NoChart,
} from '../../parts/charts/model.ts';

/** Every chart of a subject in reading order; of a pool, those that pool. */
export function chartsOf(subject: Subject): ChartSlot[] {
  const ulp = ulpChart(subject);
  const masks = masksChart(subject);
  const drift = driftChart(subject);
  if (subject.tensor === null) return [ulp, masks, drift];
  const { tensor, curves } = subject;
  return [
    curveChart('spectrum', 'Singular values', tensor, curves, spectrumChart),
    curveChart('angles', 'Principal angles', tensor, curves, anglesChart),
    ulp,
    masks,
    tensor.precision.value?.striped === true && !curves?.value?.stripe
      ? { ...notHere('stripes', stripesTitle, tensor, curves), short: true }
      : stripesChart(curves?.value?.stripe ?? null, tensor.precision.reason),
    drift,
    energyChart(tensor),
  ];
}

/** A chart of what comes on demand: drawn, on its way, or absent with its reason. */
function curveChart(
  id: 'spectrum' | 'angles',
  title: string,
  tensor: PanelTensor,
  curves: KnownCurves | null,
  draw: (geometry: PanelGeometry, curves: GeometryCurves) => ChartModel,
): ChartSlot {
  const { value, reason } = tensor.geometry;
  if (value === null) return absent(id, title, reason);
  const known = curves?.value?.geometry ?? null;
  return known === null ? notHere(id, title, tensor, curves) : { model: draw(value, known), reason: null };
}

function notHere(id: string, title: string, tensor: PanelTensor, curves: KnownCurves | null): NoChart {
  return curves?.of === tensor ? absent(id, title, 'This curve could not be fetched.') : coming(id, title);
}

export function spectrumChart(geometry: PanelGeometry, curves: GeometryCurves): ChartModel {
  const { sigmaBase, sigmaTuned } = curves;
  const { residual, rank } = geometry;
  const drift = formatResolved(geometry.spectralDriftTopK, geometry.spectralDriftTopKError, formatNumber);
  const indices = sigmaBase.map((_, index) => index + 1);
  const differences = sigmaBase.map((value, index) => Math.abs((sigmaTuned[index] ?? NaN) - value));
  const floor = residual * (sigmaBase[0] ?? 0);
  const values = [...sigmaBase, ...sigmaTuned, ...differences].filter((value) => value > 0);
  const isNear = nearFloor(floor, values);
  const drawn = isNear ? [...values, floor] : values;
  return {
    id: 'spectrum',
    title: 'Singular values',
    definition: `The ${rank} largest singular values of base and tuned, with their difference |σ̂\u00a0−\u00a0σ|${stackNote(geometry)}; resolution ${formatNumber(floor)}.`,
    description:
      `${rank} leading singular values, largest ${formatNumber(sigmaBase[0] ?? null)} in the base and ` +
      `${formatNumber(sigmaTuned[0] ?? null)} in the tuned matrix; spectral drift ${drift}.`,
    x: { label: 'index i', kind: 'linear', unit: 'index', min: 1, max: Math.max(2, rank) },
    y: { label: 'σ', kind: 'log', unit: 'number', ...logEnds(drawn) },
    horizontal: false,
    series: [
      { mark: 'line', label: 'base σ', color: 'base', points: pairs(indices, sigmaBase) },
      { mark: 'line', label: 'tuned σ̂', color: 'tuned', dashed: true, points: pairs(indices, sigmaTuned) },
      { mark: 'line', label: '|σ̂ − σ|', color: 'difference', points: pairs(indices, differences) },
    ],
    references: isNear ? [{ axis: 'y', value: floor, label: 'resolution' }] : [],
    densityRange: null,
    table: {
      columns: ['i', 'sigma base', 'sigma tuned', 'tuned - base'],
      rows: sigmaBase.map((value, index) => {
        const tuned = sigmaTuned[index] ?? null;
        return [index + 1, value, tuned, tuned === null ? null : tuned - value];
      }),
    },
  };
}

export function anglesChart(geometry: PanelGeometry, curves: GeometryCurves): ChartModel {
  const { rotationLeftCurveDeg: left, rotationRightCurveDeg: right } = curves;
  const { rotationErrorDeg, rank } = geometry;
  const angle = (value: number): string => formatResolved(value, rotationErrorDeg, formatDegrees);
  const indices = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => index + 1);
  const unresolved = rotationErrorDeg >= 90;
  const values = [...left, ...right].filter((value) => value > 0);
  const references = !unresolved && nearFloor(rotationErrorDeg, values) ? [rotationErrorDeg] : [];
  const drawn = [...values, ...references];
  return {
    id: 'angles',
    title: 'Principal angles',
    definition:
      `Angles between the leading ${rank}-dimensional subspaces of base and tuned, ascending` +
      (unresolved
        ? '; the gap does not separate this subspace, so the largest are not bounded.'
        : `; error at most ${formatDegrees(rotationErrorDeg)}.`),
    description:
      `Left subspace: mean ${angle(geometry.rotationLeftMeanDeg)}, largest ${angle(geometry.rotationLeftMaxDeg)}. ` +
      `Right: mean ${angle(geometry.rotationRightMeanDeg)}, largest ${angle(geometry.rotationRightMaxDeg)}. ` +
      `Error of the largest at most ${formatDegrees(rotationErrorDeg)}.`,
    x: { label: 'index i', kind: 'linear', unit: 'index', min: 1, max: Math.max(2, indices.length) },
    y: { label: 'angle', kind: 'log', unit: 'degrees', ...logEnds(drawn) },
    horizontal: false,
    series: [
      { mark: 'line', label: 'left (outputs)', color: 'base', points: pairs(indices, left) },
      { mark: 'line', label: 'right (inputs)', color: 'tuned', dashed: true, points: pairs(indices, right) },
    ],
    references: references.map((value) => ({ axis: 'y', value, label: 'error floor' })),
    densityRange: null,
    table: {
      columns: ['i', 'left deg', 'right deg'],
      rows: indices.map((index) => [index, left[index - 1] ?? null, right[index - 1] ?? null]),
    },
  };
}

const stripesTitle = 'Rows and columns';

function stripesChart(stripe: StripeMetrics | null, reason: string | null): ChartSlot {
  const title = stripesTitle;
  if (stripe === null) return absent('stripes', title, reason ?? 'Only matrices have rows and columns.');
  const { rowDensity, columnDensity, rowStripe, columnStripe } = stripe;
  const all = [...rowDensity, ...columnDensity];
  const min = all.reduce((low, value) => Math.min(low, value), Infinity);
  const max = all.reduce((high, value) => Math.max(high, value), 0);
  const length = Math.max(rowDensity.length, columnDensity.length);
  const model: ChartModel = {
    id: 'stripes',
    short: true,
    title,
    definition:
      'Changed share along rows and columns, brighter is denser; stripe = variance over binomial, 1 is random.',
    description:
      `Density of changes from ${formatShare(min)} to ${formatShare(max)}; ` +
      `row stripe ${formatLift(rowStripe)}, column stripe ${formatLift(columnStripe)} of random.`,
    x: { label: 'position', kind: 'linear', unit: 'share', min: 0, max: 1 },
    y: {
      label: '',
      kind: 'category',
      unit: 'index',
      categories: [`rows ${formatLift(rowStripe)}`, `columns ${formatLift(columnStripe)}`],
    },
    horizontal: false,
    series: [
      { mark: 'stripe', label: 'rows', values: rowDensity },
      { mark: 'stripe', label: 'columns', values: columnDensity },
    ],
    references: [],
    densityRange: { min, max },
    table: {
      columns: ['bin', 'row density', 'column density'],
      rows: Array.from({ length }, (_, index) => [
        index + 1,
        rowDensity[index] ?? null,
        columnDensity[index] ?? null,
      ]),
    },
  };
  return { model, reason: null };
}

/** Points for a logarithmic axis, where nothing can be drawn for zero. */
function pairs(indices: readonly number[], values: readonly number[]): [number, number | null][] {
  return indices.map((index, at) => {
    const value = values[at];
    return [index, value === undefined || !(value > 0) ? null : value];
  });
}

function stackNote({ matrices, shown }: PanelGeometry): string {
  return matrices > 1 ? ` (matrix ${shown + 1} of ${matrices}, the one that rotated most)` : '';
}
