// One slab of a base against the same slab of several tuned sides: which elements each changed in the bf16 view, as a bit an
// element, and the products of their updates. bf16 views are slabs of u16; updates are slabs of f64. A row of bits begins
// at a byte: its last byte is filled up with zeros. Sources and targets may be unaligned; they must not overlap.
import { bf16FromF32, bf16FromF64, bf16Value } from './rounding';

/** The bf16 view of float32 values. */
export function viewF32(source: usize, target: usize, elements: usize): void {
  for (let i: usize = 0; i < elements; i++) {
    store<u16>(target + (i << 1), <u16>bf16FromF32(load<f32>(source + (i << 2))));
  }
}

/** The bf16 view of float64 values, rounded once. */
export function viewF64(source: usize, target: usize, elements: usize): void {
  for (let i: usize = 0; i < elements; i++) {
    store<u16>(target + (i << 1), <u16>bf16FromF64(load<f64>(source + (i << 3))));
  }
}

/** Whether a bf16 is NaN or infinite. */
export function anyNonFinite(bits: usize, elements: usize): bool {
  const full = i16x8.splat(0x7f80);
  let found = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 8 <= elements; i += 8) {
    const exponent = v128.and(v128.load(bits + (i << 1)), full);
    found = v128.or(found, i16x8.eq(exponent, full));
  }
  if (v128.any_true(found)) return true;
  for (; i < elements; i++) if ((load<u16>(bits + (i << 1)) & 0x7f80) === 0x7f80) return true;
  return false;
}

/** Sets the bit of every NaN or infinite bf16 in `excluded`. */
export function markNonFinite(bits: usize, excluded: usize, rows: usize, columns: usize): void {
  const rowBytes = (columns + 7) >> 3;
  for (let r: usize = 0; r < rows; r++) {
    for (let c: usize = 0; c < columns; c++) {
      if ((load<u16>(bits + ((r * columns + c) << 1)) & 0x7f80) !== 0x7f80) continue;
      const at = excluded + r * rowBytes + (c >> 3);
      store<u8>(at, <u8>((<u32>load<u8>(at)) | (1 << ((<u32>c) & 7))));
    }
  }
}

/** |ŵ − w| > η·max(|w|, |ŵ|) of finite values (arXiv 2511.08567, Def. 2.1). */
function differs(w: u32, v: u32, eta: f64): bool {
  const base = <f64>bf16Value(w);
  const tuned = <f64>bf16Value(v);
  return abs(tuned - base) > eta * max(abs(base), abs(tuned));
}

/** Bits of up to eight elements, one by one. */
function changedOneByOne(base: usize, tuned: usize, count: usize, eta: f64): u32 {
  let bits: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const w = <u32>load<u16>(base + (i << 1));
    const v = <u32>load<u16>(tuned + (i << 1));
    if (w !== v && differs(w, v, eta)) bits |= 1 << (<u32>i);
  }
  return bits;
}

/**
 * Writes which elements differ, but for those in `excluded` (0: none), to `changed`, adds their number to `rowChanged` (u32 a
 * row; 0: not) and to `columns16` (u16 a column, at most 65535 rows; 0: not). Normal values that differ at all do so by at
 * least 2⁻⁸ of the larger: up to that η, bits are enough.
 */
export function markChanged(
  base: usize,
  tuned: usize,
  excluded: usize,
  changed: usize,
  rows: usize,
  columns: usize,
  rowChanged: usize,
  columns16: usize,
  eta: f64,
): void {
  const exponent = i16x8.splat(0x7f80);
  const zero = i16x8.splat(0);
  const byBits = eta < 0.00390625;
  const rowBytes = (columns + 7) >> 3;
  for (let r: usize = 0; r < rows; r++) {
    const wRow = base + ((r * columns) << 1);
    const vRow = tuned + ((r * columns) << 1);
    const row = r * rowBytes;
    let inRow: u32 = 0;
    let c: usize = 0;
    for (; c + 8 <= columns; c += 8) {
      const w = v128.load(wRow + (c << 1));
      const v = v128.load(vRow + (c << 1));
      let lanes = i16x8.ne(w, v);
      let bits = <u32>i16x8.bitmask(lanes);
      const strange = v128.or(i16x8.eq(v128.and(w, exponent), zero), i16x8.eq(v128.and(v, exponent), zero));
      const asked = !byBits || v128.any_true(v128.and(lanes, strange));
      if (asked) bits = changedOneByOne(wRow + (c << 1), vRow + (c << 1), 8, eta);
      if (excluded !== 0) bits &= ~(<u32>load<u8>(excluded + row + (c >> 3)));
      store<u8>(changed + row + (c >> 3), <u8>bits);
      inRow += popcnt<u32>(bits);
      if (columns16 === 0) continue;
      if (asked || excluded !== 0) lanes = lanesOf(bits);
      const counter = columns16 + (c << 1);
      v128.store(counter, i16x8.sub(v128.load(counter), lanes));
    }
    if (c < columns) {
      const count = columns - c;
      let bits = changedOneByOne(wRow + (c << 1), vRow + (c << 1), count, eta);
      if (excluded !== 0) bits &= ~(<u32>load<u8>(excluded + row + (c >> 3)));
      store<u8>(changed + row + (c >> 3), <u8>bits);
      inRow += popcnt<u32>(bits);
      for (let i: usize = 0; i < count && columns16 !== 0; i++) {
        const counter = columns16 + ((c + i) << 1);
        store<u16>(counter, <u16>(load<u16>(counter) + <u16>((bits >> (<u32>i)) & 1)));
      }
    }
    if (rowChanged !== 0) store<u32>(rowChanged + (r << 2), load<u32>(rowChanged + (r << 2)) + inRow);
  }
}

/** −1 in the lanes whose bit is set. */
function lanesOf(bits: u32): v128 {
  const each = i16x8(1, 2, 4, 8, 16, 32, 64, 128);
  return i16x8.eq(v128.and(i16x8.splat(<i16>bits), each), each);
}

/** Moves counters of 16 bits into those of 32. */
export function addColumns(columns16: usize, columns32: usize, columns: usize): void {
  for (let c: usize = 0; c < columns; c++) {
    const target = columns32 + (c << 2);
    store<u32>(target, load<u32>(target) + <u32>load<u16>(columns16 + (c << 1)));
  }
  memory.fill(columns16, 0, columns << 1);
}

/**
 * Of `runs` rows of bits, `stride` bytes apart and `bytes` long: adds to `both` (f64, runs × runs, on and above the diagonal)
 * how many bits every two have in common, and to `byRuns` (f64) how many are set in exactly 1, 2, … of them. Counters of a
 * bit each stand upright: one word holds the same digit of 64 elements.
 */
export function countBits(
  changed: usize,
  stride: usize,
  bytes: usize,
  runs: usize,
  both: usize,
  byRuns: usize,
): void {
  for (let at: usize = 0; at < bytes; at += 8) {
    let ones: u64 = 0;
    let twos: u64 = 0;
    let fours: u64 = 0;
    let eights: u64 = 0;
    let sixteens: u64 = 0;
    let thirtyTwos: u64 = 0;
    for (let a: usize = 0; a < runs; a++) {
      const bits = load<u64>(changed + a * stride + at);
      let carry = bits & ones;
      ones ^= bits;
      let next = carry & twos;
      twos ^= carry;
      carry = next & fours;
      fours ^= next;
      next = carry & eights;
      eights ^= carry;
      carry = next & sixteens;
      sixteens ^= next;
      thirtyTwos ^= carry;
      if (bits === 0) continue;
      for (let b = a; b < runs; b++) {
        const common = bits & load<u64>(changed + b * stride + at);
        const counter = both + ((a * runs + b) << 3);
        store<f64>(counter, load<f64>(counter) + <f64>popcnt<u64>(common));
      }
    }
    for (let members: usize = 1; members <= runs; members++) {
      const m = <u32>members;
      const same =
        digit(ones, m, 0) &
        digit(twos, m, 1) &
        digit(fours, m, 2) &
        digit(eights, m, 3) &
        digit(sixteens, m, 4) &
        digit(thirtyTwos, m, 5);
      const counter = byRuns + (members << 3);
      if (same !== 0) store<f64>(counter, load<f64>(counter) + <f64>popcnt<u64>(same));
    }
  }
}

/** Where a digit is that of `members`. */
function digit(word: u64, members: u32, place: u32): u64 {
  return ((members >> place) & 1) !== 0 ? word : ~word;
}

/** bf16 → f64, exact. */
export function widenBf16(source: usize, target: usize, elements: usize): void {
  const zero = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 4 <= elements; i += 4) {
    const values = v128.shuffle<u16>(zero, v128.load64_zero(source + (i << 1)), 0, 8, 1, 9, 2, 10, 3, 11);
    v128.store(target + (i << 3), f64x2.promote_low_f32x4(values));
    v128.store(target + (i << 3), f64x2.promote_low_f32x4(upper(values)), 16);
  }
  for (; i < elements; i++) store<f64>(target + (i << 3), <f64>bf16Value(<u32>load<u16>(source + (i << 1))));
}

/** The upper half, as the lower. */
function upper(values: v128): v128 {
  return v128.shuffle<u64>(values, values, 1, 1);
}

/** Ŵ − W of bf16 values, over W as f64. */
export function deltaBf16(base: usize, tuned: usize, target: usize, elements: usize): void {
  const zero = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 4 <= elements; i += 4) {
    const values = v128.shuffle<u16>(zero, v128.load64_zero(tuned + (i << 1)), 0, 8, 1, 9, 2, 10, 3, 11);
    const at = i << 3;
    v128.store(target + at, f64x2.sub(f64x2.promote_low_f32x4(values), v128.load(base + at)));
    const high = f64x2.promote_low_f32x4(upper(values));
    v128.store(target + at, f64x2.sub(high, v128.load(base + at, 16)), 16);
  }
  for (; i < elements; i++) {
    const value = <f64>bf16Value(<u32>load<u16>(tuned + (i << 1)));
    store<f64>(target + (i << 3), value - load<f64>(base + (i << 3)));
  }
}

/** The same of float32 values. */
export function deltaF32(base: usize, tuned: usize, target: usize, elements: usize): void {
  for (let i: usize = 0; i < elements; i++) {
    store<f64>(target + (i << 3), <f64>load<f32>(tuned + (i << 2)) - load<f64>(base + (i << 3)));
  }
}

/** The same of float64 values. */
export function deltaF64(base: usize, tuned: usize, target: usize, elements: usize): void {
  for (let i: usize = 0; i < elements; i++) {
    store<f64>(target + (i << 3), load<f64>(tuned + (i << 3)) - load<f64>(base + (i << 3)));
  }
}

/** Sets the update of excluded elements to 0: rows × columns of a slab. */
export function clearExcluded(delta: usize, excluded: usize, rows: usize, columns: usize): void {
  const rowBytes = (columns + 7) >> 3;
  for (let r: usize = 0; r < rows; r++) {
    for (let c: usize = 0; c < columns; c++) {
      const bits = <u32>load<u8>(excluded + r * rowBytes + (c >> 3));
      if (((bits >> ((<u32>c) & 7)) & 1) !== 0) store<f64>(delta + ((r * columns + c) << 3), 0);
    }
  }
}

/**
 * Of `runs` updates, `stride` bytes apart: adds ΣΔ_aΔ_b to `products` and, for a ≠ b, Σ(Δ_aΔ_b)² to `squares` (f64, runs × runs,
 * on and above the diagonal). Blocks are summed on their own first: the rounding grows with their length and number, not
 * with the product of the two.
 */
export function addProducts(
  deltas: usize,
  stride: usize,
  elements: usize,
  runs: usize,
  products: usize,
  squares: usize,
): void {
  for (let a: usize = 0; a < runs; a++) {
    const left = deltas + a * stride;
    const own = products + ((a * runs + a) << 3);
    store<f64>(own, load<f64>(own) + sumOfSquares(left, elements));
    for (let b = a + 1; b < runs; b++) {
      addProduct(
        left,
        deltas + b * stride,
        elements,
        ((a * runs + b) << 3) + products,
        ((a * runs + b) << 3) + squares,
      );
    }
  }
}

function sumOfSquares(left: usize, elements: usize): f64 {
  let first = f64x2.splat(0);
  let second = f64x2.splat(0);
  let third = f64x2.splat(0);
  let fourth = f64x2.splat(0);
  let i: usize = 0;
  for (; i + 8 <= elements; i += 8) {
    const at = left + (i << 3);
    const p = v128.load(at);
    const q = v128.load(at, 16);
    const r = v128.load(at, 32);
    const s = v128.load(at, 48);
    first = f64x2.add(first, f64x2.mul(p, p));
    second = f64x2.add(second, f64x2.mul(q, q));
    third = f64x2.add(third, f64x2.mul(r, r));
    fourth = f64x2.add(fourth, f64x2.mul(s, s));
  }
  let sum = total(f64x2.add(f64x2.add(first, second), f64x2.add(third, fourth)));
  for (; i < elements; i++) {
    const value = load<f64>(left + (i << 3));
    sum += value * value;
  }
  return sum;
}

function total(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

function addProduct(left: usize, right: usize, elements: usize, product: usize, square: usize): void {
  let first = f64x2.splat(0);
  let second = f64x2.splat(0);
  let firstSquares = f64x2.splat(0);
  let secondSquares = f64x2.splat(0);
  let i: usize = 0;
  for (; i + 4 <= elements; i += 4) {
    const at = i << 3;
    const p = f64x2.mul(v128.load(left + at), v128.load(right + at));
    const q = f64x2.mul(v128.load(left + at, 16), v128.load(right + at, 16));
    first = f64x2.add(first, p);
    second = f64x2.add(second, q);
    firstSquares = f64x2.add(firstSquares, f64x2.mul(p, p));
    secondSquares = f64x2.add(secondSquares, f64x2.mul(q, q));
  }
  let sum = total(f64x2.add(first, second));
  let squares = total(f64x2.add(firstSquares, secondSquares));
  for (; i < elements; i++) {
    const value = load<f64>(left + (i << 3)) * load<f64>(right + (i << 3));
    sum += value;
    squares += value * value;
  }
  store<f64>(product, load<f64>(product) + sum);
  store<f64>(square, load<f64>(square) + squares);
}
