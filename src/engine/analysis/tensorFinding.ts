// What an analysis finds of one tensor, in the steps in which it finds it. Told again in the order of the plan, findings give
// the report that they came from: a shard writes them down, and a merge tells them.
import type { Problem } from '../../shared/errors.ts';
import type { MeasuredMatrix } from '../gates/geometry.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import type { PreparedUpdate } from '../updates/prepareUpdate.ts';

export type TensorFinding =
  /** Gates I and III; what an adapter did to it, or null where its tuned side is stored. */
  | { kind: 'streamed'; totals: StreamTotals; adapter: PreparedUpdate['report'] | null }
  /** Gate II: one part a matrix, null where its sides are equal. */
  | { kind: 'decomposed'; parts: readonly (MeasuredMatrix | null)[] }
  | { kind: 'undecomposed' | 'unreadable'; problem: Problem };

/** Hears of every finding, by the place of its tensor in the plan; those of one tensor in order, tensors in any. */
export type HearFinding = (index: number, finding: TensorFinding) => void;
