// Where a tensor's elements differ as stored, by the gaps between them: found chunk by chunk, put together in file order.

/** Of the elements that differ. The gap of one is the number of equal elements before it, back to the one before or the begin. */
export interface StoredGaps {
  changed: number;
  /** All gaps as unsigned LEB128. */
  varintBytes: number;
  /** Gaps that 16 bits do not hold. */
  wide: number;
}

/** Of a chunk: without the gap before its first changed element, which lies at `first` of it, as the last at `last`. */
export interface ChunkGaps extends StoredGaps {
  first: number;
  last: number;
}

export class GapMerger {
  readonly gaps: StoredGaps = { changed: 0, varintBytes: 0, wide: 0 };
  private last = -1;

  /** @param from the chunk's first element in its tensor */
  add(from: number, { changed, varintBytes, wide, first, last }: ChunkGaps): void {
    if (changed === 0) return;
    const gap = from + first - this.last - 1;
    this.gaps.changed += changed;
    this.gaps.varintBytes += varintBytes + varintLength(gap);
    this.gaps.wide += wide + (gap > 0xffff ? 1 : 0);
    this.last = from + last;
  }
}

/** Bytes of a whole number ≥ 0 as unsigned LEB128: seven bits a byte. */
function varintLength(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}
