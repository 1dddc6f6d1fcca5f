// Messages between the decomposer and its geometry workers.
import type { GeometryOptions, MatrixPair, MeasuredMatrix } from '../../engine/gates/geometry.ts';
import type { KeptTriplets } from '../../engine/linalg/keptTriplets.ts';
import type { Problem } from '../../shared/errors.ts';

export interface GeometryWorkerData {
  /** Where the kernels lie. */
  folder: string;
  /** For the products of one matrix. */
  threads: number;
}

export interface GeometryTask {
  id: number;
  /** Transferred: the sender's views are empty afterwards. */
  pair: MatrixPair;
  options: GeometryOptions;
  /** The base's triplets of an earlier run. */
  known: KeptTriplets | null;
}

/** Each gives the pair's memory back: a worker would have to collect everything to be rid of it, and with it its code. */
export type GeometryAnswer =
  | {
      id: number;
      sides: ArrayBuffer[];
      measured: MeasuredMatrix | null;
      /** The base's triplets, where they are worth remembering. */
      found: KeptTriplets | null;
      gemmMs: number;
    }
  /** Without a problem the memory did not suffice. */
  | { id: number; sides: ArrayBuffer[]; problem: Problem | null };
