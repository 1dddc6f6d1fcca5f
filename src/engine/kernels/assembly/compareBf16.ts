// bf16 against bf16, the case that has to keep up with the reading. All that is wanted of a pair (w, ŵ) of equal sign
// follows from |w| and the number of bf16 steps between them, so pairs are counted by those two and the counts turned
// into sums once a chunk. SIMD makes the addresses of the counters, 16 elements at a time; incrementing is scalar.
//
// The table holds |w| in a window of 16 exponents, and −128 … 127 steps. Inside it, both values are normal and bits that
// differ are a change for any η < 2⁻⁸. Far moves and sign changes are counted one by one, and what is zero, subnormal or not
// finite by definition.
import { addToBin, tallyPairs, ulpBin } from './compare';
import { equalTable, pairTable } from './pairTable';
import { bf16Value } from './rounding';
import { CHANGED, RAW_CHANGED, WITHIN_ABS, addAt, addCount, tallySums } from './tally';

/** Elements between two rounds of incrementing. */
const STRIP: usize = 256;
/** Addresses of the counters of a strip, then room for a strip of either side that is not whole. */
const addresses: usize = memory.data(1024, 16);
const baseStrip: usize = memory.data(544, 16);
const tunedStrip: usize = memory.data(544, 16);
/** Columns between two rounds of taking what is listed: long, as the end of a short loop is never foreseen. */
const STRETCH: usize = 8192;
/** Columns of a stretch, from its first on, in which pairs outside the table lie: u16, with room for eight written at once. */
const listed: usize = memory.data(16400, 16);
/** For each mask of eight lanes: the lanes in it, one after the other; u16 × 8. */
const lanesOf: usize = memory.data(4096, 16);

fillLanes();

function fillLanes(): void {
  for (let mask: u32 = 0; mask < 256; mask++) {
    let to = lanesOf + (mask << 4);
    for (let rest = mask; rest !== 0; rest &= rest - 1, to += 2) store<u16>(to, <u16>ctz(rest));
  }
}

/**
 * First magnitude (bits without sign) of the 16 exponents that hold most of the slab, judged by up to 4096 elements of it;
 * one exponent of room above where that costs nothing.
 */
export function bf16Window(base: usize, elements: usize): u32 {
  memory.fill(addresses, 0, 1024);
  const step = max<usize>(1, elements >> 12);
  for (let i: usize = 0; i < elements; i += step) {
    addAt(addresses + (((<usize>load<u16>(base + (i << 1))) & 0x7f80) >> 5), 1);
  }
  let best: u32 = 2;
  let covered: u32 = 0;
  // Exponents from 2 on and up to 253: a step of 128 then stays among the normal values.
  for (let first: u32 = 2; first <= 238; first++) {
    const held = heldBy(first);
    if (held <= covered) continue;
    best = first;
    covered = held;
  }
  if (best < 238 && heldBy(best + 1) === covered) best++;
  return best << 7;
}

function heldBy(first: u32): u32 {
  let held: u32 = 0;
  for (let e = first; e < first + 16; e++) held += load<u32>(addresses + ((<usize>e) << 2));
  return held;
}

/** Counts a slab whose sides are equal by magnitude alone. */
export function countEqualBf16(base: usize, elements: usize): void {
  const scaled = i32x4.splat(0x1fffc);
  let i: usize = 0;
  while (i + 8 <= elements) {
    const end = min(elements & ~7, i + STRIP);
    let to: usize = 0;
    for (; i < end; i += 8, to += 32) {
      const bits = v128.load(base + (i << 1));
      v128.store(to, v128.and(i32x4.shl(i32x4.extend_low_i16x8_u(bits), 2), scaled), addresses);
      v128.store(to, v128.and(i32x4.shl(i32x4.extend_high_i16x8_u(bits), 2), scaled), addresses + 16);
    }
    incrementEqual(to);
  }
  for (; i < elements; i++) addAt(equalTable + (((<usize>load<u16>(base + (i << 1))) & 0x7fff) << 2), 1);
}

/** Increments the counters of the table of pairs at the byte offsets in the first `end` bytes of `addresses`, a multiple of 32. */
function incrementPairs(end: usize): void {
  for (let from: usize = 0; from < end; from += 32) {
    countPair(load<u32>(from, addresses));
    countPair(load<u32>(from, addresses + 4));
    countPair(load<u32>(from, addresses + 8));
    countPair(load<u32>(from, addresses + 12));
    countPair(load<u32>(from, addresses + 16));
    countPair(load<u32>(from, addresses + 20));
    countPair(load<u32>(from, addresses + 24));
    countPair(load<u32>(from, addresses + 28));
  }
}

/** Increments the counters of the table of equal elements at the byte offsets in the first `end` bytes of `addresses`, a multiple of 32. */
function incrementEqual(end: usize): void {
  for (let from: usize = 0; from < end; from += 32) {
    countEqual(load<u32>(from, addresses));
    countEqual(load<u32>(from, addresses + 4));
    countEqual(load<u32>(from, addresses + 8));
    countEqual(load<u32>(from, addresses + 12));
    countEqual(load<u32>(from, addresses + 16));
    countEqual(load<u32>(from, addresses + 20));
    countEqual(load<u32>(from, addresses + 24));
    countEqual(load<u32>(from, addresses + 28));
  }
}

/**
 * Compares rows × columns elements. `unchanged` (u16 × columns rounded up to 16, zero on entry) ends as minus the number of
 * rows in which a column did not change, modulo 2¹⁶; there may be at most 65535 rows. `rowChanged` (u32 × rows, added to)
 * may be 0. η must be below 2⁻⁸.
 */
export function compareBf16(
  tally: usize,
  window: u32,
  base: usize,
  tuned: usize,
  rows: usize,
  columns: usize,
  rowChanged: usize,
  unchanged: usize,
  eta: f64,
): void {
  let excluded: u32 = 0;
  // Whether to list without asking whether there is anything: a branch taken half of the time costs more than that.
  let crowded = false;
  for (let r: usize = 0; r < rows; r++) {
    let equal = i16x8.splat(0);
    let alike: u32 = 0;
    let list = listed;
    for (let c: usize = 0; c < columns; c += STRIP) {
      const elements = min(STRIP, columns - c);
      let left = base + ((r * columns + c) << 1);
      let right = tuned + ((r * columns + c) << 1);
      if ((elements & 15) !== 0) {
        left = padded(baseStrip, left, elements);
        right = padded(tunedStrip, right, elements);
      }
      const window8 = i16x8.splat(<i16>window);
      const magnitude = i16x8.splat(0x7fff);
      const bias = i16x8.splat(128);
      const scaled = i32x4.splat(0x1ffffc);
      const end = left + (elements << 1);
      let counter = unchanged + (c << 1);
      let to: usize = 0;
      for (; left < end; left += 32, right += 32, counter += 32, to += 64) {
        const w0 = v128.load(left);
        const w1 = v128.load(left, 16);
        const v0 = v128.load(right);
        const v1 = v128.load(right, 16);
        // Were the signs different, the difference would be beyond the table as well.
        let step0 = i16x8.add(i16x8.sub(v0, w0), bias);
        let step1 = i16x8.add(i16x8.sub(v1, w1), bias);
        let size0 = i16x8.sub(v128.and(w0, magnitude), window8);
        let size1 = i16x8.sub(v128.and(w1, magnitude), window8);
        const equal0 = i16x8.eq(w0, v0);
        const equal1 = i16x8.eq(w1, v1);
        if (crowded || v128.any_true(outsideTable(v128.or(size0, size1), v128.or(step0, step1)))) {
          const outside0 = i16x8.ne(outsideTable(size0, step0), i16x8.splat(0));
          const outside1 = i16x8.ne(outsideTable(size1, step1), i16x8.splat(0));
          // They are counted apart, and at the table's first counter, from which they are taken off again below.
          const mask0 = i16x8.bitmask(outside0);
          const mask1 = i16x8.bitmask(outside1);
          const at = <i16>((c & (STRETCH - 1)) + (to >> 2));
          v128.store(list, i16x8.add(v128.load(lanesOf + ((<usize>mask0) << 4)), i16x8.splat(at)));
          list += popcnt(mask0) << 1;
          v128.store(list, i16x8.add(v128.load(lanesOf + ((<usize>mask1) << 4)), i16x8.splat(at + 8)));
          list += popcnt(mask1) << 1;
          step0 = v128.andnot(step0, outside0);
          step1 = v128.andnot(step1, outside1);
          size0 = v128.andnot(size0, outside0);
          size1 = v128.andnot(size1, outside1);
        }
        equal = i16x8.add(equal, i16x8.add(equal0, equal1));
        v128.store(counter, i16x8.add(v128.load(counter), equal0));
        v128.store(counter, i16x8.add(v128.load(counter, 16), equal1), 16);
        size0 = i16x8.shl(size0, 5);
        size1 = i16x8.shl(size1, 5);
        v128.store(to, v128.and(i32x4.shr_u(interleaveLow(size0, step0), 3), scaled), addresses);
        v128.store(to, v128.and(i32x4.shr_u(interleaveHigh(size0, step0), 3), scaled), addresses + 16);
        v128.store(to, v128.and(i32x4.shr_u(interleaveLow(size1, step1), 3), scaled), addresses + 32);
        v128.store(to, v128.and(i32x4.shr_u(interleaveHigh(size1, step1), 3), scaled), addresses + 48);
      }
      incrementPairs(to);
      const next = c + STRIP;
      if (next < columns && (next & (STRETCH - 1)) !== 0) continue;
      const taken = c & ~(STRETCH - 1);
      const first = (r * columns + taken) << 1;
      alike += takeListed(
        tally,
        base + first,
        tuned + first,
        columns - taken,
        list,
        unchanged + (taken << 1),
        eta,
      );
      excluded += (<u32>(list - listed)) >> 1;
      crowded = (list - listed) << 4 > next - taken;
      list = listed;
    }
    if (rowChanged !== 0)
      addAt(rowChanged + (r << 2), <u32>(((columns + 15) & ~15) - countOf(equal)) - alike);
  }
  store<u32>(pairTable, load<u32>(pairTable) - excluded);
}

/** Lanes other than zero where a size needs more than 11 bits or a step more than 8. */
function outsideTable(size: v128, step: v128): v128 {
  return v128.or(v128.and(size, i16x8.splat(<i16>0xf800)), v128.and(step, i16x8.splat(<i16>0xff00)));
}

function interleaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

function interleaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Number of lanes that were added into `equal` as −1. */
function countOf(equal: v128): usize {
  const pairs = i32x4.extadd_pairwise_i16x8_s(equal);
  return -(
    i32x4.extract_lane(pairs, 0) +
    i32x4.extract_lane(pairs, 1) +
    i32x4.extract_lane(pairs, 2) +
    i32x4.extract_lane(pairs, 3)
  );
}

/** Copies a strip that is not whole to where zeros may follow it. */
function padded(target: usize, source: usize, elements: usize): usize {
  memory.copy(target, source, elements << 1);
  memory.fill(target + (elements << 1), 0, 32);
  return target;
}

/**
 * Counts the pairs outside the table that are listed up to `end`, padding from `elements` on left out. Returns how many of
 * them are unchanged although their bits differ, and sets `unchanged` right for them.
 */
function takeListed(
  tally: usize,
  left: usize,
  right: usize,
  elements: usize,
  end: usize,
  unchanged: usize,
  eta: f64,
): u32 {
  const sums = tally + tallySums;
  let alike: u32 = 0;
  let moved: u32 = 0;
  let within: u32 = 0;
  let energy: f64 = 0;
  let largest: f64 = 0;
  for (let from = listed; from < end; from += 2) {
    const i = <usize>load<u16>(from);
    if (i >= elements) continue;
    const w = <u32>load<u16>(left + (i << 1));
    const v = <u32>load<u16>(right + (i << 1));
    if (!isPlain(w, v)) {
      if (!tallyPairs(tally, bf16Value(w), bf16Value(v), w, v, eta, 1) && w !== v) {
        alike++;
        store<u16>(unchanged + (i << 1), load<u16>(unchanged + (i << 1)) - 1);
      }
      continue;
    }
    addAt(equalTable + ((<usize>(w & 0x7fff)) << 2), 1);
    if (w === v) continue;
    // What they share is added up here: through memory, each would wait for the one before.
    const size = abs(<f64>bf16Value(v) - <f64>bf16Value(w));
    moved++;
    within += u32(size <= 1e-5);
    energy += size * size;
    largest = size > largest ? size : largest;
    addCount(tally, ulpBin(w, v), 1);
    addToBin(tally, size, size * size, 1);
  }
  addCount(tally, CHANGED, moved);
  addCount(tally, RAW_CHANGED, moved);
  // The table will count them as pairs that did not move.
  addCount(tally, WITHIN_ABS, within - moved);
  store<f64>(sums, load<f64>(sums, 8) + energy, 8);
  store<f64>(sums, max(load<f64>(sums, 16), largest), 16);
  return alike;
}

/** Whether a pair is finite and equal, or normal on both sides: its bits then differ exactly when it changed. */
function isPlain(w: u32, v: u32): bool {
  const wExponent = w & 0x7f80;
  if (w === v) return wExponent !== 0x7f80;
  return wExponent - 0x80 < 0x7f00 && (v & 0x7f80) - 0x80 < 0x7f00;
}

/** Adds what `unchanged` says of `rows` rows to the counters per column (u32), and clears it. */
export function drainColumns(unchanged: usize, columns: usize, rows: u32, columnChanged: usize): void {
  const all = i32x4.splat(rows);
  let c: usize = 0;
  for (; c + 8 <= columns; c += 8) {
    const equal = i16x8.neg(v128.load(unchanged + (c << 1)));
    const to = columnChanged + (c << 2);
    v128.store(to, i32x4.add(v128.load(to), i32x4.sub(all, i32x4.extend_low_i16x8_u(equal))));
    v128.store(to, i32x4.add(v128.load(to, 16), i32x4.sub(all, i32x4.extend_high_i16x8_u(equal))), 16);
  }
  for (; c < columns; c++) {
    addAt(columnChanged + (c << 2), rows - ((<u32>-(<i32>load<u16>(unchanged + (c << 1)))) & 0xffff));
  }
  memory.fill(unchanged, 0, ((columns + 15) & ~15) << 1);
}

function countPair(offset: usize): void {
  store<u32>(offset, load<u32>(offset, pairTable) + 1, pairTable);
}

function countEqual(offset: usize): void {
  store<u32>(offset, load<u32>(offset, equalTable) + 1, equalTable);
}
