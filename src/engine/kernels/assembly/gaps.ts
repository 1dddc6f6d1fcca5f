// Where the elements of two slabs differ as stored, by the gaps between one and the next: what sparse formats of an update take.
// Sixteen bytes are held against each other at once; only where some of them differ are the gaps looked at.

/** What is found, as u32: changed elements, place of the first and of the last, bytes of the gaps as LEB128, gaps above 16 bits. */
const CHANGED: usize = 0;
const FIRST: usize = 4;
const LAST: usize = 8;
const VARINT: usize = 12;
const WIDE: usize = 16;
export const gapBytes: usize = 20;

/** Goes on counting in `gaps` (zero at the begin of a chunk) with a slab whose first element is element `first` of the chunk. */
export function countGaps(
  gaps: usize,
  base: usize,
  tuned: usize,
  elements: u32,
  width: u32,
  first: u32,
): void {
  if (width === 1) gapsOf<u8>(gaps, base, tuned, elements, first);
  else if (width === 2) gapsOf<u16>(gaps, base, tuned, elements, first);
  else if (width === 4) gapsOf<u32>(gaps, base, tuned, elements, first);
  else gapsOf<u64>(gaps, base, tuned, elements, first);
}

function gapsOf<T>(gaps: usize, base: usize, tuned: usize, elements: u32, first: u32): void {
  const lanes: u32 = 16 / sizeof<T>();
  let i: u32 = 0;
  for (; i + lanes <= elements; i += lanes) {
    const at = <usize>i * sizeof<T>();
    let mask = differing<T>(v128.load(base + at), v128.load(tuned + at));
    if (mask === 0) continue;
    changedAt(gaps, first + i + ctz(mask));
    mask &= mask - 1;
    // Within sixteen elements a gap is a byte.
    const more = popcnt(mask);
    if (more === 0) continue;
    add(gaps + CHANGED, more);
    add(gaps + VARINT, more);
    store<u32>(gaps + LAST, first + i + 31 - clz(mask));
  }
  for (; i < elements; i++) {
    const at = <usize>i * sizeof<T>();
    if (load<T>(base + at) !== load<T>(tuned + at)) changedAt(gaps, first + i);
  }
}

/** One bit a lane. */
function differing<T>(left: v128, right: v128): u32 {
  if (sizeof<T>() === 1) return i8x16.bitmask(i8x16.ne(left, right));
  if (sizeof<T>() === 2) return i16x8.bitmask(i16x8.ne(left, right));
  if (sizeof<T>() === 4) return i32x4.bitmask(i32x4.ne(left, right));
  return i64x2.bitmask(i64x2.ne(left, right));
}

/** The gap before the first of a chunk is known to whoever puts chunks together. */
function changedAt(gaps: usize, place: u32): void {
  if (load<u32>(gaps + CHANGED) === 0) store<u32>(gaps + FIRST, place);
  else {
    const gap = place - load<u32>(gaps + LAST) - 1;
    const bits: u32 = 32 - clz(gap | 1);
    add(gaps + VARINT, (bits + 6) / 7);
    add(gaps + WIDE, u32(gap > 0xffff));
  }
  add(gaps + CHANGED, 1);
  store<u32>(gaps + LAST, place);
}

function add(at: usize, count: u32): void {
  store<u32>(at, load<u32>(at) + count);
}
