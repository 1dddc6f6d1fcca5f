// The whole model's summary: its pool, the KL from the logs, what follows from both, and the regime.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { Coverage, LoggedKl, Measured, Summary } from '../../shared/report/report.ts';
import type { LogSeries, TrainingEvidence } from '../../shared/report/training.ts';
import { optimizerOf, stepBoundOf } from '../trainingConfig/optimizer.ts';
import { nameRegime } from '../gates/regime.ts';
import { judge, poolReadings } from '../gates/verdict.ts';
import { absent, measured } from './measured.ts';
import type { Pool } from './pools.ts';

/** What the tensors read so far say beside their numbers. */
interface Tidings {
  /** Every compared element is bitwise equal, and something was compared. */
  unchanged: boolean;
  /** Share of the parameters that the numbers speak for. */
  covered: number;
  /** How all that changed is rounding, in words; null where it is not. */
  rounding: string | null;
}

export function summarize(
  whole: Pool,
  { unchanged, covered, rounding }: Tidings,
  coverage: Coverage,
  training: TrainingEvidence,
  options: AnalysisOptions,
): Summary {
  const aggregate = whole.aggregate(options, training.learningRatePeak);
  const series = klSeries(training);
  const kl = loggedKl(series, training);
  const { anchor, precision } = aggregate;
  const gates = judge(
    // The threshold is in nats per token; a KL per sequence is shown but cannot be held against it.
    { anchor, geometry: poolReadings(aggregate.geometry), precision, ...(isPerToken(series) ? { kl } : {}) },
    options.thresholds,
  );
  return {
    tensors: aggregate.tensors,
    elements: aggregate.elements,
    precision,
    anchor,
    geometry: aggregate.geometry,
    ...(aggregate.sync && { sync: aggregate.sync }),
    gates,
    regime: nameRegime(
      { gates, coverage: covered, packed: packedShare(coverage), unchanged, rounding, training },
      options.thresholds,
    ),
    kl,
    // Of a part of the update the energy is too small, and the curvature would come out too large.
    ...(coverage.share < options.thresholds.coverage
      ? noCurvature
      : meanCurvature(kl.value, series, training, anchor.value?.deltaFrobenius ?? 0)),
    stepEnvelope: quotient(anchor.value?.maxAbsDelta ?? null, training.learningRateSum),
    stepBound: stepBoundOf(training.config),
    optimizer: optimizerOf(training.config),
  };
}

const noCurvature = { meanCurvature: null, meanCurvatureUnit: null, meanCurvatureLength: null };

/** Of all parameters. */
export function packedShare({ elements, notCompared }: Coverage): number {
  const packed = notCompared.filter(({ reason }) => reason.code === 'packed-weights');
  return elements === 0 ? 0 : packed.reduce((sum, each) => sum + each.elements, 0) / elements;
}

/** The logged KL to the reference, per token where there is one: never the KL of a step, nor of two engines. */
function klSeries(training: TrainingEvidence): LogSeries | null {
  const found = training.logs.filter(({ signal }) => signal === 'klReference');
  return found.find(isPerToken) ?? found[0] ?? null;
}

function isPerToken(series: LogSeries | null): boolean {
  return series !== null && (series.unit === null || series.unit.includes('token'));
}

function loggedKl(series: LogSeries | null, training: TrainingEvidence): Measured<LoggedKl> {
  const broken = training.notFinite?.find(
    ({ signal, key }) => signal === 'klReference' && (series === null || key === series.key),
  );
  if (series === null && broken !== undefined) {
    return absent(`Not measured: ${broken.key} is ${broken.value} in ${broken.file}, and never a number.`);
  }
  if (series === null) {
    return absent(
      'Not measured: no KL to the reference was found in training logs beside the tuned checkpoint.',
    );
  }
  const { last, mean, peak, key, file, estimator } = series;
  const ends = broken === undefined ? {} : { lastNotFinite: `${broken.value} at step ${broken.step}` };
  return measured({ last, mean, peak, key, file, estimator, ...ends });
}

/**
 * 2·KL/‖Δ‖²_F, from KL ≈ ½·Δᵀ∇²KL·Δ (arXiv 2511.08567, Gate I). Estimators may go below zero and then say nothing; nor does
 * a log that ends in NaN. Per sequence where the log has a mean response length.
 */
function meanCurvature(
  kl: LoggedKl | null,
  series: LogSeries | null,
  training: TrainingEvidence,
  deltaFrobenius: number,
): Pick<Summary, 'meanCurvature' | 'meanCurvatureUnit' | 'meanCurvatureLength'> {
  if (kl === null || kl.last <= 0 || kl.lastNotFinite !== undefined) return noCurvature;
  const perToken = isPerToken(series);
  const logged = perToken ? training.logs.find(({ signal }) => signal === 'responseLength') : undefined;
  const length = logged !== undefined && logged.last > 0 ? logged : null;
  const value = quotient(2 * kl.last * (length?.last ?? 1), deltaFrobenius ** 2);
  if (value === null) return noCurvature;
  return {
    meanCurvature: value,
    meanCurvatureUnit: perToken && length === null ? 'per token' : 'per sequence',
    meanCurvatureLength: length === null ? null : { tokens: length.last, key: length.key, file: length.file },
  };
}

function quotient(numerator: number | null, denominator: number | null): number | null {
  if (numerator === null || denominator === null || denominator === 0) return null;
  const value = numerator / denominator;
  return Number.isFinite(value) ? value : null;
}
