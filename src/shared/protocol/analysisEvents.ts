// A running analysis as a stream of events, and the one function that folds them into a Report.
// The engine emits them, the host keeps the fold, the panel folds the same events: no second shape anywhere.
import type {
  Coverage,
  EngineInfo,
  LayerReport,
  ModuleReport,
  Report,
  Summary,
  TensorReport,
} from '../report/report.ts';
import type { PreliminaryVerdict } from '../report/preliminary.ts';
import type { SampleReport } from '../report/sample.ts';
import type { TrainingEvidence } from '../report/training.ts';

export interface Progress {
  bytesDone: number;
  bytesTotal: number;
  /** Of decomposing, by what each matrix costs, in any unit. */
  matrixWorkDone: number;
  matrixWorkTotal: number;
  matricesDone: number;
  matricesTotal: number;
  elapsedMs: number;
  /** Null while there is too little to extrapolate from. */
  remainingMs: number | null;
  /** What is being worked on, e.g. a tensor name. */
  current: string | null;
  /** Bytes of all that come from elsewhere; absent where none do. */
  remoteBytes?: number;
}

/** `Whole` is the report that they fold into: the engine's own, or the panel's, whose tensors come without curves. */
export type AnalysisEvent<Whole extends Foldable = Report> =
  /** First event: the whole report with every tensor `pending`. */
  | { kind: 'started'; report: Whole }
  | { kind: 'progress'; progress: Progress }
  /** Tensors that changed; matched by position in `report.tensors`. */
  | { kind: 'tensors'; changed: { index: number; tensor: Whole['tensors'][number] }[] }
  /** Pools and verdicts over everything measured so far. */
  | {
      kind: 'aggregates';
      summary: Summary;
      layers: LayerReport[];
      modules: ModuleReport[];
      coverage: Coverage;
      /** Of a preview. */
      sample?: SampleReport;
      preliminary?: PreliminaryVerdict;
    }
  | { kind: 'engine'; engine: EngineInfo }
  | { kind: 'training'; training: TrainingEvidence }
  /** Last event: the report as it stands; no event follows. */
  | { kind: 'finished'; report: Whole };

type Foldable = Omit<Report, 'tensors'> & { tensors: Pick<TensorReport, 'name'>[] };

/** The report after one more event. Pure; shares what did not change. */
export function applyAnalysisEvent<Whole extends Foldable = Report>(
  report: Whole | null,
  event: AnalysisEvent<Whole>,
): Whole | null {
  switch (event.kind) {
    case 'started':
    case 'finished':
      return event.report;
    case 'progress':
      return report;
    case 'tensors': {
      if (report === null) return null;
      const tensors = [...report.tensors];
      for (const { index, tensor } of event.changed) tensors[index] = tensor;
      return { ...report, tensors };
    }
    case 'aggregates':
      return (
        report && {
          ...report,
          summary: event.summary,
          layers: event.layers,
          modules: event.modules,
          coverage: event.coverage,
          ...(event.sample === undefined ? {} : { sample: event.sample }),
          ...(event.preliminary === undefined ? {} : { preliminary: event.preliminary }),
        }
      );
    case 'engine':
      return report && { ...report, engine: event.engine };
    case 'training':
      return report && { ...report, training: event.training };
  }
}
