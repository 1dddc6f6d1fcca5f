// Reads consecutive elements of a tensor, wherever its pieces lie, or of a slice of one.
import { spansOf } from '../checkpoint/pieces.ts';
import { isStraight, place, runsOf } from '../checkpoint/storedView.ts';
import type { SideSource } from './storage.ts';

/** Fills `target` from byte `offset` of the file. */
export type ReadBytes = (
  source: { file: string; tensor: string },
  offset: number,
  target: Uint8Array,
) => void;

/** Where elements lie. */
type ElementSource = Pick<SideSource, 'file' | 'tensor' | 'offset' | 'width' | 'pieces' | 'view'>;

/** Fills `target` with the elements from `first` on, as stored. */
export function readElements(
  source: ElementSource,
  first: number,
  target: Uint8Array,
  read: ReadBytes,
): void {
  const { view, width } = source;
  if (view === undefined) {
    readStored(source, first, target, read);
    return;
  }
  let room = new Uint8Array(0);
  for (const run of runsOf(view, first, target.length / width)) {
    const bytes = run.count * width;
    if (isStraight(run)) {
      readStored(source, run.from, target.subarray(run.to * width, run.to * width + bytes), read);
      continue;
    }
    if (room.length < bytes) room = new Uint8Array(bytes);
    readStored(source, run.from, room.subarray(0, bytes), read);
    place(run, room, target, width);
  }
}

/** The same of the tensor as it is stored. */
function readStored(source: ElementSource, first: number, target: Uint8Array, read: ReadBytes): void {
  const { width, tensor } = source;
  for (const span of spansOf(source, width, first, target.length / width)) {
    const start = (span.first - first) * width;
    read({ file: span.file, tensor }, span.offset, target.subarray(start, start + span.count * width));
  }
}
