// Reads consecutive elements of a tensor, wherever its pieces lie.
import type { SideSource } from './storage.ts';

/** Fills `target` from byte `offset` of the file. */
export type ReadBytes = (
  source: { file: string; tensor: string },
  offset: number,
  target: Uint8Array,
) => void;

/** Fills `target` with the elements from `first` on, as stored. */
export function readElements(source: SideSource, first: number, target: Uint8Array, read: ReadBytes): void {
  const { pieces, width, tensor } = source;
  if (pieces === undefined) {
    read(source, source.offset + first * width, target);
    return;
  }
  const rowLength = pieces.parts.reduce((sum, { columns }) => sum + columns, 0);
  const end = first + target.length / width;
  for (let row = Math.floor(first / rowLength); row * rowLength < end; row++) {
    let start = row * rowLength;
    for (const { file, offset, columns } of pieces.parts) {
      const from = Math.max(first, start);
      const to = Math.min(end, start + columns);
      if (from < to) {
        const place = offset + (row * columns + from - start) * width;
        read({ file, tensor }, place, target.subarray((from - first) * width, (to - first) * width));
      }
      start += columns;
    }
  }
}
