// The joint counts of Gate II's masks.
import { changedLanes, everyStep } from './change';
import { addBoth, addLanes, addTo, upperHalf } from './counting';

/** Room for the lanes of an array that does not end with a whole vector. */
const rest: usize = memory.data(16, 16);

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
    const w = whole ? v128.load(base + at) : firstLanes(base + at, end - at);
    const v = whole ? v128.load(tuned + at) : firstLanes(tuned + at, end - at);
    const r = whole ? v128.load(reconstruction + at) : firstLanes(reconstruction + at, end - at);
    const size = v128.and(w, magnitude);
    const strength = v128.and(r, magnitude);
    let isPrincipal = i32x4.ge_s(strength, principalFrom);
    let isCandidate = v128.andnot(i32x4.ge_s(strength, candidateFrom), isPrincipal);
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

/** The last lanes of an array, zeros behind them. */
function firstLanes(from: usize, bytes: usize): v128 {
  memory.fill(rest, 0, 16);
  memory.copy(rest, from, bytes);
  return v128.load(rest);
}
