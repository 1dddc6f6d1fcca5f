// Bytes of a remote file from the segments on disk that hold them.
import { open } from 'node:fs/promises';
import type { Segment } from '../../engine/files/rangeSource.ts';
import { partsOf } from '../../engine/files/segments.ts';

/** Fills `target` from byte `offset` of the remote file; the segments are in order and cover it. */
export async function readSegments(
  segments: readonly Segment[],
  offset: number,
  target: Uint8Array,
): Promise<void> {
  for (const { path, at, into, count } of partsOf(segments, offset, target.length)) {
    const file = await open(path, 'r');
    try {
      const { bytesRead } = await file.read(target, into, count, at);
      if (bytesRead !== count) throw new Error(`${path} was cut short.`);
    } finally {
      await file.close();
    }
  }
}
