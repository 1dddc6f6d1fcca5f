// The joint counts of the masks as in `masks.ts`, of a packed pair of bf16 matrices: 16 elements at a time, their bits as
// 16-bit lanes, memberships as bytes.
import { changedLanes, everyStep } from './change';
import { addBoth, addLanes, addTo, upperHalf } from './counting';

/** Rounds of 16 elements after which counters of a byte are full. */
const rounds: usize = 255;
/** A last round that is not whole, with words and reconstruction of 16 elements. */
const lastWords: usize = memory.data(64, 16);
const lastParts: usize = memory.data(64, 16);
/** Σw² and Σ(ŵ−w)² so far, two lanes each: summed in the order of `countMasks`, whatever the rounds. */
const sums: usize = memory.data(32, 16);

/** See `countMasks`; `words` hold the base's bits in their lower and the tuned side's in their upper half. */
export function countPackedMasks(
  words: usize,
  reconstruction: usize,
  count: i32,
  from: u32,
  to: u32,
  lowBits: u32,
  eta: f64,
  counts: usize,
  energies: usize,
  between: usize,
): void {
  const whole: usize = (<usize>count) & ~15;
  const rest: usize = <usize>count - whole;
  memory.fill(sums, 0, 32);
  for (let i: usize = 0; i < whole; i += rounds << 4) {
    const elements = min<usize>(rounds << 4, whole - i);
    countRounds(
      words + (i << 2),
      reconstruction + (i << 2),
      elements,
      from,
      to,
      lowBits,
      eta,
      counts,
      between,
    );
  }
  if (rest !== 0) {
    // What fills the last round up, zeros, is in M_low, and in M_princ or counted apart where those begin at zero: taken off.
    memory.fill(lastWords, 0, 64);
    memory.fill(lastParts, 0, 64);
    memory.copy(lastWords, words + (whole << 2), rest << 2);
    memory.copy(lastParts, reconstruction + (whole << 2), rest << 2);
    countRounds(lastWords, lastParts, 16, from, to, lowBits, eta, counts, between);
    const idle = 16 - <u32>rest;
    take(counts + 4, idle);
    if (to === 0) {
      take(counts, idle);
      take(counts + 12, idle);
    } else if (from === 0) {
      take(between + ((<usize>(to - from)) << 2), idle);
    }
  }
  addBoth(energies, v128.load(sums));
  addBoth(energies + 8, v128.load(sums, 16));
}

function take(counter: usize, amount: u32): void {
  store<u32>(counter, load<u32>(counter) - amount);
}

function countRounds(
  words: usize,
  reconstruction: usize,
  elements: usize,
  from: u32,
  to: u32,
  lowBits: u32,
  eta: f64,
  counts: usize,
  between: usize,
): void {
  const magnitude = i32x4.splat(0x7fffffff);
  const candidateFrom = i32x4.splat(from);
  const principalFrom = i32x4.splat(to);
  // A bf16 has zeros below its bits, so those of the limit do not matter.
  const lowTo = i16x8.splat(<i16>(lowBits >> 16));
  const span = to - from;
  let p = i8x16.splat(0);
  let l = i8x16.splat(0);
  let u = i8x16.splat(0);
  let pl = i8x16.splat(0);
  let pu = i8x16.splat(0);
  let lu = i8x16.splat(0);
  let plu = i8x16.splat(0);
  let squares = v128.load(sums);
  let energy = v128.load(sums, 16);
  const end = elements << 2;
  for (let at: usize = 0; at < end; at += 64) {
    const a = v128.load(words + at);
    const b = v128.load(words + at, 16);
    const c = v128.load(words + at, 32);
    const d = v128.load(words + at, 48);
    const w0 = lowerHalves(a, b);
    const w1 = lowerHalves(c, d);
    const v0 = upperHalves(a, b);
    const v1 = upperHalves(c, d);
    const size0 = v128.and(w0, i16x8.splat(0x7fff));
    const size1 = v128.and(w1, i16x8.splat(0x7fff));
    const isLow0 = i16x8.le_s(size0, lowTo);
    const isLow1 = i16x8.le_s(size1, lowTo);
    let isChanged0 = i16x8.ne(w0, v0);
    let isChanged1 = i16x8.ne(w1, v1);
    const odd = v128.or(v128.and(isChanged0, isSmall(size0, v0)), v128.and(isChanged1, isSmall(size1, v1)));
    if (v128.any_true(odd) || eta >= everyStep) {
      isChanged0 = changedHalves(w0, v0, eta);
      isChanged1 = changedHalves(w1, v1, eta);
    }
    const r0 = v128.and(v128.load(reconstruction + at), magnitude);
    const r1 = v128.and(v128.load(reconstruction + at, 16), magnitude);
    const r2 = v128.and(v128.load(reconstruction + at, 32), magnitude);
    const r3 = v128.and(v128.load(reconstruction + at, 48), magnitude);
    const isPrincipal = reached(r0, r1, r2, r3, principalFrom);
    const isCandidate = v128.andnot(reached(r0, r1, r2, r3, candidateFrom), isPrincipal);
    const isLow = i8x16.narrow_i16x8_s(isLow0, isLow1);
    const isChanged = i8x16.narrow_i16x8_s(isChanged0, isChanged1);
    if (v128.any_true(isCandidate)) {
      const low = i8x16.bitmask(isLow);
      const changed = i8x16.bitmask(isChanged);
      for (let lanes = i8x16.bitmask(isCandidate); lanes !== 0; lanes &= lanes - 1) {
        const lane = ctz(lanes);
        const bits = load<u32>(reconstruction + at + ((<usize>lane) << 2)) & 0x7fffffff;
        // 0 … 3 for neither, M_low, U, both.
        const table = ((low >> lane) & 1) + 2 * ((changed >> lane) & 1);
        addTo(between, <u32>table * span + bits - from);
      }
    }
    const both = v128.and(isPrincipal, isLow);
    p = i8x16.sub(p, isPrincipal);
    l = i8x16.sub(l, isLow);
    u = i8x16.sub(u, isChanged);
    pl = i8x16.sub(pl, both);
    pu = i8x16.sub(pu, v128.and(isPrincipal, isChanged));
    lu = i8x16.sub(lu, v128.and(isLow, isChanged));
    plu = i8x16.sub(plu, v128.and(both, isChanged));
    for (let four = words + at; four < words + at + 64; four += 16) {
      const pair = v128.load(four);
      const base = i32x4.shl(pair, 16);
      const tuned = v128.and(pair, i32x4.splat(0xffff0000));
      const base0 = f64x2.promote_low_f32x4(base);
      const base1 = f64x2.promote_low_f32x4(upperHalf(base));
      const delta0 = f64x2.sub(f64x2.promote_low_f32x4(tuned), base0);
      const delta1 = f64x2.sub(f64x2.promote_low_f32x4(upperHalf(tuned)), base1);
      squares = f64x2.add(squares, f64x2.add(f64x2.mul(base0, base0), f64x2.mul(base1, base1)));
      energy = f64x2.add(energy, f64x2.add(f64x2.mul(delta0, delta0), f64x2.mul(delta1, delta1)));
    }
  }
  addLanes(counts, wide(p));
  addLanes(counts + 4, wide(l));
  addLanes(counts + 8, wide(u));
  addLanes(counts + 12, wide(pl));
  addLanes(counts + 16, wide(pu));
  addLanes(counts + 20, wide(lu));
  addLanes(counts + 24, wide(plu));
  v128.store(sums, squares);
  v128.store(sums, energy, 16);
}

/** Bits of the base of eight words. */
function lowerHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}

/** Bits of the tuned side of eight words. */
function upperHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}

/** Lanes where a side is zero or subnormal: `size` without sign, the other with it. */
function isSmall(size: v128, other: v128): v128 {
  const smaller = i16x8.min_s(size, v128.and(other, i16x8.splat(0x7fff)));
  return i16x8.lt_s(smaller, i16x8.splat(0x80));
}

/** Bytes of all ones where 16 lanes reach the limit; none is negative. */
function reached(a: v128, b: v128, c: v128, d: v128, limit: v128): v128 {
  return i8x16.narrow_i16x8_s(
    i16x8.narrow_i32x4_s(i32x4.ge_s(a, limit), i32x4.ge_s(b, limit)),
    i16x8.narrow_i32x4_s(i32x4.ge_s(c, limit), i32x4.ge_s(d, limit)),
  );
}

/** As 16-bit lanes, those that differ by more than η·max(|w|, |ŵ|). */
function changedHalves(w: v128, v: v128, eta: f64): v128 {
  const low = changedLanes(widened(i32x4.extend_low_i16x8_u(w)), widened(i32x4.extend_low_i16x8_u(v)), eta);
  const high = changedLanes(
    widened(i32x4.extend_high_i16x8_u(w)),
    widened(i32x4.extend_high_i16x8_u(v)),
    eta,
  );
  return i16x8.narrow_i32x4_s(low, high);
}

function widened(bits: v128): v128 {
  return i32x4.shl(bits, 16);
}

/** The sums of four counters of a byte each, as u32. */
function wide(bytes: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
}
