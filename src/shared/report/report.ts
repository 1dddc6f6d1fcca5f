// The one result shape: written by the command line, sent by the engine process, drawn by the panel.
// It is plain JSON: no NaN, no Infinity, no undefined; an absent number is null with a reason beside it.
import type { Problem } from '../errors.ts';
import type {
  AnchorMetrics,
  GeometryMetrics,
  GeometryPool,
  PrecisionMetrics,
  TensorPrecision,
} from './metrics.ts';
import type { LayerId } from './layers.ts';
import type { ModuleKind } from './moduleKinds.ts';
import type { AnalysisOptions } from '../options/options.ts';
import type { LimitsReport } from './limitsReport.ts';
import type { PreliminaryVerdict } from './preliminary.ts';
import type { PublishedStatistics } from './publishedStatistics.ts';
import type { SampleReport } from './sample.ts';
import type { SyncCost } from './syncCost.ts';
import type { TrainingEvidence } from './training.ts';
import type { GateVerdicts, Regime } from './verdicts.ts';

export const schemaVersion = 2;

/** One side of the pair, as found on disk. */
export interface CheckpointInfo {
  /** Absolute path that was given. */
  path: string;
  /** Short name for people: the last path segments that tell it apart. */
  label: string;
  format: string;
  files: string[];
  bytes: number;
  parameters: number;
  tensors: number;
  /** Parameters per dtype. */
  dtypes: Record<string, number>;
  /** From config.json, where there is one. */
  architecture: string | null;
  modelType: string | null;
  /** Training step from the folder's name or trainer_state.json. */
  step: number | null;
  /** Base model that the checkpoint itself names, and where it says so. */
  namedBase: { name: string; from: string } | null;
  /** Where it was read from when it does not lie on this machine, and what it was then. */
  origin?: RemoteOrigin;
}

/** A remote checkpoint at the moment it was read. Holds no token and no signature. */
export interface RemoteOrigin {
  /** `hf://org/model`, `s3://bucket/folder`, or the URL of a file without its query. */
  address: string;
  /** As it was asked for; null beyond the Hub. */
  revision: string | null;
  /** That the revision meant; null beyond the Hub. */
  commit: string | null;
  /** By path: of the Hub the SHA-256 of a large file and the Git object of a small one, else the ETag. */
  hashes: Record<string, string>;
}

export interface EngineInfo {
  version: string;
  gemm: 'native' | 'wasm' | 'none';
  /** Library and version, e.g. `onnxruntime-node 1.30.0`. */
  gemmLibrary: string;
  /** Why the fallback runs; null when it does not. */
  fallbackReason: string | null;
  threads: number;
  memoryBytes: number;
}

/** A tensor that was not (fully) compared. */
export interface NotCompared {
  name: string;
  side: 'base' | 'tuned' | 'both';
  elements: number;
  reason: Problem;
  /** The tuned side is an adapter that changes this tensor, and its update could not be applied: not equal, but unknown. */
  refusedUpdate?: true;
}

export interface Coverage {
  /** Parameters of the union of both checkpoints' tensors. */
  elements: number;
  compared: number;
  /** compared/elements. */
  share: number;
  notCompared: NotCompared[];
  /** What was done beyond exact pairing, in words: renamed prefixes, tied embeddings, common rows, dequantised weights. */
  notes: string[];
}

/** Either the numbers, or why there are none. */
export type Measured<T> = { value: T; reason: null } | { value: null; reason: string };

type TensorStatus = 'pending' | 'streamed' | 'done' | 'unreadable';

/**
 * How an adapter lies in the base it is applied to. Energies: the share of the base's energy on the directions that the
 * adapter reads from (rows of A) and writes to (columns of B). Leading and trailing: the share of ‖A‖²_F (of ‖B‖²_F) on
 * the k leading and the k trailing right (left) singular vectors of the base. Each beside what random factors would give. Of a weight that is
 * stored transposed (in, out), rows and columns change places.
 */
export interface AdapterAlignment {
  rowEnergy: number;
  rowEnergyExpected: number;
  columnEnergy: number;
  columnEnergyExpected: number;
  /** k: as many singular vectors as the adapter has directions, at most min(m, n). */
  subspace: number;
  /** Null for A = 0. */
  rowLeading: number | null;
  /** Null, too, where the base is too large to be decomposed whole, or has no such directions. */
  rowTrailing: number | null;
  /** k/n. */
  rowSubspaceExpected: number;
  /** Null for B = 0, as before training. */
  columnLeading: number | null;
  columnTrailing: number | null;
  /** k/m. */
  columnSubspaceExpected: number;
}

/** A tuned tensor that is not stored but follows from the base and a PEFT adapter. */
export interface TensorAdapter {
  method: string;
  /** Null for a bias and for rows that the adapter gives as they are. */
  rank: number | null;
  /** s in ΔW = s·B·A; null where nothing is scaled. */
  scaling: number | null;
  /** How the part that the initialisation took out of the base was had; null where it took none. */
  correction: 'initial factors' | 'recomputed' | null;
  /** Share of the elements it reaches where W + ΔW rounds to the same bf16 as W: what a merge into bf16 would swallow. */
  absorbedOnMerge: number;
  /** Elements that it reaches; absent where those are all of the tensor. */
  reached?: number;
  alignment: AdapterAlignment | null;
}

/** All that changed in a tensor is rounding. */
export interface TensorRounding {
  /** What a cast of the base gives; or so few values a block as a round trip through four bits leaves. */
  kind: 'cast' | 'four-bit';
  /** One sentence. */
  words: string;
}

export interface TensorReport extends LayerId {
  name: string;
  /** Name on the tuned side where it differs. */
  tunedName: string | null;
  module: ModuleKind;
  shape: number[];
  /** [base, tuned], as stored. */
  dtypes: [string, string];
  elements: number;
  status: TensorStatus;
  /** Every element bitwise equal as stored. */
  identical: boolean;
  precision: Measured<TensorPrecision>;
  anchor: Measured<AnchorMetrics>;
  geometry: Measured<GeometryMetrics>;
  verdicts: GateVerdicts;
  problem: Problem | null;
  /** Null where the differences are more than rounding, or there are none; absent until the tensor was read. */
  rounding?: TensorRounding | null;
  /** What sending its update takes; absent until it was read, and in reports written before this was counted. */
  sync?: Measured<SyncCost>;
  /** Present where the tuned side is an adapter that changes this tensor. */
  adapter?: TensorAdapter;
}

/** Pooled numbers of a layer, a module kind or the whole model. */
export interface Aggregate {
  tensors: number;
  elements: number;
  precision: Measured<PrecisionMetrics>;
  anchor: Measured<AnchorMetrics>;
  geometry: Measured<GeometryPool>;
  verdicts: GateVerdicts;
  /** What sending the update takes, over the compared tensors; absent in reports written before this was counted. */
  sync?: Measured<SyncCost>;
}

export interface LayerReport extends Aggregate, LayerId {
  label: string;
}

export interface ModuleReport extends Aggregate {
  module: ModuleKind;
}

/** Logged KL to the reference policy: training logs only, never from weights. */
export interface LoggedKl {
  last: number;
  mean: number;
  peak: number;
  key: string;
  file: string;
  estimator: string | null;
  /** Present where the log ends otherwise: "NaN at step 20"; `last` is then the last finite value. */
  lastNotFinite?: string;
}

/** The optimizer that took the steps, and what says so. */
export interface NamedOptimizer {
  name: string;
  from: string;
}

/** How many learning rates one step of Adam can carry a weight: max(1, √((1−β₁)/(1−β₂))). */
export interface StepBound {
  value: number;
  beta1: number;
  beta2: number;
  from: string;
}

export interface Summary extends Omit<Aggregate, 'verdicts'> {
  gates: GateVerdicts;
  regime: Regime;
  kl: Measured<LoggedKl>;
  /** Mean curvature of the KL along the update, 2·KL/‖Δ‖²_F, for the last logged KL; null without one above zero. */
  meanCurvature: number | null;
  meanCurvatureUnit: 'per token' | 'per sequence' | null;
  /** The logged response length that made a KL per token one per sequence; null where none did. */
  meanCurvatureLength: { tokens: number; key: string; file: string } | null;
  /** maxAbsDelta / Σ_t lr_t; well above `stepBound`, the config shown did not make these weights. */
  stepEnvelope: number | null;
  stepBound: Measured<StepBound>;
  /** Sparsity depends on it; null where neither config nor framework says. */
  optimizer: NamedOptimizer | null;
}

interface Timings {
  startedAt: string;
  elapsedMs: number;
  /** By the clock while any tensor was being read; the same of decompositions. The two overlap. */
  streamMs: number;
  geometryMs: number;
  /** Inside matrix products, added over the threads that run them side by side. */
  gemmMs: number;
  bytesRead: number;
  peakRssBytes: number | null;
}

export type ReportStatus = 'running' | 'complete' | 'cancelled' | 'failed';

export interface Report {
  schemaVersion: typeof schemaVersion;
  status: ReportStatus;
  pair: { base: CheckpointInfo; tuned: CheckpointInfo };
  options: AnalysisOptions;
  engine: EngineInfo;
  coverage: Coverage;
  summary: Summary;
  layers: LayerReport[];
  modules: ModuleReport[];
  tensors: TensorReport[];
  /** The published statistics of this pair; null until the analysis is through, and where it has no matrix. */
  published: PublishedStatistics | null;
  /** Present where the analysis is a preview from a sample of the tensors. */
  sample?: SampleReport;
  /** Present while the analysis runs. */
  preliminary?: PreliminaryVerdict;
  training: TrainingEvidence;
  /** What limits on this report came to; absent where none were set. */
  limits?: LimitsReport;
  problems: Problem[];
  timings: Timings;
}
