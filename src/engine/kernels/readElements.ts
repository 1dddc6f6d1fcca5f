// Reads consecutive elements of a tensor, wherever its pieces lie.
import { spansOf } from '../checkpoint/pieces.ts';
import type { SideSource } from './storage.ts';

/** Fills `target` from byte `offset` of the file. */
export type ReadBytes = (
  source: { file: string; tensor: string },
  offset: number,
  target: Uint8Array,
) => void;

/** Fills `target` with the elements from `first` on, as stored. */
export function readElements(
  source: Pick<SideSource, 'file' | 'tensor' | 'offset' | 'width' | 'pieces'>,
  first: number,
  target: Uint8Array,
  read: ReadBytes,
): void {
  const { width, tensor } = source;
  for (const span of spansOf(source, width, first, target.length / width)) {
    const start = (span.first - first) * width;
    read({ file: span.file, tensor }, span.offset, target.subarray(start, start + span.count * width));
  }
}
