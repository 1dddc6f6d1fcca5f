// Messages between the streamer and its kernel workers.
import type { Segment } from '../../engine/files/rangeSource.ts';
import type { ChunkTotals } from '../../engine/kernels/chunkTotals.ts';
import type { Problem } from '../../shared/errors.ts';
import type { ChunkSpec } from '../../engine/kernels/chunkSpec.ts';
import type { JointChunk, JointSpec } from '../../engine/kernels/jointSpec.ts';

export interface KernelWorkerData {
  module: WebAssembly.Module;
}

interface Task {
  id: number;
  /** Where the bytes of files lie that are not on this machine. */
  segments: Record<string, Segment[]>;
}

/** A chunk of a pair. */
export interface PairTask extends Task {
  chunk: ChunkSpec;
  /** What is wanted of the matrices: both sides as float32, or packed. */
  matrices: 'none' | 'float32' | 'packed';
}

/** A chunk of a base and of several tuned sides. */
export interface JointTask extends Task {
  joint: JointSpec;
}

export type KernelTask = PairTask | JointTask;

export interface PairAnswer {
  id: number;
  totals: ChunkTotals;
  /** The chunk as float32, where wanted. */
  base: ArrayBuffer | null;
  tuned: ArrayBuffer | null;
  packed: ArrayBuffer | null;
}

export interface JointAnswer {
  id: number;
  counts: JointChunk;
}

export type KernelAnswer = PairAnswer | JointAnswer | { id: number; problem: Problem };
