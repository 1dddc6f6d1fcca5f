// Messages between the streamer and its kernel workers.
import type { Segment } from '../../engine/files/rangeSource.ts';
import type { ChunkTotals } from '../../engine/kernels/chunkTotals.ts';
import type { Problem } from '../../shared/errors.ts';
import type { ChunkSpec } from '../../engine/kernels/chunkSpec.ts';

export interface KernelWorkerData {
  module: WebAssembly.Module;
}

export interface KernelTask {
  id: number;
  chunk: ChunkSpec;
  /** Where the bytes of files lie that are not on this machine. */
  segments: Record<string, Segment[]>;
  /** What is wanted of the matrices: both sides as float32, or packed. */
  matrices: 'none' | 'float32' | 'packed';
}

export type KernelAnswer =
  | {
      id: number;
      totals: ChunkTotals;
      /** The chunk as float32, where wanted. */
      base: ArrayBuffer | null;
      tuned: ArrayBuffer | null;
      packed: ArrayBuffer | null;
    }
  | { id: number; problem: Problem };
