// A large file in the making, as the engine sees it. Implemented in src/node/disk.

/** Nothing stands under its name before `commit`, nothing is left after `discard`. */
export interface BinaryOutput {
  write(offset: number, bytes: Uint8Array): Promise<void>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}
