// Bytes of a remote file, put together from the segments on this machine that hold them.
import type { Segment } from './rangeSource.ts';

/** A run of bytes in one segment's file, and where it goes. */
interface SegmentPart {
  path: string;
  at: number;
  into: number;
  count: number;
}

/** The parts of segments that make bytes `offset` … `offset + length − 1`; throws where one is missing. */
export function partsOf(segments: readonly Segment[], offset: number, length: number): SegmentPart[] {
  const parts: SegmentPart[] = [];
  let reached = offset;
  for (const { from, to, path } of segments) {
    if (to <= reached || reached >= offset + length) continue;
    if (from > reached) break;
    const count = Math.min(to, offset + length) - reached;
    parts.push({ path, at: reached - from, into: reached - offset, count });
    reached += count;
  }
  if (reached < offset + length) throw new Error(`Bytes from ${reached} on were not read.`);
  return parts;
}
