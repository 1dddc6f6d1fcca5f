// The port of the streaming pass over several tuned checkpoints of one base.
import type { TensorPair } from '../checkpoint/checkpoint.ts';
import type { JointCounts } from './jointSpec.ts';
import type { Update } from './tensorStreamer.ts';

/** The same tensor of a base in several tuned checkpoints. */
export interface JointTensor {
  /** Each with the same base. */
  pairs: readonly TensorPair[];
  /** What all of them have: of a resized vocabulary the rows in common. */
  shape: readonly number[];
  /** Where a tuned side is not stored. */
  updates: readonly (Update | null)[];
  /** Positions, ascending, of elements whose values are wanted. */
  samples: Float64Array;
  /** Whether each is held against the one before it as well; absent = not. */
  successive?: boolean;
}

/** The same pass over several tuned checkpoints: every byte of the base, and of each of them, is read once. */
export interface JointStreamer {
  streamJoint(tensor: JointTensor, eta: number, signal: AbortSignal): Promise<JointCounts>;
  readonly bytesRead: number;
  close(): Promise<void>;
}
