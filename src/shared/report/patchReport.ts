// What makes one checkpoint of another, as a file, and what applying it came to. Plain JSON; docs/patch.md defines the file.

export const patchSchemaVersion = 1;

/**
 * How a tensor of the tuned side is told: it is the base's bit by bit; the base's with some elements replaced, by flat index in
 * row-major order; or whole, where the base has no tensor of this name, dtype and shape, or where replacing would take more bytes.
 */
export type TensorWay = 'equal' | 'sparse' | 'whole';

export interface PatchedTensor {
  name: string;
  /** As in safetensors. */
  dtype: string;
  shape: number[];
  way: TensorWay;
  /** Elements whose bits differ from the base's; null where they cannot be held against them. */
  changed: number | null;
  /** What the tensor takes in the patch. */
  bytes: number;
}

/** Whether files come back as they were, byte by byte, or their tensors in one safetensors file. */
export type Restored = 'files' | 'tensors';

export interface PatchReport {
  schemaVersion: typeof patchSchemaVersion;
  version: string;
  base: string;
  tuned: string;
  /** The patch. */
  file: string;
  /** Length of the patch. */
  bytes: number;
  /** What the tensors of the tuned side take. */
  denseBytes: number;
  restores: Restored;
  /** SHA-256 of the whole tuned side, as docs/hash.md says. */
  sha256: string;
  /** By name, naturally ordered. */
  tensors: PatchedTensor[];
  /** Names of files beside the weights of the tuned side; none of them is in the patch. */
  notIncluded: string[];
}

export interface AppliedReport {
  schemaVersion: typeof patchSchemaVersion;
  version: string;
  base: string;
  patch: string;
  /** Where the files were written. */
  folder: string;
  files: { path: string; bytes: number }[];
  restores: Restored;
  tensors: number;
  /** SHA-256 of the whole, as docs/hash.md says; it is the one that the patch promised. */
  sha256: string;
}
