// A large file written piece by piece, which stands under its name when it is whole.
import type { BinaryOutput } from '../../engine/files/binaryOutput.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { openPart } from './partFile.ts';

/** Every failure is `access-denied` and names the file. */
export async function openOutput(path: string, runId: string): Promise<BinaryOutput> {
  const named = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ThreeGateError('access-denied', `${path} could not be written: ${why}`, { file: path });
    }
  };
  const part = await named(() => openPart(path, runId));
  const { file } = part;
  return {
    write: (offset, bytes) =>
      named(async () => {
        let written = 0;
        while (written < bytes.length) {
          const { bytesWritten } = await file.write(bytes, written, bytes.length - written, offset + written);
          written += bytesWritten;
        }
      }),
    commit: () => named(() => part.commit({ sync: true })),
    discard: () => part.discard(),
  };
}
