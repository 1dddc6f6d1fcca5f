// float32 against float32 by strips that stay in the first-level cache: SIMD rounds both sides to bf16, sums in float64 and
// makes the addresses of the counters; adding to those is one element at a time. A strip's elements whose bf16 views are both normal, or that
// are finite and equal, need no definition: their views then differ exactly when they changed, for any η < 2⁻⁸. All others
// are counted by definition and leave zeros on both sides.
import { tallyPairs } from './compare';
import {
  LANES_ABOVE_1,
  LANES_EQUAL,
  LANES_FLIPS,
  LANES_WITHIN,
  deltaRecords,
  exponentPairs,
  laneCounts,
  unmovedRecords,
} from './f32Tables';
import { bf16FromF32 } from './rounding';
import { addAt, tallySums } from './tally';

const STRIP: usize = 256;
/** Both sides of a strip that is not whole or holds what is not plain; f32. */
const baseCopy: usize = memory.data(1024, 16);
const tunedCopy: usize = memory.data(1024, 16);
/** bf16 views of a strip. */
const baseViews: usize = memory.data(512, 16);
const tunedViews: usize = memory.data(512, 16);
/** Exponents of the base's views, u8. */
const exponents: usize = memory.data(256, 16);

/**
 * Compares rows × columns elements. `unchanged` (u16 × columns rounded up to 16, zero on entry) ends as minus the number of
 * rows in which a column did not change, modulo 2¹⁶; there may be at most 65535 rows. `rowChanged` (u32 × rows, added to)
 * may be 0. η must be below 2⁻⁸. Returns how many lanes held zeros in place of something else; all lanes of a row are
 * its columns rounded up to 16.
 */
export function compareF32Strips(
  tally: usize,
  base: usize,
  tuned: usize,
  rows: usize,
  columns: usize,
  rowChanged: usize,
  unchanged: usize,
  eta: f64,
): u32 {
  const sums = tally + tallySums;
  let idle: u32 = 0;
  for (let r: usize = 0; r < rows; r++) {
    let squares: f64 = 0;
    let energy: f64 = 0;
    let changed: u32 = 0;
    for (let c: usize = 0; c < columns; c += STRIP) {
      const elements = min(STRIP, columns - c);
      const width = (elements + 15) & ~15;
      let left = base + ((r * columns + c) << 2);
      let right = tuned + ((r * columns + c) << 2);
      if (width !== elements) {
        left = copied(baseCopy, left, elements, width);
        right = copied(tunedCopy, right, elements, width);
        idle += <u32>(width - elements);
      }
      if (viewStrip(left, right, width)) {
        if (width === elements) {
          left = copied(baseCopy, left, elements, width);
          right = copied(tunedCopy, right, elements, width);
        }
        const taken = takeOdd(tally, width, unchanged + (c << 1), eta);
        idle += taken & 0xffff;
        changed += taken >> 16;
      }
      changed += countViews(width, unchanged + (c << 1));
      const both = sumStrip(sums, left, right, width);
      squares += f64x2.extract_lane(both, 0);
      energy += f64x2.extract_lane(both, 1);
      countExponents(width);
    }
    // Strips, then rows are summed on their own first: rounding grows with the number of summands on each level.
    store<f64>(sums, load<f64>(sums) + squares);
    store<f64>(sums, load<f64>(sums, 8) + energy, 8);
    if (rowChanged !== 0) addAt(rowChanged + (r << 2), changed);
  }
  return idle;
}

function copied(target: usize, source: usize, elements: usize, width: usize): usize {
  memory.copy(target, source, elements << 2);
  memory.fill(target + (elements << 2), 0, (width - elements) << 2);
  return target;
}

/** Writes the bf16 views of a strip. True when one of them is not normal. */
function viewStrip(left: usize, right: usize, width: usize): bool {
  let odd = i16x8.splat(0);
  for (let i: usize = 0; i < width; i += 8) {
    const from = i << 2;
    const w = viewOf(v128.load(left + from), v128.load(left + from, 16));
    const v = viewOf(v128.load(right + from), v128.load(right + from, 16));
    v128.store(baseViews + (i << 1), w);
    v128.store(tunedViews + (i << 1), v);
    odd = v128.or(odd, v128.or(notNormal(w), notNormal(v)));
  }
  return i16x8.bitmask(odd) !== 0;
}

/** Rounds to nearest, ties to even. A NaN may become zero, which is not normal either. */
function viewOf(low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_u(rounded(low), rounded(high));
}

function rounded(bits: v128): v128 {
  const toEven = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(1));
  return i32x4.shr_u(i32x4.add(i32x4.add(bits, i32x4.splat(0x7fff)), toEven), 16);
}

/** The sign bit is set where a view's exponent is 0 or 255. */
function notNormal(view: v128): v128 {
  const above = i16x8.sub(v128.and(view, i16x8.splat(0x7fff)), i16x8.splat(0x80));
  return v128.or(above, i16x8.sub(i16x8.splat(0x7eff), above));
}

/**
 * Counts by definition what is not plain in the copied strip, and puts zeros in its place. Returns how many those are, and
 * in the upper half how many of them changed; `unchanged` then allows for them.
 */
function takeOdd(tally: usize, width: usize, unchanged: usize, eta: f64): u32 {
  let taken: u32 = 0;
  for (let i: usize = 0; i < width; i += 8) {
    const w = v128.load(baseViews + (i << 1));
    const v = v128.load(tunedViews + (i << 1));
    const odd = i16x8.shr_s(v128.or(notNormal(w), notNormal(v)), 15);
    if (!v128.any_true(odd)) continue;
    const from = i << 2;
    const same = i16x8.narrow_i32x4_s(
      f32x4.eq(v128.load(baseCopy + from), v128.load(tunedCopy + from)),
      f32x4.eq(v128.load(baseCopy + from, 16), v128.load(tunedCopy + from, 16)),
    );
    const finite = i16x8.lt_s(v128.and(w, i16x8.splat(0x7fff)), i16x8.splat(0x7f80));
    const plain = v128.and(v128.and(same, finite), i16x8.eq(w, v));
    for (let rest = i16x8.bitmask(v128.andnot(odd, plain)); rest !== 0; rest &= rest - 1) {
      const lane = i + <usize>ctz(rest);
      const wValue = load<f32>(baseCopy + (lane << 2));
      const vValue = load<f32>(tunedCopy + (lane << 2));
      taken++;
      if (tallyPairs(tally, wValue, vValue, bf16FromF32(wValue), bf16FromF32(vValue), eta, 1)) {
        taken += 0x10000;
        store<u16>(unchanged + (lane << 1), load<u16>(unchanged + (lane << 1)) + 1);
      }
      store<u32>(baseCopy + (lane << 2), 0);
      store<u32>(tunedCopy + (lane << 2), 0);
      store<u16>(baseViews + (lane << 1), 0);
      store<u16>(tunedViews + (lane << 1), 0);
    }
  }
  return taken;
}

/** Counts changes, flips and steps of the views, and writes the base's exponents. Returns how many changed. */
function countViews(width: usize, unchanged: usize): u32 {
  const magnitude = i16x8.splat(0x7fff);
  const zero = i16x8.splat(0);
  let equal = zero;
  let flips = zero;
  let above1 = zero;
  let above2 = zero;
  let above4 = zero;
  let above8 = zero;
  let above16 = zero;
  for (let i: usize = 0; i < width; i += 8) {
    const w = v128.load(baseViews + (i << 1));
    const v = v128.load(tunedViews + (i << 1));
    const exponent = i16x8.shr_u(i16x8.shl(w, 1), 8);
    v128.store64_lane(exponents + i, i8x16.narrow_i16x8_u(exponent, exponent), 0);
    const alike = i16x8.eq(w, v);
    const counter = unchanged + (i << 1);
    v128.store(counter, i16x8.add(v128.load(counter), alike));
    equal = i16x8.add(equal, alike);
    const flipped = i16x8.shr_s(v128.xor(w, v), 15);
    flips = i16x8.add(flips, flipped);
    const apart = i16x8.abs(i16x8.sub(v128.and(v, magnitude), v128.and(w, magnitude)));
    const steps = v128.andnot(apart, flipped);
    above1 = i16x8.add(above1, i16x8.gt_s(steps, i16x8.splat(1)));
    above2 = i16x8.add(above2, i16x8.gt_s(steps, i16x8.splat(2)));
    above4 = i16x8.add(above4, i16x8.gt_s(steps, i16x8.splat(4)));
    above8 = i16x8.add(above8, i16x8.gt_s(steps, i16x8.splat(8)));
    above16 = i16x8.add(above16, i16x8.gt_s(steps, i16x8.splat(16)));
  }
  const unlike = <u32>width - addLanes(LANES_EQUAL, equal);
  if (unlike !== 0) {
    addLanes(LANES_FLIPS, flips);
    addLanes(LANES_ABOVE_1, above1);
    addLanes(LANES_ABOVE_1 + 1, above2);
    addLanes(LANES_ABOVE_1 + 2, above4);
    addLanes(LANES_ABOVE_1 + 3, above8);
    addLanes(LANES_ABOVE_1 + 4, above16);
  }
  return unlike;
}

/** Adds lanes that count down; returns their total. */
function addLanes(index: usize, negative: v128): u32 {
  const pairs = i32x4.neg(i32x4.extadd_pairwise_i16x8_s(negative));
  const at = laneCounts + (index << 4);
  v128.store(at, i32x4.add(v128.load(at), pairs));
  return (
    i32x4.extract_lane(pairs, 0) +
    i32x4.extract_lane(pairs, 1) +
    i32x4.extract_lane(pairs, 2) +
    i32x4.extract_lane(pairs, 3)
  );
}

/**
 * Adds each element to the record of its |Δ|, takes the maximum and counts |Δ| ≤ 1e-5. Returns Σw² and ΣΔ². All in
 * float64: the difference of two float32 is not a float32. Its rounding to one is what float32 subtraction gives, as twice the
 * digits and two more make the first rounding harmless. Squares stand for sizes: their order is the same, no two sizes
 * about 1e-5 share one, and the root of a rounded square is the number that was squared.
 */
function sumStrip(sums: usize, left: usize, right: usize, width: usize): v128 {
  const positive = i32x4.splat(0x7fffffff);
  const recordMask = i32x4.splat(0x7fff0);
  const unmoved = i32x4.add(i32x4(0, 16, 32, 48), i32x4.splat(<i32>unmovedRecords));
  const limit = f64x2.splat(1e-5 * 1e-5);
  const one = f64x2.splat(1);
  let squares = f64x2.splat(0);
  let energy = f64x2.splat(0);
  let largest = f64x2.splat(0);
  let within = i64x2.splat(0);
  for (let i: usize = 0; i < width; i += 4) {
    const w = v128.load(left + (i << 2));
    const v = v128.load(right + (i << 2));
    const size = v128.and(f32x4.sub(v, w), positive);
    const still = v128.and(i32x4.eq(size, i32x4.splat(0)), unmoved);
    const at = v128.or(v128.and(i32x4.shr_u(size, 12), recordMask), still);
    const w0 = f64x2.promote_low_f32x4(w);
    const w1 = f64x2.promote_low_f32x4(upper(w));
    const d0 = f64x2.sub(f64x2.promote_low_f32x4(v), w0);
    const d1 = f64x2.sub(f64x2.promote_low_f32x4(upper(v)), w1);
    const e0 = f64x2.mul(d0, d0);
    const e1 = f64x2.mul(d1, d1);
    countDelta(i32x4.extract_lane(at, 0), v128.shuffle<u64>(e0, one, 0, 2));
    countDelta(i32x4.extract_lane(at, 1), v128.shuffle<u64>(e0, one, 1, 3));
    countDelta(i32x4.extract_lane(at, 2), v128.shuffle<u64>(e1, one, 0, 2));
    countDelta(i32x4.extract_lane(at, 3), v128.shuffle<u64>(e1, one, 1, 3));
    largest = f64x2.pmax(largest, f64x2.pmax(e0, e1));
    within = i64x2.add(within, i64x2.add(f64x2.le(e0, limit), f64x2.le(e1, limit)));
    squares = f64x2.add(squares, f64x2.add(f64x2.mul(w0, w0), f64x2.mul(w1, w1)));
    energy = f64x2.add(energy, f64x2.add(e0, e1));
  }
  const found = sqrt(max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1)));
  store<f64>(sums, max(load<f64>(sums, 16), found), 16);
  const at = laneCounts + (LANES_WITHIN << 4);
  v128.store(at, i32x4.sub(v128.load(at), v128.and(within, i64x2.splat(0xffffffff))));
  return f64x2.add(v128.shuffle<u64>(squares, energy, 0, 2), v128.shuffle<u64>(squares, energy, 1, 3));
}

function upper(values: v128): v128 {
  return v128.shuffle<u64>(values, values, 1, 1);
}

/** Adds Δ² and 1 to the record of an element. */
function countDelta(offset: usize, record: v128): void {
  v128.store(offset, f64x2.add(v128.load(offset, deltaRecords), record), deltaRecords);
}

function countExponents(width: usize): void {
  for (let i: usize = 0; i < width; i += 8) {
    countPairOf(load<u16>(exponents + i));
    countPairOf(load<u16>(exponents + i, 2));
    countPairOf(load<u16>(exponents + i, 4));
    countPairOf(load<u16>(exponents + i, 6));
  }
}

function countPairOf(pair: usize): void {
  const at = pair << 2;
  store<u32>(at, load<u32>(at, exponentPairs) + 1, exponentPairs);
}
