// A stretch of another byte source, as a source of its own.
import { ThreeGateError } from '../../shared/errors.ts';
import type { ByteSource } from './fileSystem.ts';

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
