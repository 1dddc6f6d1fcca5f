// Elementwise passes of Gate II over float32 panels: exact quantiles of |x| by a two-level histogram of its bits
// (the bits of a non-negative float order as the value does), and the joint counts of the masks.

/** bins[bits(|x|) >> 16] += 1 over `count` elements; 32768 u32 bins. */
export function histogramHigh(values: usize, count: i32, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const bin = bins + ((<usize>((load<u32>(values + (i << 2)) >> 16) & 0x7fff)) << 2);
    store<u32>(bin, load<u32>(bin) + 1);
  }
}

/** Of the elements whose |x| falls in high bin `high`, bins[bits & 0xffff] += 1; 65536 u32 bins. */
export function histogramLow(values: usize, count: i32, high: u32, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const bits = load<u32>(values + (i << 2)) & 0x7fffffff;
    if (bits >> 16 != high) continue;
    const bin = bins + ((<usize>(bits & 0xffff)) << 2);
    store<u32>(bin, load<u32>(bin) + 1);
  }
}

/** Room for the lanes of an array that does not end with a whole vector. */
const rest: usize = memory.data(16, 16);

/** Below this η, two normal bf16 values that differ have changed: their distance is at least 2⁻⁸ of the larger. */
const everyStep: f64 = 0.00390625;

/**
 * Counts the members of M_princ (bits(|r|) ≥ principalBits), M_low (bits(|w|) ≤ lowBits) and U (changed by the bf16 view
 * of w and ŵ) and of their intersections into seven u32, added to: P, L, U, PL, PU, LU, PLU. Adds Σw² and Σ(ŵ−w)² to two
 * f64.
 */
export function countMasks(
  base: usize,
  tuned: usize,
  reconstruction: usize,
  count: i32,
  principalBits: u32,
  lowBits: u32,
  eta: f64,
  counts: usize,
  energies: usize,
): void {
  const magnitude = i32x4.splat(0x7fffffff);
  const exponent = i32x4.splat(0x7f800000);
  const principalFrom = i32x4.splat(principalBits);
  const lowTo = i32x4.splat(lowBits);
  let p = i32x4.splat(0);
  let l = i32x4.splat(0);
  let u = i32x4.splat(0);
  let pl = i32x4.splat(0);
  let pu = i32x4.splat(0);
  let lu = i32x4.splat(0);
  let plu = i32x4.splat(0);
  let squares = f64x2.splat(0);
  let energy = f64x2.splat(0);
  const end = (<usize>count) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    const whole = end - at >= 16;
    const w = whole ? v128.load(base + at) : firstLanes(base + at, end - at);
    const v = whole ? v128.load(tuned + at) : firstLanes(tuned + at, end - at);
    const r = whole ? v128.load(reconstruction + at) : firstLanes(reconstruction + at, end - at);
    const size = v128.and(w, magnitude);
    let isPrincipal = i32x4.ge_s(v128.and(r, magnitude), principalFrom);
    let isLow = i32x4.le_s(size, lowTo);
    const wView = bf16Lanes(w);
    const vView = bf16Lanes(v);
    let isChanged = i32x4.ne(wView, vView);
    if (v128.any_true(isChanged)) {
      const isNormal = v128.and(
        i32x4.ne(v128.and(wView, exponent), i32x4.splat(0)),
        i32x4.ne(v128.and(vView, exponent), i32x4.splat(0)),
      );
      if (eta >= everyStep || !i32x4.all_true(v128.or(isNormal, v128.not(isChanged)))) {
        isChanged = changedLanes(wView, vView, eta);
      }
    }
    if (!whole) {
      const inside = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>((end - at) >> 2)));
      isPrincipal = v128.and(isPrincipal, inside);
      isLow = v128.and(isLow, inside);
    }
    const both = v128.and(isPrincipal, isLow);
    p = i32x4.sub(p, isPrincipal);
    l = i32x4.sub(l, isLow);
    u = i32x4.sub(u, isChanged);
    pl = i32x4.sub(pl, both);
    pu = i32x4.sub(pu, v128.and(isPrincipal, isChanged));
    lu = i32x4.sub(lu, v128.and(isLow, isChanged));
    plu = i32x4.sub(plu, v128.and(both, isChanged));
    const w0 = f64x2.promote_low_f32x4(w);
    const w1 = f64x2.promote_low_f32x4(upperHalf(w));
    const d0 = f64x2.sub(f64x2.promote_low_f32x4(v), w0);
    const d1 = f64x2.sub(f64x2.promote_low_f32x4(upperHalf(v)), w1);
    squares = f64x2.add(squares, f64x2.add(f64x2.mul(w0, w0), f64x2.mul(w1, w1)));
    energy = f64x2.add(energy, f64x2.add(f64x2.mul(d0, d0), f64x2.mul(d1, d1)));
  }
  addLanes(counts, p);
  addLanes(counts + 4, l);
  addLanes(counts + 8, u);
  addLanes(counts + 12, pl);
  addLanes(counts + 16, pu);
  addLanes(counts + 20, lu);
  addLanes(counts + 24, plu);
  addBoth(energies, squares);
  addBoth(energies + 8, energy);
}

/** Round to nearest even to bf16, as float32 bits. Finite values only. */
function bf16Lanes(bits: v128): v128 {
  const odd = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(1));
  const rounded = i32x4.add(i32x4.add(bits, i32x4.splat(0x7fff)), odd);
  return v128.and(rounded, i32x4.splat(0xffff0000));
}

/** Lanes that differ by more than η·max(|w|, |ŵ|). */
function changedLanes(w: v128, v: v128, eta: f64): v128 {
  return i32x4(
    changed(f32x4.extract_lane(w, 0), f32x4.extract_lane(v, 0), eta),
    changed(f32x4.extract_lane(w, 1), f32x4.extract_lane(v, 1), eta),
    changed(f32x4.extract_lane(w, 2), f32x4.extract_lane(v, 2), eta),
    changed(f32x4.extract_lane(w, 3), f32x4.extract_lane(v, 3), eta),
  );
}

function changed(w: f32, v: f32, eta: f64): i32 {
  return Math.abs(<f64>v - <f64>w) > eta * Math.max(Math.abs(<f64>w), Math.abs(<f64>v)) ? -1 : 0;
}

function upperHalf(x: v128): v128 {
  return v128.shuffle<u32>(x, x, 2, 3, 2, 3);
}

/** The last lanes of an array, zeros behind them. */
function firstLanes(from: usize, bytes: usize): v128 {
  memory.fill(rest, 0, 16);
  memory.copy(rest, from, bytes);
  return v128.load(rest);
}

function addLanes(to: usize, lanes: v128): void {
  const sum =
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3);
  store<u32>(to, load<u32>(to) + sum);
}

function addBoth(to: usize, lanes: v128): void {
  store<f64>(to, load<f64>(to) + f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1));
}
