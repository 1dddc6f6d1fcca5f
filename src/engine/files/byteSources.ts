// Byte sources that are no files of their own: bytes in memory, and a stretch of another source.
import { ThreeGateError } from '../../shared/errors.ts';
import type { ByteSource } from './fileSystem.ts';

/** `path` is for the sentences. */
export function bytesSource(path: string, bytes: Uint8Array): ByteSource {
  return {
    path,
    size: bytes.length,
    read: (offset, target) => {
      if (offset + target.length > bytes.length) {
        const end = offset + target.length;
        const message = `${path} is truncated: byte ${end} is needed, it ends at byte ${bytes.length}.`;
        return Promise.reject(new ThreeGateError('file-truncated', message, { file: path }));
      }
      target.set(bytes.subarray(offset, offset + target.length));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

/** `length` bytes of `whole` from `start`, both within it; closing it leaves `whole` open. */
export function stretchOf(whole: ByteSource, start: number, length: number): ByteSource {
  return {
    path: whole.path,
    size: length,
    read: async (offset, target) => {
      if (offset + target.length <= length) {
        await whole.read(start + offset, target);
        return;
      }
      const end = start + offset + target.length;
      const message = `${whole.path} is truncated: byte ${end} is needed of what ends at byte ${start + length}.`;
      throw new ThreeGateError('file-truncated', message, { file: whole.path });
    },
    close: () => Promise.resolve(),
  };
}
