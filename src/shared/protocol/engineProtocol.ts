// Messages between a client (extension host or command line) and the engine process.
// The first request must be `hello`; a version that differs is refused with `engine-version`.
import type { Problem } from '../errors.ts';
import type { MaskReport, MaskSpec } from '../report/maskReport.ts';
import type { AnalysisOptions, GemmChoice } from '../options/options.ts';
import type { ModuleKind } from '../report/moduleKinds.ts';
import type { CheckpointInfo, Report } from '../report/report.ts';
import type { AnalysisEvent } from './analysisEvents.ts';
import type { RunsReport } from '../report/runsReport.ts';

export const engineProtocolVersion = 2;

export interface AnalyzeRequest {
  /** Chosen by the client; names the run in `run` events and in `cancel`. */
  runId: string;
  basePath: string;
  tunedPath: string;
  options: AnalysisOptions;
  /** Training config or log files to use instead of the ones found beside the tuned checkpoint. */
  configPaths: string[] | null;
  /** Directory of the result cache; null = none. */
  cacheDirectory: string | null;
  /** Most bytes that may be read of remote checkpoints; null = any, absent = none. */
  remoteLimitBytes?: number | null;
  /** Most bytes of weights that are read a second; absent or null = as fast as the disk. */
  readBytesPerSecond?: number | null;
  /** Priority that the engine's process leaves to others, 0 … 19, from then on; absent = as it was started. */
  niceness?: number;
}

/** One shard of an analysis, written into a folder that all of them share. */
export interface ShardRequest extends AnalyzeRequest {
  /** From 1 to `shards`. */
  number: number;
  shards: number;
  /** Absolute. */
  directory: string;
  /** As the user chose it, whatever this attempt runs on. */
  engine: GemmChoice;
}

/** The plan of all shards, written into their folder. */
export interface PlanRequest {
  basePath: string;
  tunedPath: string;
  options: AnalysisOptions;
  shards: number;
  /** Absolute. */
  directory: string;
}

export interface PlannedShards {
  tensors: number;
  /** How much longer the longest shard is than the mean, by the cost model. */
  imbalance: number;
}

export interface ShardDone {
  /** Whether an earlier run had done it, and nothing was measured now. */
  wasDone: boolean;
  tensors: number;
  bytesRead: number;
}

/** The report of the shards that lie in a folder. */
export interface MergeRequest {
  /** Absolute. */
  directory: string;
  /** As in `AnalyzeRequest`. */
  configPaths: string[] | null;
  /** Where the checkpoints lie here; null = where the shards had them. */
  basePath: string | null;
  tunedPath: string | null;
}

export interface MergedReport {
  report: Report;
  shards: number;
  /** Numbers of the shards that are not there, or not whole. */
  missing: number[];
  /** Why one that is there does not count. */
  damaged: Problem[];
}

/** A mask of a base, written to a file. */
export interface MaskRequest {
  basePath: string;
  /** The safetensors file to write; absolute. */
  outPath: string;
  /** A checkpoint whose update is held against the mask; null = none. */
  tunedPath: string | null;
  mask: MaskSpec;
  /** Of "changed" in the bf16 view. */
  eta: number;
  match: string | null;
  /** Kinds of modules that get no mask. */
  exclude: readonly ModuleKind[];
  engine: GemmChoice;
  threads: number | null;
  /** As that of an analysis. */
  remoteLimitBytes?: number | null;
}

/** Several runs from one base; with one, its checkpoints over time. */
export interface RunsRequest {
  basePath: string;
  /** Checkpoints, or folders of checkpoints by step. */
  runPaths: string[];
  eta: number;
  match: string | null;
  /** Also the trajectory of every run folder; one run alone always gets its own. */
  followSteps: boolean;
  /** Whether the updates of several runs are decomposed: a decomposition for each run and matrix. */
  directions: boolean;
  /** For the trajectories and the directions. */
  analysis: Pick<
    AnalysisOptions,
    'rank' | 'alpha' | 'engine' | 'threads' | 'cacheGigabytes' | 'remoteCacheGigabytes'
  >;
  /** Directory of the result cache; null = remembered for this request only. */
  cacheDirectory: string | null;
  /** As that of an analysis. */
  remoteLimitBytes?: number | null;
}

/** One tensor in a checkpoint's header. */
export interface TensorEntry {
  name: string;
  dtype: string;
  shape: number[];
  /** Number of elements. */
  elements: number;
  bytes: number;
  /** Path relative to the checkpoint. */
  file: string;
}

export interface CheckpointListing {
  info: CheckpointInfo;
  tensors: TensorEntry[];
  /** `__metadata__` of the (first) file. */
  metadata: Record<string, string>;
  problems: Problem[];
}

/** A listing as it is sent; see packedListing.ts. */
export interface PackedListing extends Omit<CheckpointListing, 'tensors'> {
  names: string[];
  /** What tensors of one kind have in common, each kind once. */
  kinds: Omit<TensorEntry, 'name'>[];
  /** For each name its index in `kinds`. */
  kindOf: number[];
}

/** What of a folder or a repository can be opened, by names and sizes alone. */
export interface WeightFiles {
  /** Paths to open as one checkpoint, however many files it has; nearest first. */
  checkpoints: string[];
  /** Every file of weights by itself. */
  files: { path: string; bytes: number }[];
}

export interface EngineMethods {
  hello: { params: { protocol: number }; result: { protocol: number; pid: number; version: string } };
  analyze: { params: AnalyzeRequest; result: Report };
  /** The same events, of the shard alone. Cancelling rejects with `cancelled` and leaves no file. */
  analyzeShard: { params: ShardRequest; result: ShardDone };
  /** From headers alone. */
  planShards: { params: PlanRequest & { runId: string }; result: PlannedShards };
  mergeShards: { params: MergeRequest & { runId: string }; result: MergedReport };
  /** Progress and the matrix library come as `run` events. A cancelled export rejects with `cancelled` and leaves no file. */
  exportMask: { params: MaskRequest & { runId: string }; result: MaskReport };
  /** Progress and the matrix library come as `run` events. Cancelling rejects with `cancelled`. */
  compareRuns: { params: RunsRequest & { runId: string }; result: RunsReport };
  /** Stops the run at the next safe point; an `analyze` resolves with what was computed, status `cancelled`. */
  cancel: { params: { runId: string }; result: { found: boolean } };
  inspect: { params: { path: string }; result: PackedListing };
  weightFiles: { params: { path: string }; result: WeightFiles };
}

export interface EngineEvents {
  run: { runId: string; event: AnalysisEvent };
  log: { level: 'info' | 'warning' | 'error'; message: string };
}
