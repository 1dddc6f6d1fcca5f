// bf16 against bf16, the case that has to keep up with the reading. Strips of a row go through three loops that stay in
// the first-level cache: one finds the pairs that differ and packs them together, one takes the base's exponents and
// squares, and one the distances of the packed pairs (moves.ts). Only for those is there scalar work.
//
// A value is plain when its exponent lies in a window of 16 that holds nearly all. What is not is counted singly by the
// same definitions, and a strip that holds a NaN or an infinity is given up for the definitions altogether.
import { tallyPairs } from './compare';
import { NOT_FINITE, ODD_SQUARES, countExponents, flushExponents } from './exponentCounts';
import { isChangedBf16, isNormalPair, packed, packedTuned, takeMoves } from './moves';
import { bf16Value } from './rounding';
import { sumAnySquaresBf16, sumSquaresBf16 } from './squares';
import { CHANGED, COMPARED, RAW_CHANGED, WITHIN_ABS, addAt, addCount, tallySums } from './tally';

/** Elements of a strip. */
const STRIP: usize = 1024;
/** Where fewer pairs of a strip are equal, the next strip is copied rather than packed. */
const fewEqual: usize = 256;
const exponentsSeen: usize = memory.data(1024, 16);
/** For each mask of eight lanes, the bytes of the lanes in it one after the other: u8 × 16. */
const lanesOf: usize = memory.data(4096, 16);

fillLanes();

function fillLanes(): void {
  for (let mask: u32 = 0; mask < 256; mask++) {
    let to = lanesOf + (mask << 4);
    for (let rest = mask; rest != 0; rest &= rest - 1, to += 2) {
      const lane = ctz(rest) << 1;
      store<u8>(to, <u8>lane);
      store<u8>(to, <u8>(lane + 1), 1);
    }
  }
}

/**
 * First magnitude (bits without sign) of the 16 exponents that hold most of the slab, judged by up to 4096 elements of it;
 * one exponent of room above where that costs nothing.
 */
export function bf16Window(base: usize, elements: usize): u32 {
  memory.fill(exponentsSeen, 0, 1024);
  const step = max<usize>(1, elements >> 12);
  for (let i: usize = 0; i < elements; i += step) {
    addAt(exponentsSeen + (((<usize>load<u16>(base + (i << 1))) & 0x7f80) >> 5), 1);
  }
  // From 2^-63 on and below 2^64, so that float32 holds the squares.
  let best: u32 = 64;
  let covered: u32 = 0;
  for (let first: u32 = 64; first <= 175; first++) {
    const held = heldBy(first);
    if (held <= covered) continue;
    best = first;
    covered = held;
  }
  if (best < 175 && heldBy(best + 1) == covered) best++;
  return best << 7;
}

function heldBy(first: u32): u32 {
  let held: u32 = 0;
  for (let e = first; e < first + 16; e++) held += load<u32>(exponentsSeen + ((<usize>e) << 2));
  return held;
}

/** Counts a slab whose sides are equal. */
export function countEqualBf16(tally: usize, window: u32, base: usize, elements: usize): void {
  const whole = elements & ~15;
  for (let i: usize = 0; i < whole; i += STRIP) {
    const count = min(STRIP, whole - i);
    if (takeBase(tally, base + (i << 1), count, window)) addCount(tally, WITHIN_ABS, <u32>count);
    else tallyAlone(tally, base + (i << 1), base + (i << 1), count, 0, 0);
  }
  tallyAlone(tally, base + (whole << 1), base + (whole << 1), elements - whole, 0, 0);
  flushExponents(tally, window);
}

/**
 * Compares rows × columns elements. `unchanged` (u16 × columns, zero on entry) ends as minus the number of rows in which a
 * column did not change, modulo 2^16; there may be at most 65535 rows. `rowChanged` (u32 × rows, added to) may be 0. `moved`
 * counts |Δ| until `drainMoves`. η must be below 2^-8.
 */
export function compareBf16(
  tally: usize,
  moved: usize,
  window: u32,
  base: usize,
  tuned: usize,
  rows: usize,
  columns: usize,
  rowChanged: usize,
  unchanged: usize,
  eta: f64,
): void {
  const whole = columns & ~15;
  let dense = false;
  for (let r: usize = 0; r < rows; r++) {
    const left = base + ((r * columns) << 1);
    const right = tuned + ((r * columns) << 1);
    let inRow: u32 = 0;
    for (let c: usize = 0; c < whole; c += STRIP) {
      const count = min(STRIP, whole - c);
      const from = c << 1;
      const differing = dense
        ? copyStrip(left + from, right + from, count, unchanged + from)
        : packStrip(left + from, right + from, count, unchanged + from);
      const raw = differing & 0xffff;
      const finite = (differing >> 16) == 0 && takeBase(tally, left + from, count, window);
      if (!finite) {
        inRow += raw - tallyAlone(tally, left + from, right + from, count, unchanged + from, eta);
        continue;
      }
      addCount(tally, WITHIN_ABS, <u32>count - raw);
      const alike = takeMoves(tally, moved, window, dense ? <u32>count : raw, raw, eta);
      if (alike != 0) unmark(left + from, right + from, count, unchanged + from, eta);
      inRow += raw - alike;
      dense = count - <usize>raw < fewEqual && count == STRIP;
    }
    for (let c = whole; c < columns; c++) {
      const w = <u32>load<u16>(left + (c << 1));
      const v = <u32>load<u16>(right + (c << 1));
      if (tallyPairs(tally, bf16Value(w), bf16Value(v), w, v, eta, 1)) inRow++;
      else minusOne(unchanged + (c << 1));
    }
    if (rowChanged != 0) addAt(rowChanged + (r << 2), inRow);
  }
  flushExponents(tally, window);
}

/**
 * Packs the pairs of a strip that differ and counts the equal ones of every column. Returns how many differ, and in the upper
 * half something other than 0 where a tuned value is not finite.
 */
export function packStrip(left: usize, right: usize, elements: usize, unchanged: usize): u32 {
  let highest = i16x8.splat(0);
  let lowest = i16x8.splat(0);
  let to: usize = 0;
  for (let i: usize = 0; i < elements << 1; i += 32) {
    const w0 = v128.load(left + i);
    const v0 = v128.load(right + i);
    const w1 = v128.load(left + i, 16);
    const v1 = v128.load(right + i, 16);
    const equal0 = i16x8.eq(w0, v0);
    const equal1 = i16x8.eq(w1, v1);
    // Of either sign, the values that are not finite have the largest bits.
    highest = i16x8.max_s(highest, i16x8.max_s(v0, v1));
    lowest = i16x8.max_u(lowest, i16x8.max_u(v0, v1));
    const counter = unchanged + i;
    v128.store(counter, i16x8.add(v128.load(counter), equal0));
    v128.store(counter, i16x8.add(v128.load(counter, 16), equal1), 16);
    const differ0 = <usize>i16x8.bitmask(equal0) ^ 255;
    const differ1 = <usize>i16x8.bitmask(equal1) ^ 255;
    const lanes0 = v128.load(lanesOf + (differ0 << 4));
    const lanes1 = v128.load(lanesOf + (differ1 << 4));
    v128.store(packed + to, i8x16.swizzle(w0, lanes0));
    v128.store(packedTuned + to, i8x16.swizzle(v0, lanes0));
    to += popcnt(differ0) << 1;
    v128.store(packed + to, i8x16.swizzle(w1, lanes1));
    v128.store(packedTuned + to, i8x16.swizzle(v1, lanes1));
    to += popcnt(differ1) << 1;
  }
  return (<u32>to >> 1) | notFinite(highest, lowest);
}

/** The same where most pairs differ: they are all copied. */
export function copyStrip(left: usize, right: usize, elements: usize, unchanged: usize): u32 {
  let highest = i16x8.splat(0);
  let lowest = i16x8.splat(0);
  let equal: u32 = 0;
  for (let i: usize = 0; i < elements << 1; i += 16) {
    const w = v128.load(left + i);
    const v = v128.load(right + i);
    const alike = i16x8.eq(w, v);
    highest = i16x8.max_s(highest, v);
    lowest = i16x8.max_u(lowest, v);
    equal += popcnt<u32>(i16x8.bitmask(alike));
    v128.store(unchanged + i, i16x8.add(v128.load(unchanged + i), alike));
    v128.store(packed + i, w);
    v128.store(packedTuned + i, v);
  }
  return (<u32>elements - equal) | notFinite(highest, lowest);
}

function notFinite(highest: v128, lowest: v128): u32 {
  const beyond = v128.or(
    i16x8.ge_s(highest, i16x8.splat(0x7f80)),
    i16x8.ge_u(lowest, i16x8.splat(<i16>0xff80)),
  );
  return select<u32>(0x10000, 0, v128.any_true(beyond));
}

/** Counts the base side of a strip whose tuned side is finite; false, and nothing is counted, when the base is not. */
function takeBase(tally: usize, base: usize, elements: usize, window: u32): bool {
  const found = countExponents(tally, base, elements, window);
  if ((found & NOT_FINITE) != 0) return false;
  const squares =
    (found & ODD_SQUARES) != 0 ? sumAnySquaresBf16(base, elements) : sumSquaresBf16(base, elements);
  store<f64>(tally + tallySums, load<f64>(tally + tallySums) + squares);
  addCount(tally, COMPARED, <u32>elements);
  return true;
}

/**
 * Counts pairs by the definitions alone. Returns how many of those whose bits differ are unchanged or not finite, and sets
 * `unchanged`, where it is not 0, right for them.
 */
function tallyAlone(tally: usize, left: usize, right: usize, elements: usize, unchanged: usize, eta: f64): u32 {
  let alike: u32 = 0;
  for (let i: usize = 0; i < elements << 1; i += 2) {
    const w = <u32>load<u16>(left + i);
    const v = <u32>load<u16>(right + i);
    if (tallyPairs(tally, bf16Value(w), bf16Value(v), w, v, eta, 1) || w == v) continue;
    alike++;
    minusOne(unchanged + i);
  }
  return alike;
}

/** Sets `unchanged` right for the pairs of a finite strip whose bits differ although they are unchanged. */
function unmark(left: usize, right: usize, elements: usize, unchanged: usize, eta: f64): void {
  for (let i: usize = 0; i < elements << 1; i += 2) {
    const w = <u32>load<u16>(left + i);
    const v = <u32>load<u16>(right + i);
    if (w == v || isNormalPair(w, v) || isChangedBf16(w, v, eta)) continue;
    minusOne(unchanged + i);
  }
}

function minusOne(counter: usize): void {
  store<u16>(counter, load<u16>(counter) - 1);
}

/** Adds what `unchanged` says of `rows` rows to the counters per column (u32, may be 0), and clears it. */
export function drainColumns(unchanged: usize, columns: usize, rows: usize, columnChanged: usize): void {
  for (let c: usize = 0; c < columns; c++) {
    const equal = (<u32>-(<i32>load<u16>(unchanged + (c << 1)))) & 0xffff;
    if (columnChanged != 0) addAt(columnChanged + (c << 2), <u32>rows - equal);
  }
  memory.fill(unchanged, 0, columns << 1);
}
