// What the export of a mask needs of the world, as functions.
import type { AnalysisPorts } from '../analysis/ports.ts';
import type { BinaryOutput } from '../files/binaryOutput.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import type { LinalgKernels } from '../linalg/linalgKernels.ts';

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
