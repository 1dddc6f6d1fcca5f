// bf16 against bf16, the case that has to keep up with the reading. All that is wanted of a pair (w, ŵ) of equal sign
// follows from |w| and the number of bf16 steps between them, so pairs are counted by those two and the counts turned
// into sums once a chunk. SIMD makes the addresses of the counters, 16 elements at a time; incrementing is scalar.
//
// The table holds |w| in a window of 16 exponents, and −128 … 127 steps. Inside it, both values are normal and bits that
// differ are a change for any η < 2⁻⁸. Far moves and sign changes are counted one by one, and what is zero, subnormal or not
// finite by definition.
import { tallyDelta, tallyPairs, ulpBin } from './compare';
import { bf16Value } from './rounding';
import { CHANGED, RAW_CHANGED, WITHIN_ABS, addAt, addCount } from './tally';

/** Elements between two rounds of incrementing. */
const STRIP: usize = 256;
/** Addresses of the counters of a strip, then room for a strip of either side that is not whole. */
const addresses: usize = memory.data(1024, 16);
const baseStrip: usize = memory.data(544, 16);
const tunedStrip: usize = memory.data(544, 16);
const lanes: usize = memory.data(16, 16);

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
  if (best < 238 && heldBy(best + 1) == covered) best++;
  return best << 7;
}

function heldBy(first: u32): u32 {
  let held: u32 = 0;
  for (let e = first; e < first + 16; e++) held += load<u32>(addresses + ((<usize>e) << 2));
  return held;
}

/** Counts a slab whose sides are equal by magnitude alone. */
export function countEqualBf16(equalTable: usize, base: usize, elements: usize): void {
  const scaled = i32x4.splat(0x1fffc);
  let i: usize = 0;
  while (i + 8 <= elements) {
    const end = min(elements & ~7, i + STRIP);
    let to = addresses;
    for (; i < end; i += 8, to += 32) {
      const bits = v128.load(base + (i << 1));
      v128.store(to, v128.and(i32x4.shl(i32x4.extend_low_i16x8_u(bits), 2), scaled));
      v128.store(to, v128.and(i32x4.shl(i32x4.extend_high_i16x8_u(bits), 2), scaled), 16);
    }
    incrementAll(equalTable, to);
  }
  for (; i < elements; i++) addAt(equalTable + (((<usize>load<u16>(base + (i << 1))) & 0x7fff) << 2), 1);
}

/** Increments the counters at the byte offsets that stand between `addresses` and `end`, a multiple of eight. */
function incrementAll(table: usize, end: usize): void {
  for (let from = addresses; from < end; from += 32) {
    addAt(table + load<u32>(from), 1);
    addAt(table + load<u32>(from, 4), 1);
    addAt(table + load<u32>(from, 8), 1);
    addAt(table + load<u32>(from, 12), 1);
    addAt(table + load<u32>(from, 16), 1);
    addAt(table + load<u32>(from, 20), 1);
    addAt(table + load<u32>(from, 24), 1);
    addAt(table + load<u32>(from, 28), 1);
  }
}

/**
 * Compares rows × columns elements. `unchanged` (u16 × columns rounded up to 16, zero on entry) ends as minus the number of
 * rows in which a column did not change, modulo 2¹⁶; there may be at most 65535 rows. `rowChanged` (u32 × rows, added to)
 * may be 0. η must be below 2⁻⁸.
 */
export function compareBf16(
  tally: usize,
  pairTable: usize,
  equalTable: usize,
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
  for (let r: usize = 0; r < rows; r++) {
    let equal = i16x8.splat(0);
    for (let c: usize = 0; c < columns; c += STRIP) {
      const elements = min(STRIP, columns - c);
      let left = base + ((r * columns + c) << 1);
      let right = tuned + ((r * columns + c) << 1);
      if ((elements & 15) != 0) {
        left = padded(baseStrip, left, elements);
        right = padded(tunedStrip, right, elements);
      }
      const window8 = i16x8.splat(<i16>window);
      const magnitude = i16x8.splat(0x7fff);
      const bias = i16x8.splat(128);
      const scaled = i32x4.splat(0x1ffffc);
      const end = left + (elements << 1);
      let counter = unchanged + (c << 1);
      let to = addresses;
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
        let equal0 = i16x8.eq(w0, v0);
        let equal1 = i16x8.eq(w1, v1);
        if (v128.any_true(outsideTable(v128.or(size0, size1), v128.or(step0, step1)))) {
          const outside0 = i16x8.ne(outsideTable(size0, step0), i16x8.splat(0));
          const outside1 = i16x8.ne(outsideTable(size1, step1), i16x8.splat(0));
          // They are counted apart, and at the table's first counter, from which they are taken off again below.
          equal0 = takeOutside(tally, equalTable, left, right, end, outside0, equal0, eta);
          equal1 = takeOutside(tally, equalTable, left + 16, right + 16, end, outside1, equal1, eta);
          excluded += popcnt(i16x8.bitmask(outside0)) + popcnt(i16x8.bitmask(outside1));
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
        v128.store(to, v128.and(i32x4.shr_u(interleaveLow(size0, step0), 3), scaled));
        v128.store(to, v128.and(i32x4.shr_u(interleaveHigh(size0, step0), 3), scaled), 16);
        v128.store(to, v128.and(i32x4.shr_u(interleaveLow(size1, step1), 3), scaled), 32);
        v128.store(to, v128.and(i32x4.shr_u(interleaveHigh(size1, step1), 3), scaled), 48);
      }
      incrementAll(pairTable, to);
    }
    if (rowChanged != 0) addAt(rowChanged + (r << 2), <u32>(((columns + 15) & ~15) - countOf(equal)));
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
 * Counts eight pairs outside the table, as far as they lie before `end`: normal values here, the rest by definition.
 * Returns `equal` with the lanes of the latter set to "unchanged" or not.
 */
function takeOutside(
  tally: usize,
  equalTable: usize,
  left: usize,
  right: usize,
  end: usize,
  outside: v128,
  equal: v128,
  eta: f64,
): v128 {
  const before = max<i32>(0, <i32>end - <i32>left) >> 1;
  const valid: u32 = before >= 8 ? 0xff : (1 << before) - 1;
  const exponents = i16x8.splat(0x7f80);
  const w = v128.and(v128.load(left), exponents);
  const v = v128.and(v128.load(right), exponents);
  const notFinite = v128.or(i16x8.eq(w, exponents), i16x8.eq(v, exponents));
  const small = v128.or(i16x8.eq(w, i16x8.splat(0)), i16x8.eq(v, i16x8.splat(0)));
  const special = v128.or(notFinite, v128.andnot(small, equal));
  for (let rest = i16x8.bitmask(v128.andnot(outside, special)) & valid; rest != 0; rest &= rest - 1) {
    const at = (<usize>ctz(rest)) << 1;
    takePlain(tally, equalTable, <u32>load<u16>(left + at), <u32>load<u16>(right + at));
  }
  const odd = i16x8.bitmask(v128.and(outside, special)) & valid;
  return odd == 0 ? equal : takeOneByOne(tally, left, right, odd, equal, eta);
}

/** Counts a pair that is equal, or normal on both sides: its bits differ exactly when it changed. */
function takePlain(tally: usize, equalTable: usize, w: u32, v: u32): void {
  addAt(equalTable + ((<usize>(w & 0x7fff)) << 2), 1);
  if (w == v) return;
  // The table will count it as one that did not move.
  addCount(tally, WITHIN_ABS, -1);
  addCount(tally, CHANGED, 1);
  addCount(tally, RAW_CHANGED, 1);
  addCount(tally, ulpBin(w, v), 1);
  tallyDelta(tally, abs(<f64>bf16Value(v) - <f64>bf16Value(w)), 1);
}

/** Counts the lanes in `mask` by definition; returns `equal` with those lanes set to "unchanged" or not. */
function takeOneByOne(tally: usize, left: usize, right: usize, mask: u32, equal: v128, eta: f64): v128 {
  v128.store(lanes, equal);
  for (let rest = mask; rest != 0; rest &= rest - 1) {
    const at = (<usize>ctz(rest)) << 1;
    const w = <u32>load<u16>(left + at);
    const v = <u32>load<u16>(right + at);
    const changed = tallyPairs(tally, bf16Value(w), bf16Value(v), w, v, eta, 1);
    store<u16>(lanes + at, changed ? 0 : 0xffff);
  }
  return v128.load(lanes);
}

/** Adds what `unchanged` says of `rows` rows to the counters per column (u32, may be 0), and clears it. */
export function drainColumns(unchanged: usize, columns: usize, rows: usize, columnChanged: usize): void {
  for (let c: usize = 0; c < columns; c++) {
    const equal = (<u32>-(<i32>load<u16>(unchanged + (c << 1)))) & 0xffff;
    if (columnChanged != 0) addAt(columnChanged + (c << 2), <u32>rows - equal);
  }
  memory.fill(unchanged, 0, ((columns + 15) & ~15) << 1);
}
