// What patches need of the world, as functions.
import type { BinaryOutput } from '../files/binaryOutput.ts';
import type { HashingPorts } from '../hashing/hashCheckpoint.ts';

export interface PatchPorts extends HashingPorts {
  /** More bytes than were expected will be read, for progress. */
  expect: (bytes: number) => void;
  openOutput: (path: string) => Promise<BinaryOutput>;
  /** Makes the folder and those above it where they are not there. */
  makeFolder: (path: string) => Promise<void>;
  version: string;
}
