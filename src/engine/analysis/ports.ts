// What an analysis needs of the world, as functions: the engine itself touches no file, thread or library.
// src/node composes the real ones (analysisPorts.ts); tests pass fakes.
import type { AnalysisOptions, GemmChoice } from '../../shared/options/options.ts';
import type { TrainingEvidence } from '../../shared/report/training.ts';
import type { AdapterUpdate } from '../checkpoint/adapterUpdate.ts';
import type { PreparedUpdate } from '../updates/prepareUpdate.ts';
import type { Checkpoint, Pairing, StoredTensor } from '../checkpoint/checkpoint.ts';
import type { BaseMemory, GeometryOptions, MatrixPair, MeasuredMatrix } from '../gates/geometry.ts';
import type { FileStretch } from '../files/rangeSource.ts';
import type { TensorStreamer } from '../kernels/tensorStreamer.ts';
import type { Gemm, OpenedGemm } from '../linalg/gemm.ts';
import type { AnalysisMemory } from './analysisMemory.ts';

/** Gate II of one matrix whose elements are all finite; null when both sides are equal. Uses up both sides of the pair. */
export type MeasureMatrix = (
  pair: MatrixPair,
  options: GeometryOptions,
  memory: BaseMemory | null,
) => Promise<MeasuredMatrix | null>;

/** Decomposes matrices, as many at once as it has lanes. */
export interface Decomposer {
  readonly lanes: number;
  measure: MeasureMatrix;
  /** Milliseconds inside matrix products so far, over all lanes. */
  readonly gemmMs: number;
  /** Highest resident sets so far, summed, of lanes that are processes. */
  readonly peakRssBytes: number;
  close(): Promise<void>;
}

/** What the machine offers; decides defaults, never results. */
export interface Machine {
  version: string;
  threads: number;
  totalMemoryBytes: number;
  /** Highest resident set so far; null where the system does not say. */
  peakRssBytes: () => number | null;
}

export interface AnalysisPorts {
  machine: Machine;
  openCheckpoint: (path: string) => Promise<Checkpoint>;
  pairCheckpoints: (base: Checkpoint, tuned: Checkpoint) => Pairing;
  /** Never rejects for what is merely absent; what cannot be read is in its `problems`. */
  readTraining: (
    tuned: Checkpoint,
    base: Checkpoint,
    configPaths: readonly string[] | null,
  ) => Promise<TrainingEvidence>;
  /**
   * Told what will be read, in its order, before the first byte is; rejects where that is more than was allowed. The bytes
   * that have to come from elsewhere.
   */
  announce: (stretches: readonly FileStretch[]) => Promise<number>;
  openStreamer: (threads: number) => Promise<TensorStreamer>;
  /** Called once, before the first matrix; rejects with `gemm-unavailable`. */
  openGemm: (choice: GemmChoice, threads: number) => Promise<OpenedGemm>;
  /** Called once, after `openGemm`. @param atOnce matrices side by side, at most */
  openDecomposer: (gemm: Gemm, threads: number, atOnce: number) => Decomposer;
  /** Makes an adapter's update of a tensor ready; `base` reads the base's tensor as float32. */
  prepareUpdate: (
    tensor: StoredTensor,
    update: AdapterUpdate,
    base: () => Promise<Float32Array>,
    gemm: Gemm,
  ) => Promise<PreparedUpdate>;
  /** What earlier runs with these options left; null when nothing is to be remembered. */
  openMemory: (options: AnalysisOptions) => AnalysisMemory | null;
  /** Gives back what this analysis alone had use for; called once, at its end. */
  close: () => void;
  /** Says something for the log, not for the report. */
  log: (level: 'info' | 'warning' | 'error', message: string) => void;
}
