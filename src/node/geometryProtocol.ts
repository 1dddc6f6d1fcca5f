// Messages between the decomposer and its geometry workers.
import type { GeometryOptions, MatrixPair, MeasuredMatrix } from '../engine/gates/geometry.ts';
import type { RitzBasis } from '../engine/linalg/krylovSpace.ts';
import type { Problem } from '../shared/errors.ts';

export interface GeometryWorkerData {
  /** Compiled from the linear-algebra kernels. */
  module: WebAssembly.Module;
  /** For the products of one matrix. */
  threads: number;
}

export interface GeometryTask {
  id: number;
  /** Transferred: the sender's views are empty afterwards. */
  pair: MatrixPair;
  options: GeometryOptions;
  /** The base's basis of an earlier run. */
  known: RitzBasis | null;
}

export type GeometryAnswer =
  | {
      id: number;
      measured: MeasuredMatrix | null;
      /** A basis that is worth remembering. */
      found: RitzBasis | null;
      gemmMs: number;
    }
  /** Without a problem the memory did not suffice. */
  | { id: number; problem: Problem | null };
