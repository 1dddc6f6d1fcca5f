// Messages between a client (extension host or command line) and the engine process.
// The first request must be `hello`; a version that differs is refused with `engine-version`.
import type { Problem } from './errors.ts';
import type { AnalysisOptions } from './options.ts';
import type { CheckpointInfo, Report } from './report.ts';
import type { RunEvent } from './runEvents.ts';

export const engineProtocolVersion = 1;

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

export interface EngineMethods {
  hello: { params: { protocol: number }; result: { protocol: number; pid: number; version: string } };
  analyze: { params: AnalyzeRequest; result: Report };
  /** Stops the run at the next safe point; its `analyze` resolves with what was computed, status `cancelled`. */
  cancel: { params: { runId: string }; result: { found: boolean } };
  inspect: { params: { path: string }; result: CheckpointListing };
}

export interface EngineEvents {
  run: { runId: string; event: RunEvent };
  log: { level: 'info' | 'warning' | 'error'; message: string };
}
