// A tensor whose data lies in several places: where any run of its elements is, and how boxes that were cut out of it
// (offsets and sizes along every dimension) are put together again. Nothing is read and nothing is moved.
import type { StoredPart, StoredPieces } from './plainTensor.ts';

/** Consecutive elements in one file. */
interface Span {
  file: string;
  /** Absolute byte offset. */
  offset: number;
  /** First element of the tensor, and how many. */
  first: number;
  count: number;
}

interface Place {
  file: string;
  offset: number;
  pieces?: StoredPieces;
}

/** Where elements `first` … `first + count − 1` of a tensor lie, in order; `width` in bytes an element. */
export function spansOf(place: Place, width: number, first: number, count: number): Span[] {
  const { file, offset, pieces } = place;
  if (pieces === undefined) return [{ file, offset: offset + first * width, first, count }];
  const rowLength = pieces.parts.reduce((sum, { columns }) => sum + columns, 0);
  const end = first + count;
  const spans: Span[] = [];
  for (let row = Math.floor(first / rowLength); row * rowLength < end; row++) {
    let start = row * rowLength;
    for (const part of pieces.parts) {
      const from = Math.max(first, start);
      const to = Math.min(end, start + part.columns);
      if (from < to) {
        const within = row * part.columns + from - start;
        for (const span of spansOf(part, width, within, to - from)) {
          spans.push({ ...span, first: span.first + from - within });
        }
      }
      start += part.columns;
    }
  }
  return spans;
}

/** A part of a tensor, stored row-major without gaps. */
export interface Box {
  offsets: readonly number[];
  sizes: readonly number[];
  file: string;
  /** Absolute byte offset of its first element. */
  offset: number;
}

/** The tensor of `shape` that the boxes make, or in words what is wrong with them: each element must lie in just one. */
export function joinBoxes(shape: readonly number[], boxes: readonly Box[]): StoredPart | string {
  const elements = product(shape);
  if (elements === 0) return 'has no elements';
  const outside = boxes.find(
    ({ offsets, sizes }) =>
      offsets.length !== shape.length ||
      sizes.length !== shape.length ||
      shape.some((length, axis) => (offsets[axis] ?? 0) + (sizes[axis] ?? 0) > length),
  );
  if (outside !== undefined) {
    return `has a chunk [${outside.sizes.join(', ')}] at [${outside.offsets.join(', ')}], outside its shape`;
  }
  const filled = boxes.filter(({ sizes }) => !sizes.includes(0));
  const held = filled.reduce((sum, { sizes }) => sum + product(sizes), 0);
  if (held < elements) {
    return `has chunks of ${held} elements together where its shape has ${elements}: ${elements - held} are missing`;
  }
  const start = shape.map(() => 0);
  const joined = held === elements ? joinRegion(start, shape, filled) : null;
  return joined ?? 'has chunks that overlap, or do not lie side by side';
}

/** Cuts the region where no box is cut, again and again, until each region is one box. Null where that fails. */
function joinRegion(
  start: readonly number[],
  lengths: readonly number[],
  boxes: readonly Box[],
): StoredPart | null {
  const [only, ...more] = boxes;
  const columns = product(lengths);
  if (only === undefined) return null;
  if (more.length === 0) {
    const whole = lengths.every((length, axis) => only.sizes[axis] === length);
    return whole ? { file: only.file, offset: only.offset, columns } : null;
  }
  for (let axis = 0; axis < lengths.length; axis++) {
    const groups = groupsAlong(axis, boxes);
    if (groups.length < 2) continue;
    const parts: StoredPart[] = [];
    let at = start[axis] ?? 0;
    for (const group of groups) {
      if (group.from !== at) return null;
      const part = joinRegion(
        start.with(axis, group.from),
        lengths.with(axis, group.to - group.from),
        group.boxes,
      );
      if (part === null) return null;
      parts.push(part);
      at = group.to;
    }
    const rows = product(lengths.slice(0, axis));
    const [first] = parts;
    if (first === undefined || at !== (start[axis] ?? 0) + (lengths[axis] ?? 0)) return null;
    return {
      file: first.file,
      offset: first.offset,
      columns,
      pieces: { rows, parts: parts.map((part) => ({ ...part, columns: part.columns / rows })) },
    };
  }
  return null;
}

/** Boxes by the stretches along an axis that no box crosses the ends of, in order. */
function groupsAlong(axis: number, boxes: readonly Box[]): { from: number; to: number; boxes: Box[] }[] {
  const fromOf = ({ offsets }: Box): number => offsets[axis] ?? 0;
  const sorted = [...boxes].sort((left, right) => fromOf(left) - fromOf(right));
  const groups: { from: number; to: number; boxes: Box[] }[] = [];
  for (const box of sorted) {
    const from = fromOf(box);
    const to = from + (box.sizes[axis] ?? 0);
    const last = groups[groups.length - 1];
    if (last === undefined || from >= last.to) groups.push({ from, to, boxes: [box] });
    else {
      last.boxes.push(box);
      last.to = Math.max(last.to, to);
    }
  }
  return groups;
}

function product(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum * length, 1);
}
