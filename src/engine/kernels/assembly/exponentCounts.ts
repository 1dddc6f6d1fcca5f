// How many bf16 values have each of the 16 exponents of a window, without a scalar operation per value: the exponent picks
// one bit out of 16, and bits are added up in bit-sliced counters by carry-save adders (Harley and Seal; Muła, Kurz and
// Lemire, Faster Population Counts Using AVX2 Instructions, 2018). The few values outside the window are counted singly.
import { outsideWindow } from './lanes';
import { addAt, tallyExponents } from './tally';

/** What `countExponents` says of values outside the window: not finite (nothing was counted), or squares that float32 does not hold. */
export const NOT_FINITE: u32 = 1;
export const ODD_SQUARES: u32 = 2;

const blockElements: usize = 128;
/** Exponents 0-7 of the window and 8-15: a bit of a byte each. */
const halves: usize = 2;
/** A vector for each bit of the counters. A round of eight blocks carries once into the seventh. */
const planes: usize = 20;
const planeBytes: usize = planes << 4;

const counters: usize = memory.data(640, 16);
/** The lower three planes of both halves, as a strip found them. */
const saved: usize = memory.data(96, 16);
/** Exponents of a block, one a byte. */
const digits: usize = memory.data(128, 16);
/** The bits that they pick, for one half. */
const bits: usize = memory.data(128, 16);
/** The vectors of eights that the blocks of a strip overflow with, by half. */
const eights: usize = memory.data(256, 16);
/** Addresses of groups of 16 that hold a value outside of the window, u32. */
const groups: usize = memory.data(256, 16);

/** Counts at most 1024 values, or none of them when one is not finite. */
export function countExponents(tally: usize, base: usize, elements: usize, window: u32): u32 {
  save();
  const window8 = i16x8.splat(<i16>window);
  const magnitude = i16x8.splat(0x7fff);
  let group = groups;
  let blocks: usize = 0;
  let at = base;
  for (; blocks < elements >> 7; blocks++) {
    for (let i: usize = 0; i < blockElements; i += 16, at += 32) {
      const size0 = i16x8.sub(v128.and(v128.load(at), magnitude), window8);
      const size1 = i16x8.sub(v128.and(v128.load(at, 16), magnitude), window8);
      v128.store(digits + i, i8x16.narrow_i16x8_u(i16x8.shr_u(size0, 7), i16x8.shr_u(size1, 7)));
      if (v128.any_true(outsideWindow(v128.or(size0, size1)))) {
        store<u32>(group, <u32>at);
        group += 4;
      }
    }
    v128.store(eights + (blocks << 4), addBlock(counters, i64x2(0x8040201008040201, 0)));
    v128.store(eights + (blocks << 4), addBlock(counters + planeBytes, i64x2(0, 0x8040201008040201)), 128);
  }
  const end = base + (elements << 1);
  let found = outsideOf(at, end);
  for (let from = groups; from < group; from += 4) {
    const first = <usize>load<u32>(from);
    found |= outsideOf(first, first + 32);
  }
  if ((found & NOT_FINITE) != 0) {
    restore();
    return found;
  }
  for (let half: usize = 0; half < halves; half++) carry(counters + half * planeBytes, eights + (half << 7), blocks);
  countSingly(tally, at, end, 0);
  for (let from = groups; from < group; from += 4) {
    const first = <usize>load<u32>(from);
    countSingly(tally, first, first + 32, window);
  }
  return found;
}

/** Moves the counters into the tally and leaves them empty. */
export function flushExponents(tally: usize, window: u32): void {
  for (let half: usize = 0; half < halves; half++) {
    for (let bit: u32 = 0; bit < 8; bit++) {
      let count: u32 = 0;
      for (let plane: usize = 0; plane < planes; plane++) {
        const lanes = v128.load(counters + half * planeBytes + (plane << 4));
        count += popcnt<u32>(i8x16.bitmask(i8x16.shl(lanes, 7 - bit))) << <u32>plane;
      }
      addAt(tally + tallyExponents + ((<usize>((window >> 7) + <u32>(half << 3) + bit)) << 2), count);
    }
  }
  memory.fill(counters, 0, halves * planeBytes);
}

/** Adds what `table` gives for the block's digits; returns the lanes that overflow, worth eight. */
function addBlock(planesAt: usize, table: v128): v128 {
  for (let i: usize = 0; i < blockElements; i += 16) {
    v128.store(bits + i, i8x16.swizzle(table, v128.load(digits + i)));
  }
  return addEight(planesAt, bits);
}

/** Adds eight vectors to the three planes from `planesAt` on; returns what overflows into the next. */
function addEight(planesAt: usize, from: usize): v128 {
  const fours0 = addFour(planesAt, from);
  const fours1 = addFour(planesAt, from + 64);
  const fours = v128.load(planesAt, 32);
  const u = v128.xor(fours, fours0);
  v128.store(planesAt, v128.xor(u, fours1), 32);
  return v128.or(v128.and(fours, fours0), v128.and(u, fours1));
}

function addFour(planesAt: usize, from: usize): v128 {
  const x0 = v128.load(from);
  const x1 = v128.load(from, 16);
  const x2 = v128.load(from, 32);
  const x3 = v128.load(from, 48);
  let ones = v128.load(planesAt);
  let u = v128.xor(ones, x0);
  const twos0 = v128.or(v128.and(ones, x0), v128.and(u, x1));
  ones = v128.xor(u, x1);
  u = v128.xor(ones, x2);
  const twos1 = v128.or(v128.and(ones, x2), v128.and(u, x3));
  v128.store(planesAt, v128.xor(u, x3));
  const twos = v128.load(planesAt, 16);
  u = v128.xor(twos, twos0);
  v128.store(planesAt, v128.xor(u, twos1), 16);
  return v128.or(v128.and(twos, twos0), v128.and(u, twos1));
}

/** Adds the eights of a strip's `count` blocks to the planes from the fourth on. */
function carry(planesAt: usize, from: usize, count: usize): void {
  memory.fill(from + (count << 4), 0, (8 - count) << 4);
  let rest = addEight(planesAt + 48, from);
  for (let at = planesAt + 96; v128.any_true(rest); at += 16) {
    const sum = v128.load(at);
    v128.store(at, v128.xor(sum, rest));
    rest = v128.and(sum, rest);
  }
}

function save(): void {
  memory.copy(saved, counters, 48);
  memory.copy(saved + 48, counters + planeBytes, 48);
}

function restore(): void {
  memory.copy(counters, saved, 48);
  memory.copy(counters + planeBytes, saved + 48, 48);
}

function outsideOf(from: usize, end: usize): u32 {
  let found: u32 = 0;
  for (let at = from; at < end; at += 2) {
    const size = <u32>load<u16>(at) & 0x7fff;
    if (size >= 0x7f80) found |= NOT_FINITE;
    // The square of a value from 2^-63 to 2^64 is a normal float32.
    if (size - 0x2000 >= 0x4000 && size != 0) found |= ODD_SQUARES;
  }
  return found;
}

/** Counts the values outside of `window`; 0 for all of them. */
function countSingly(tally: usize, from: usize, end: usize, window: u32): void {
  for (let at = from; at < end; at += 2) {
    const size = <u32>load<u16>(at) & 0x7fff;
    if (window != 0 && size - window < 2048) continue;
    addAt(tally + tallyExponents + (<usize>(size >> 7) << 2), 1);
  }
}
