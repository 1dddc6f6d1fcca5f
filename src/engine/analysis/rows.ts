// One tensor's row of the report at each stage: waiting, streamed, decomposed, or failed with its Problem.
import type { Problem } from '../../shared/errors.ts';
import { formatCount } from '../../shared/text/format.ts';
import type { GeometryMetrics } from '../../shared/report/metrics.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { Measured, TensorReport } from '../../shared/report/report.ts';
import { poolAnchor } from '../gates/anchor.ts';
import { tensorPrecision, type ExpectedPrecision } from '../gates/precision.ts';
import { roundingOf } from '../gates/rounding.ts';
import { judge, tensorReadings, unknownVerdicts } from '../gates/verdict.ts';
import type { PreparedUpdate } from '../updates/prepareUpdate.ts';
import { storedAs } from '../checkpoint/checkpoint.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import { absent, measuredOr } from './measured.ts';
import { nothingFinite, selected, stepSync } from './pools.ts';
import type { Step } from './step.ts';

const waiting = 'Not measured yet.';
export const equalReason =
  'Both sides are equal: nothing rotated, no energy moved and no changed element to locate.';

export function pendingRow({ pair, noGeometry }: Step): TensorReport {
  return {
    name: pair.name,
    tunedName: pair.tunedName,
    container: pair.container,
    layer: pair.layer,
    module: pair.module,
    shape: pair.shape,
    dtypes: [storedAs(pair.base), storedAs(pair.tuned)],
    elements: pair.elements,
    status: 'pending',
    identical: false,
    precision: absent(waiting),
    anchor: absent(waiting),
    geometry: absent(noGeometry ?? waiting),
    verdicts: unknownVerdicts(waiting),
    problem: null,
  };
}

/** After the streaming pass: Gates I and III are known, Gate II may still come. */
export function streamedRow(
  step: Step,
  totals: StreamTotals,
  expected: ExpectedPrecision | null,
  options: AnalysisOptions,
  learningRatePeak: number | null,
): TensorReport {
  const row = pendingRow(step);
  const why = whyNotStreamed(step, totals);
  const noPrecision = selected(options, 'precision') ?? why;
  const noAnchor = selected(options, 'anchor') ?? why;
  const withoutGeometry = step.matrices === null ? null : whyNoSpectrum(totals);
  const decomposes = step.matrices !== null && withoutGeometry === null;
  const found: TensorReport = {
    ...row,
    status: decomposes ? 'streamed' : 'done',
    identical: totals.identical,
    sync: stepSync(step, totals),
    rounding: isEqual(totals) ? null : roundingOf(totals.rounding, row.dtypes),
    precision:
      noPrecision === null
        ? measuredOr(tensorPrecision(totals, expected, learningRatePeak), nothingFinite)
        : absent(noPrecision),
    anchor: noAnchor === null ? measuredOr(poolAnchor(totals), nothingFinite) : absent(noAnchor),
    geometry: withoutGeometry === null ? row.geometry : absent(withoutGeometry),
  };
  return { ...found, verdicts: verdictsOf(found, options) };
}

/** What an adapter did to the tensor, beside its gates. */
export function adaptedRow(
  row: TensorReport,
  { compared, changedBf16 }: StreamTotals,
  adapter: PreparedUpdate['report'] | null,
): TensorReport {
  if (adapter === null || compared === 0) return row;
  const reached = adapter.reached ?? compared;
  return { ...row, adapter: { ...adapter, absorbedOnMerge: (reached - changedBf16) / reached } };
}

export function decomposedRow(
  row: TensorReport,
  geometry: Measured<GeometryMetrics>,
  options: AnalysisOptions,
): TensorReport {
  const done: TensorReport = { ...row, status: 'done', geometry };
  return { ...done, verdicts: verdictsOf(done, options) };
}

/** The decomposition failed; what the streaming pass measured stays. */
export function undecomposedRow(row: TensorReport, found: Problem, options: AnalysisOptions): TensorReport {
  return { ...decomposedRow(row, absent(found.message), options), problem: found };
}

/** Nothing of the tensor could be read. */
export function unreadableRow(step: Step, found: Problem): TensorReport {
  const why = <T>(): Measured<T> => absent(found.message);
  return {
    ...pendingRow(step),
    status: 'unreadable',
    precision: why(),
    anchor: why(),
    geometry: why(),
    verdicts: unknownVerdicts(found.message),
    problem: found,
  };
}

/** Δ is exactly zero and known everywhere: there is nothing to decompose. */
export function isEqual(totals: StreamTotals): boolean {
  return totals.identical || (totals.rawChanged === 0 && totals.nonFinite === 0);
}

/** Why a matrix that was read needs or allows no decomposition; null when it is to be decomposed. */
export function whyNoSpectrum(totals: StreamTotals): string | null {
  if (isEqual(totals)) return equalReason;
  if (totals.nonFinite === 0) return null;
  const count = formatCount(totals.nonFinite);
  return `Not measured: ${count} of its elements are NaN or infinite, and a decomposition needs every element.`;
}

function whyNotStreamed({ pair, equalityOnly }: Step, totals: StreamTotals): string | null {
  if (!equalityOnly) return null;
  const changed = totals.identical
    ? 'all are equal'
    : `${formatCount(totals.rawChanged)} of ${formatCount(pair.elements)} differ`;
  return `${pair.base.dtype} and ${pair.tuned.dtype} elements are compared for equality only: ${changed}.`;
}

function verdictsOf(row: TensorReport, options: AnalysisOptions): TensorReport['verdicts'] {
  const { anchor, precision } = row;
  return judge({ anchor, geometry: tensorReadings(row.geometry), precision }, options.thresholds);
}
