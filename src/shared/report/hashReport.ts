// What a checkpoint holds, by SHA-256; and whether two checkpoints hold the same bits. Plain JSON.
import type { Problem } from '../errors.ts';
import type { RemoteOrigin } from './report.ts';

export const hashSchemaVersion = 1;

export interface TensorHash {
  name: string;
  /** As in safetensors: BF16, F32, F8_E4M3, … */
  dtype: string;
  shape: number[];
  /** Length of what is hashed: the elements in row-major order, as they are stored. */
  bytes: number;
  sha256: string;
}

export interface HashReport {
  schemaVersion: typeof hashSchemaVersion;
  version: string;
  path: string;
  label: string;
  origin?: RemoteOrigin;
  /** Of all tensors together, as docs/hash.md says; null where some could not be read. */
  sha256: string | null;
  /** By name, naturally ordered. */
  tensors: TensorHash[];
  /** Tensors that could not be read, each with the reason. */
  unreadable: { name: string; reason: Problem }[];
}

/** One element as a side stores it. */
interface StoredElement {
  /** Its bits as hexadecimal, the most significant first: 0x7fc0. */
  bits: string;
  /** The number that they mean: "0.5", "-0", "NaN"; null for a dtype of which no values are known. */
  value: string | null;
}

/** The first element of a tensor whose bits differ. */
export interface ElementDifference {
  /** In row-major order, from 0. */
  index: number;
  /** The same along every dimension. */
  position: number[];
  base: StoredElement;
  tuned: StoredElement;
}

export interface TensorDifference {
  name: string;
  shape: number[];
  /** Null where the sides cannot be laid over each other. */
  element: ElementDifference | null;
  /** One sentence. */
  words: string;
}

export interface IdentityReport {
  schemaVersion: typeof hashSchemaVersion;
  version: string;
  base: string;
  tuned: string;
  /** Tensors and bytes that were found equal, bit by bit. */
  equalTensors: number;
  equalBytes: number;
  /** In natural order of the names; one for every tensor that differs. */
  different: TensorDifference[];
  unreadable: { name: string; reason: Problem }[];
}
