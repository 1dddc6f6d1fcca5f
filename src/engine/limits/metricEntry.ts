// What a limit may name: a number or a word of a report, where the report has it, and how it is read there.
import type { GateName } from '../../shared/options/options.ts';
import type { LimitScope } from '../../shared/report/limitsReport.ts';
import type {
  AnchorMetrics,
  GeometryMetrics,
  GeometryPool,
  PrecisionMetrics,
} from '../../shared/report/metrics.ts';
import type { Measured, Report, TensorReport } from '../../shared/report/report.ts';
import type { ErrorBounds } from '../../shared/report/resolution.ts';
import type { GateVerdicts } from '../../shared/report/verdicts.ts';

/** What a number is, which decides its units and how it is written. */
export type NumberKind = 'share' | 'ratio' | 'number' | 'degrees' | 'lift' | 'count';

/** One layer, kind of module or tensor of a report, or the whole of it. */
export interface Subject {
  scope: LimitScope;
  place: string;
  label: string;
  /** Why nothing of it was compared; null where it was. */
  absent: string | null;
  precision: Measured<PrecisionMetrics>;
  anchor: Measured<AnchorMetrics>;
  geometry: Measured<GeometryPool | GeometryMetrics>;
  verdicts: GateVerdicts | null;
  errors: ErrorBounds;
  elements: number;
  /** Tensors that it holds; null of a tensor. */
  tensors: number | null;
  /** Of a tensor alone. */
  tensor: TensorReport | null;
  /** Of the whole model alone. */
  report: Report | null;
}

/** A value, or why there is none. */
export type MetricReading<Value> = Measured<Value> & { error?: number | null };

interface Entry {
  name: string;
  /** What it is, in a few words. */
  title: string;
  scopes: readonly LimitScope[];
  /** The gate that must be measured for it; null where none must. */
  gate: GateName | null;
}

export interface NumberEntry extends Entry {
  kind: NumberKind;
  read: (subject: Subject) => MetricReading<number>;
}

export interface WordEntry extends Entry {
  kind: 'word';
  words: readonly string[];
  /** Words that say that nothing was found out: they break a limit that does not name them. */
  unmeasured: readonly string[];
  /** `reason` says why the word is one of `unmeasured`. */
  read: (subject: Subject) => { word: string | null; reason: string | null };
}

export type MetricEntry = NumberEntry | WordEntry;

export const allScopes: readonly LimitScope[] = ['whole', 'layer', 'module', 'tensor'];
