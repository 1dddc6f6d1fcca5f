// The distances of a strip's pairs that differ: how many bf16 steps, and |Δ|. A |Δ| of at most eight significant bits is
// the value of its bin in the |Δ| histogram, so those are only counted, and their energies made from the counts once a
// chunk. Others, and pairs with a value outside of the window, are taken one by one.
import { tallyDelta, ulpBin } from './compare';
import { outsideWindow, sumOf } from './lanes';
import { bf16Value } from './rounding';
import { CHANGED, HIDDEN, RAW_CHANGED, SIGN_FLIPS, ULP_1, WITHIN_ABS, addAt, addCount } from './tally';

/** u32 × 32768: pairs by the top 15 bits of |Δ| as float32; the first counter takes those that are counted elsewhere. */
export const movedBytes: usize = 4 << 15;

/** Both sides of a strip's pairs, u16 each, with room for a group more. */
export const packed: usize = memory.data(2112, 16);
export const packedTuned: usize = memory.data(2112, 16);
/** Addresses of the counters of a group of 16 pairs. */
const places: usize = memory.data(64, 16);

/** What the pairs taken one by one add up to, over a strip. */
let oddPairs: u32 = 0;
let alikePairs: u32 = 0;

/**
 * Counts the first `count` packed pairs, `differing` of which differ in their bits; every value is finite. Returns how many
 * of those are unchanged all the same.
 */
export function takeMoves(
  tally: usize,
  moved: usize,
  window: u32,
  count: u32,
  differing: u32,
  eta: f64,
): u32 {
  if (differing == 0) return 0;
  const window8 = i16x8.splat(<i16>window);
  pad(window8, <usize>count);
  const magnitude = i16x8.splat(0x7fff);
  const upper = i32x4.splat(<i32>0xffff0000);
  const lower = i32x4.splat(0x0000ffff);
  const table = i32x4.splat(<i32>moved);
  const scaled = i32x4.splat(0x1fffc);
  let over1 = i8x16.splat(0);
  let over2 = i8x16.splat(0);
  let over4 = i8x16.splat(0);
  let over8 = i8x16.splat(0);
  let over16 = i8x16.splat(0);
  let flips = i8x16.splat(0);
  oddPairs = 0;
  alikePairs = 0;
  const end = <usize>count << 1;
  for (let at: usize = 0; at < end; at += 32) {
    let apart: u32 = 0;
    for (;;) {
      const w0 = v128.load(packed + at);
      const w1 = v128.load(packed + at, 16);
      const v0 = v128.load(packedTuned + at);
      const v1 = v128.load(packedTuned + at, 16);
      const low0 = f32x4.abs(f32x4.sub(i32x4.shl(v0, 16), i32x4.shl(w0, 16)));
      const low1 = f32x4.abs(f32x4.sub(i32x4.shl(v1, 16), i32x4.shl(w1, 16)));
      const high0 = f32x4.abs(f32x4.sub(v128.and(v0, upper), v128.and(w0, upper)));
      const high1 = f32x4.abs(f32x4.sub(v128.and(v1, upper), v128.and(w1, upper)));
      const sizes0 = v128.or(
        i16x8.sub(v128.and(w0, magnitude), window8),
        i16x8.sub(v128.and(v0, magnitude), window8),
      );
      const sizes1 = v128.or(
        i16x8.sub(v128.and(w1, magnitude), window8),
        i16x8.sub(v128.and(v1, magnitude), window8),
      );
      // What of |Δ| does not fit into the bin, at its lane.
      const tails0 = v128.or(v128.and(low0, lower), i32x4.shl(high0, 16));
      const tails1 = v128.or(v128.and(low1, lower), i32x4.shl(high1, 16));
      const single0 = v128.or(tails0, outsideWindow(sizes0));
      const single1 = v128.or(tails1, outsideWindow(sizes1));
      if (v128.any_true(v128.or(single0, single1))) {
        const zero = i16x8.splat(0);
        const equal = i8x16.narrow_i16x8_s(i16x8.eq(single0, zero), i16x8.eq(single1, zero));
        const odd = oddPairs;
        apart |= takeSingly(tally, at, (i8x16.bitmask(equal) ^ 0xffff) & ~apart, window, eta);
        // The vectors hold pairs that are replaced now.
        if (oddPairs != odd) continue;
      }
      v128.store(places, i32x4.add(table, v128.and(i32x4.shr_u(low0, 14), scaled)));
      v128.store(places, i32x4.add(table, v128.and(i32x4.shr_u(high0, 14), scaled)), 16);
      v128.store(places, i32x4.add(table, v128.and(i32x4.shr_u(low1, 14), scaled)), 32);
      v128.store(places, i32x4.add(table, v128.and(i32x4.shr_u(high1, 14), scaled)), 48);
      const flip0 = i16x8.shr_s(v128.xor(w0, v0), 15);
      const flip1 = i16x8.shr_s(v128.xor(w1, v1), 15);
      const steps = i8x16.narrow_i16x8_s(
        v128.andnot(i16x8.abs(i16x8.sub(v0, w0)), flip0),
        v128.andnot(i16x8.abs(i16x8.sub(v1, w1)), flip1),
      );
      flips = i8x16.sub(flips, i8x16.narrow_i16x8_s(flip0, flip1));
      over1 = i8x16.sub(over1, i8x16.gt_s(steps, i8x16.splat(1)));
      over2 = i8x16.sub(over2, i8x16.gt_s(steps, i8x16.splat(2)));
      over4 = i8x16.sub(over4, i8x16.gt_s(steps, i8x16.splat(4)));
      over8 = i8x16.sub(over8, i8x16.gt_s(steps, i8x16.splat(8)));
      over16 = i8x16.sub(over16, i8x16.gt_s(steps, i8x16.splat(16)));
      break;
    }
    for (; apart != 0; apart &= apart - 1) store<u32>(places + placeOf(ctz(apart)), <u32>moved);
    incrementPlaces();
  }
  const normal = differing - oddPairs;
  addCount(tally, CHANGED, normal);
  addCount(tally, RAW_CHANGED, normal);
  addSteps(tally, normal, over1, over2, over4, over8, over16, flips);
  return alikePairs;
}

/** Moves what `takeMoves` counted into the tally and leaves it empty. */
export function drainMoves(tally: usize, moved: usize): void {
  store<u32>(moved, 0);
  for (let group: usize = 0; group < movedBytes; group += 16) {
    if (!v128.any_true(v128.load(moved + group))) continue;
    for (let at = group; at < group + 16; at += 4) {
      const count = load<u32>(moved + at);
      if (count != 0) tallyDelta(tally, bf16Value(<u32>(at >> 2)), count);
      store<u32>(moved + at, 0);
    }
  }
}

/** Whether both values are normal: bits that differ are then a change. */
export function isNormalPair(w: u32, v: u32): bool {
  return (w & 0x7f80) - 0x80 < 0x7f00 && (v & 0x7f80) - 0x80 < 0x7f00;
}

/** Whether finite values whose bits differ are changed. */
export function isChangedBf16(w: u32, v: u32, eta: f64): bool {
  const left = <f64>bf16Value(w);
  const right = <f64>bf16Value(v);
  return abs(right - left) > eta * max(abs(left), abs(right));
}

/** Pairs behind the last that differ in nothing. */
function pad(window8: v128, count: usize): void {
  const at = count << 1;
  v128.store(packed + at, window8);
  v128.store(packed + at, window8, 16);
  v128.store(packedTuned + at, window8);
  v128.store(packedTuned + at, window8, 16);
}

function incrementPlaces(): void {
  for (let i: usize = 0; i < 64; i += 32) {
    addAt(load<u32>(places + i), 1);
    addAt(load<u32>(places + i, 4), 1);
    addAt(load<u32>(places + i, 8), 1);
    addAt(load<u32>(places + i, 12), 1);
    addAt(load<u32>(places + i, 16), 1);
    addAt(load<u32>(places + i, 20), 1);
    addAt(load<u32>(places + i, 24), 1);
    addAt(load<u32>(places + i, 28), 1);
  }
}

/** Where in `places` the address of a lane of the group stands: even lanes come before odd ones. */
function placeOf(lane: u32): usize {
  return ((lane & 8) | ((lane & 1) << 2) | ((lane >> 1) & 3)) << 2;
}

/**
 * Takes those `lanes` of a group of 16 pairs that the vectors cannot. Returns the lanes whose |Δ| is counted already; pairs with a
 * zero or subnormal value are counted whole, and replaced by one that differs in nothing.
 */
function takeSingly(tally: usize, group: usize, lanes: u32, window: u32, eta: f64): u32 {
  let apart: u32 = 0;
  for (let rest = lanes; rest != 0; rest &= rest - 1) {
    const lane = ctz(rest);
    const at = group + (<usize>lane << 1);
    const w = <u32>load<u16>(packed + at);
    const v = <u32>load<u16>(packedTuned + at);
    if (w == v) continue;
    const size = abs(<f64>bf16Value(v) - <f64>bf16Value(w));
    if (isNormalPair(w, v)) {
      tallyDelta(tally, size, 1);
      apart |= 1 << lane;
      continue;
    }
    takeOdd(tally, w, v, size, eta);
    store<u16>(packed + at, <u16>window);
    store<u16>(packedTuned + at, <u16>window);
  }
  return apart;
}

function takeOdd(tally: usize, w: u32, v: u32, size: f64, eta: f64): void {
  oddPairs++;
  if (size == 0) {
    // Zeros of either sign.
    addCount(tally, WITHIN_ABS, 1);
    alikePairs++;
    return;
  }
  tallyDelta(tally, size, 1);
  addCount(tally, RAW_CHANGED, 1);
  if (isChangedBf16(w, v, eta)) {
    addCount(tally, CHANGED, 1);
    addCount(tally, ulpBin(w, v), 1);
  } else {
    addCount(tally, HIDDEN, 1);
    alikePairs++;
  }
}

function addSteps(
  tally: usize,
  total: u32,
  over1: v128,
  over2: v128,
  over4: v128,
  over8: v128,
  over16: v128,
  flips: v128,
): void {
  const n1 = sumOf(over1);
  const n2 = sumOf(over2);
  const n4 = sumOf(over4);
  const n8 = sumOf(over8);
  const n16 = sumOf(over16);
  const flipped = sumOf(flips);
  addCount(tally, ULP_1, total - flipped - n1);
  addCount(tally, ULP_1 + 1, n1 - n2);
  addCount(tally, ULP_1 + 2, n2 - n4);
  addCount(tally, ULP_1 + 3, n4 - n8);
  addCount(tally, ULP_1 + 4, n8 - n16);
  addCount(tally, ULP_1 + 5, n16);
  addCount(tally, SIGN_FLIPS, flipped);
}
