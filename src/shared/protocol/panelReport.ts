// A report as the panel holds it: every number of every tensor, but without curves, which make nearly all of a report's
// bytes. They come on demand, for the tensor that is looked at. What is kept and exported is the whole report.
import type { GeometryMetrics, PrecisionMetrics, StripeMetrics, TensorPrecision } from '../report/metrics.ts';
import type { Measured, Report, TensorReport } from '../report/report.ts';
import type { AnalysisEvent } from './analysisEvents.ts';
import type { GateVerdict, GateVerdicts } from '../report/verdicts.ts';

export type GeometryCurves = Pick<
  GeometryMetrics,
  'sigmaBase' | 'sigmaTuned' | 'rotationLeftCurveDeg' | 'rotationRightCurveDeg'
>;

/** What is drawn of one tensor alone; null where it was not measured. */
export interface TensorCurves {
  geometry: GeometryCurves | null;
  stripe: StripeMetrics | null;
}

export interface PanelGeometry extends Omit<GeometryMetrics, keyof GeometryCurves> {
  /** ‖σ‖₂ of the k leading of the base: the weight of this matrix where spectral drifts are pooled. */
  sigmaNorm: number;
}

interface PanelPrecision extends PrecisionMetrics {
  /** Whether there are row and column densities to ask for. */
  striped: boolean;
}

/** A verdict without the readings that it rests on, which repeat the tensor's own numbers. */
export type TensorVerdict = Omit<GateVerdict, 'readings'>;

export interface PanelTensor extends Omit<TensorReport, 'precision' | 'geometry' | 'verdicts'> {
  precision: Measured<PanelPrecision>;
  geometry: Measured<PanelGeometry>;
  verdicts: { [Gate in keyof GateVerdicts]: TensorVerdict };
}

export interface PanelReport extends Omit<Report, 'tensors'> {
  tensors: PanelTensor[];
}

export type PanelRunEvent =
  | AnalysisEvent<PanelReport>
  /** Everything of a report but its tensors. */
  | { kind: 'heading'; heading: Omit<PanelReport, 'tensors'> };

/** Tensors in one message: few enough that the page handles it well within a frame. */
export const tensorsPerMessage = 250;

export function panelReport(report: Report): PanelReport {
  return { ...report, tensors: report.tensors.map(panelTensor) };
}

export function panelTensor(tensor: TensorReport): PanelTensor {
  const { precision, geometry, verdicts } = tensor;
  return {
    ...tensor,
    precision:
      precision.value === null ? precision : { value: panelPrecision(precision.value), reason: null },
    geometry: geometry.value === null ? geometry : { value: panelGeometry(geometry.value), reason: null },
    verdicts: {
      anchor: withoutReadings(verdicts.anchor),
      geometry: withoutReadings(verdicts.geometry),
      precision: withoutReadings(verdicts.precision),
    },
  };
}

export function tensorCurves({ precision, geometry }: TensorReport): TensorCurves {
  const { value } = geometry;
  return {
    geometry: value && {
      sigmaBase: value.sigmaBase,
      sigmaTuned: value.sigmaTuned,
      rotationLeftCurveDeg: value.rotationLeftCurveDeg,
      rotationRightCurveDeg: value.rotationRightCurveDeg,
    },
    stripe: precision.value?.stripe ?? null,
  };
}

/** The events of a run as the panel gets them, one list a message: what is long comes in several. */
export function panelMessages(events: readonly AnalysisEvent[]): PanelRunEvent[][] {
  const messages: PanelRunEvent[][] = [];
  let message: PanelRunEvent[] = [];
  const cut = (): void => {
    if (message.length > 0) messages.push(message);
    message = [];
  };
  const addTensors = (changed: { index: number; tensor: TensorReport }[]): void => {
    for (let from = 0; from < changed.length; from += tensorsPerMessage) {
      const part = changed.slice(from, from + tensorsPerMessage);
      message.push({
        kind: 'tensors',
        changed: part.map(({ index, tensor }) => ({ index, tensor: panelTensor(tensor) })),
      });
      if (part.length === tensorsPerMessage) cut();
    }
  };
  for (const event of events) {
    switch (event.kind) {
      case 'started':
        message.push({ kind: 'started', report: panelReport(event.report) });
        break;
      case 'tensors':
        addTensors(event.changed);
        break;
      case 'finished': {
        const { tensors, ...heading } = event.report;
        addTensors(tensors.map((tensor, index) => ({ index, tensor })));
        message.push({ kind: 'heading', heading });
        break;
      }
      default:
        message.push(event);
    }
  }
  cut();
  return messages;
}

function panelPrecision(value: TensorPrecision): PanelPrecision {
  return { ...without(value, 'stripe', 'baseExponents'), striped: value.stripe !== null };
}

function panelGeometry(value: GeometryMetrics): PanelGeometry {
  const squares = value.sigmaBase.reduce((sum, sigma) => sum + sigma * sigma, 0);
  return {
    ...without(value, 'sigmaBase', 'sigmaTuned', 'rotationLeftCurveDeg', 'rotationRightCurveDeg'),
    sigmaNorm: Math.sqrt(squares),
  };
}

function without<Whole extends object, Key extends keyof Whole>(
  whole: Whole,
  ...keys: Key[]
): Omit<Whole, Key> {
  const left = new Set<PropertyKey>(keys);
  return Object.fromEntries(Object.entries(whole).filter(([key]) => !left.has(key))) as Omit<Whole, Key>;
}

function withoutReadings({ gate, verdict, standing, rule, beyondSize }: GateVerdict): TensorVerdict {
  return { gate, verdict, standing, rule, beyondSize };
}
