// A large file written piece by piece under another name beside its place, and renamed over it when it is whole.
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BinaryOutput } from '../engine/masks/ports.ts';
import { ThreeGateError } from '../shared/errors.ts';

/** Where the unfinished file lies; whoever ends the writer takes it away. */
export function partPath(path: string, runId: string): string {
  return join(dirname(path), `.${basename(path)}.${runId}.part`);
}

/** Every failure is `access-denied` and names the file. */
export async function openOutput(path: string, runId: string): Promise<BinaryOutput> {
  const part = partPath(path, runId);
  const named = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ThreeGateError('access-denied', `${path} could not be written: ${why}`, { file: path });
    }
  };
  const file = await named(() => open(part, 'wx'));
  return {
    write: (offset, bytes) =>
      named(async () => {
        let written = 0;
        while (written < bytes.length) {
          const { bytesWritten } = await file.write(bytes, written, bytes.length - written, offset + written);
          written += bytesWritten;
        }
      }),
    commit: () =>
      named(async () => {
        await file.sync();
        await file.close();
        await rename(part, path);
      }),
    async discard() {
      await file.close().catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}
