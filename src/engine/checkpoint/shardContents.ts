// What the headers of a checkpoint's files hold together.
import type { Problem } from '../../shared/errors.ts';
import type { StoredTensor, UnreadableTensor } from './checkpoint.ts';

export interface ShardContents {
  tensors: Map<string, StoredTensor>;
  unreadable: UnreadableTensor[];
  /** Of the first readable file. */
  metadata: Record<string, string>;
  problems: Problem[];
  /** Names of the files that are there, and their bytes in all. */
  files: string[];
  bytes: number;
  /** What of them was left aside, in words. */
  notes?: string[];
}
