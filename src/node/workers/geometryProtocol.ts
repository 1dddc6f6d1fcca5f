// Messages between the decomposer and its geometry workers. The sides' memory goes with a task: packed, or base and tuned; and
// comes back with its answer, as a thread would have to collect everything to be rid of it, and with it its code.
import type { GeometryOptions, MatrixPair, MeasuredMatrix } from '../../engine/gates/geometry.ts';
import type { Kept } from '../../engine/linalg/keptTriplets.ts';
import type { Problem } from '../../shared/errors.ts';

/** The first argument of a worker, as JSON. */
export interface GeometryWorkerSetup {
  /** Where the kernels lie. */
  folder: string;
  /** For the products of one matrix. */
  threads: number;
}

export interface GeometryTask {
  id: number;
  matrix: Pick<MatrixPair, 'layout' | 'storage' | 'update'>;
  options: GeometryOptions;
  /** The base's triplets of an earlier run; null where nothing is remembered. */
  memory: { known: Kept | null } | null;
}

export type GeometryAnswer =
  | {
      id: number;
      measured: MeasuredMatrix | null;
      /** The base's triplets, where they are to be remembered. */
      found: Kept | null;
      gemmMs: number;
    }
  /** Without a problem the memory did not suffice. */
  | { id: number; problem: Problem | null };
