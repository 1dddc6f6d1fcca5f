// Elementwise passes of Gate II over float32 panels: exact quantiles of |x| by a two-level histogram of its bits
// (the bits of a non-negative float order as the value does), and the joint counts of the masks.

/** bins[bits(|x|) >> 16] += 1 over `count` elements; 32768 u32 bins. */
export function histogramHigh(values: usize, count: i32, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) addTo(bins, (load<u32>(values + (i << 2)) >> 16) & 0x7fff);
}

/** The same of the bf16 in the lower half of every word. */
export function histogramPacked(words: usize, count: i32, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) addTo(bins, load<u32>(words + (i << 2)) & 0x7fff);
}

/** Of the elements whose |x| falls in high bin `high`, bins[bits & 0xffff] += 1; 65536 u32 bins. */
export function histogramLow(values: usize, count: i32, high: u32, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const bits = load<u32>(values + (i << 2)) & 0x7fffffff;
    if (bits >> 16 == high) addTo(bins, bits & 0xffff);
  }
}

function addTo(bins: usize, bin: u32): void {
  const at = bins + ((<usize>bin) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Room for the lanes of an array that does not end with a whole vector. */
const rest: usize = memory.data(16, 16);

/** Below this η, two normal bf16 values that differ have changed: their distance is at least 2⁻⁸ of the larger. */
const everyStep: f64 = 0.00390625;

/**
 * Counts M_princ (bits(|r|) ≥ to), M_low (bits(|w|) ≤ lowBits) and U (changed by the bf16 view of w and ŵ) and their
 * intersections into seven u32, added to: P, L, U, PL, PU, LU, PLU. Elements with from ≤ bits(|r|) < to are counted apart, by
 * these bits: `between` holds four tables of to − from u32, for neither M_low nor U, M_low, U, and both. Adds Σw² and
 * Σ(ŵ−w)² to two f64.
 */
export function countMasks(
  base: usize,
  tuned: usize,
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
  countElements<f32>(base, tuned, reconstruction, count, from, to, lowBits, eta, counts, energies, between);
}

/** The same of a packed pair. */
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
  countElements<u32>(words, words, reconstruction, count, from, to, lowBits, eta, counts, energies, between);
}

/** Sides of float32, or of packed words where T is u32. */
function countElements<T>(
  base: usize,
  tuned: usize,
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
  const magnitude = i32x4.splat(0x7fffffff);
  const exponent = i32x4.splat(0x7f800000);
  const candidateFrom = i32x4.splat(from);
  const principalFrom = i32x4.splat(to);
  const lowTo = i32x4.splat(lowBits);
  const span = to - from;
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
    const left = whole ? v128.load(base + at) : firstLanes(base + at, end - at);
    const right = isInteger<T>() ? left : whole ? v128.load(tuned + at) : firstLanes(tuned + at, end - at);
    const w = isInteger<T>() ? i32x4.shl(left, 16) : left;
    const v = isInteger<T>() ? v128.and(right, i32x4.splat(0xffff0000)) : right;
    const r = whole ? v128.load(reconstruction + at) : firstLanes(reconstruction + at, end - at);
    const size = v128.and(w, magnitude);
    const strength = v128.and(r, magnitude);
    let isPrincipal = i32x4.ge_s(strength, principalFrom);
    let isCandidate = v128.andnot(i32x4.ge_s(strength, candidateFrom), isPrincipal);
    let isLow = i32x4.le_s(size, lowTo);
    const wView = isInteger<T>() ? w : bf16Lanes(w);
    const vView = isInteger<T>() ? v : bf16Lanes(v);
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
      isCandidate = v128.and(isCandidate, inside);
      isLow = v128.and(isLow, inside);
    }
    if (v128.any_true(isCandidate)) {
      // 0 … 3 for neither, M_low, U, both.
      const table = i32x4.sub(i32x4.splat(0), i32x4.add(isLow, i32x4.add(isChanged, isChanged)));
      const bin = i32x4.add(i32x4.sub(strength, candidateFrom), i32x4.mul(table, i32x4.splat(span)));
      if (i32x4.extract_lane(isCandidate, 0)) addTo(between, i32x4.extract_lane(bin, 0));
      if (i32x4.extract_lane(isCandidate, 1)) addTo(between, i32x4.extract_lane(bin, 1));
      if (i32x4.extract_lane(isCandidate, 2)) addTo(between, i32x4.extract_lane(bin, 2));
      if (i32x4.extract_lane(isCandidate, 3)) addTo(between, i32x4.extract_lane(bin, 3));
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
