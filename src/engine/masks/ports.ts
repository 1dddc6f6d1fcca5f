// What the export of a mask needs of the world, as functions.
import type { AnalysisPorts } from '../analysis/ports.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import type { LinalgKernels } from '../linalg/linalgKernels.ts';

/** A file in the making: nothing stands under its name before `commit`, nothing is left after `discard`. */
export interface BinaryOutput {
  write(offset: number, bytes: Uint8Array): Promise<void>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** SHA-256. */
export interface ContentHash {
  update(bytes: Uint8Array): void;
  /** Hexadecimal. */
  digest(): string;
}

export interface MaskPorts extends Pick<
  AnalysisPorts,
  'machine' | 'openCheckpoint' | 'pairCheckpoints' | 'openGemm' | 'prepareUpdate' | 'announce'
> {
  files: FileSystem;
  openKernels: () => Promise<LinalgKernels>;
  openOutput: (path: string) => Promise<BinaryOutput>;
  openHash: () => ContentHash;
}
