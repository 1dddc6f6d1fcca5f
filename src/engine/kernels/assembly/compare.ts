// The comparison by definition, one element at a time in float64, for any pair of decoded dtypes. It is also what the
// SIMD kernel falls back on for the elements whose answer is not plain arithmetic on bits.
import { bf16FromF32, bf16FromF64, bf16Value } from './rounding';
import {
  CHANGED,
  COMPARED,
  HIDDEN,
  NON_FINITE,
  NON_FINITE_BASE,
  NON_FINITE_TUNED,
  RAW_CHANGED,
  SIGN_FLIPS,
  ULP_1,
  WITHIN_ABS,
  addAt,
  addCount,
  tallyDeltaCounts,
  tallyDeltaEnergies,
  tallyExponents,
  tallySums,
} from './tally';

/**
 * Counts `count` equal pairs: stored values w and v, their bf16 views as bits. True when they changed in the bf16 view.
 */
export function tallyPairs(tally: usize, w: f64, v: f64, wBits: u32, vBits: u32, eta: f64, count: u32): bool {
  // A finite value that rounds to infinity has no bf16 view: it counts as not finite, too.
  if ((wBits & 0x7f80) === 0x7f80 || (vBits & 0x7f80) === 0x7f80) {
    addCount(tally, NON_FINITE, count);
    if ((wBits & 0x7f80) === 0x7f80) addCount(tally, NON_FINITE_BASE, count);
    if ((vBits & 0x7f80) === 0x7f80) addCount(tally, NON_FINITE_TUNED, count);
    return false;
  }
  addCount(tally, COMPARED, count);
  addAt(tally + tallyExponents + ((wBits & 0x7f80) >> 5), count);
  store<f64>(tally + tallySums, load<f64>(tally + tallySums) + w * w * count);
  if (w === v) {
    addCount(tally, WITHIN_ABS, count);
    return false;
  }
  tallyDelta(tally, abs(v - w), count);
  addCount(tally, RAW_CHANGED, count);
  const wView = <f64>bf16Value(wBits);
  const vView = <f64>bf16Value(vBits);
  if (abs(vView - wView) <= eta * max(abs(wView), abs(vView))) {
    addCount(tally, HIDDEN, count);
    return false;
  }
  addCount(tally, CHANGED, count);
  addCount(tally, ulpBin(wBits, vBits), count);
  return true;
}

/** Counts `count` elements with |Δ| = size > 0: their energy, their bin, the maximum. */
export function tallyDelta(tally: usize, size: f64, count: u32): void {
  const sums = tally + tallySums;
  const energy = size * size * count;
  store<f64>(sums, load<f64>(sums, 8) + energy, 8);
  store<f64>(sums, max(load<f64>(sums, 16), size), 16);
  if (size <= 1e-5) addCount(tally, WITHIN_ABS, count);
  addToBin(tally, size, energy, count);
}

/** Adds `count` elements with |Δ| = size, ΣΔ² = energy, to their bin. */
export function addToBin(tally: usize, size: f64, energy: f64, count: u32): void {
  const bin = <usize>(reinterpret<u32>(<f32>size) >> 16);
  addAt(tally + tallyDeltaCounts + (bin << 2), count);
  const at = tally + tallyDeltaEnergies + (bin << 3);
  store<f64>(at, load<f64>(at) + energy);
}

/** Index of the count for a number of bf16 steps: 1, 2, 3-4, 5-8, 9-16, more, by the number of bits of steps − 1. */
export function ulpBinOf(steps: i32): usize {
  return ULP_1 + <usize>min<i32>(5, 32 - clz<i32>(steps - 1));
}

/** Index of the count for a changed pair: by bf16 steps between them, a zero taken with the other side's sign. */
export function ulpBin(wBits: u32, vBits: u32): usize {
  const w = <i32>(wBits & 0x7fff);
  const v = <i32>(vBits & 0x7fff);
  // Chosen without a branch: among far moves, which of the two it is comes down to chance.
  const flips = (((wBits ^ vBits) & 0x8000) !== 0) & (w !== 0) & (v !== 0);
  return select<usize>(SIGN_FLIPS, ulpBinOf(abs(v - w)), flips);
}

/**
 * Compares rows × columns elements of two f32 arrays. `rowChanged` and `columnChanged` (u32 counters for these rows and
 * columns, added to) may be 0.
 */
export function compareF32(
  tally: usize,
  base: usize,
  tuned: usize,
  rows: usize,
  columns: usize,
  rowChanged: usize,
  columnChanged: usize,
  eta: f64,
): void {
  compareAs<f32>(tally, base, tuned, rows, columns, rowChanged, columnChanged, eta);
}

/** The same for two f64 arrays. */
export function compareF64(
  tally: usize,
  base: usize,
  tuned: usize,
  rows: usize,
  columns: usize,
  rowChanged: usize,
  columnChanged: usize,
  eta: f64,
): void {
  compareAs<f64>(tally, base, tuned, rows, columns, rowChanged, columnChanged, eta);
}

function compareAs<T>(
  tally: usize,
  base: usize,
  tuned: usize,
  rows: usize,
  columns: usize,
  rowChanged: usize,
  columnChanged: usize,
  eta: f64,
): void {
  const sums = tally + tallySums;
  let at: usize = 0;
  for (let r: usize = 0; r < rows; r++) {
    // Each row is summed on its own first: the rounding then grows with rows plus columns, not with their product.
    const squaresBefore = load<f64>(sums);
    const energyBefore = load<f64>(sums, 8);
    store<f64>(sums, 0);
    store<f64>(sums, 0, 8);
    let inRow: u32 = 0;
    for (let c: usize = 0; c < columns; c++, at += sizeof<T>()) {
      const w = load<T>(base + at);
      const v = load<T>(tuned + at);
      if (!tallyPairs(tally, <f64>w, <f64>v, bf16Bits<T>(w), bf16Bits<T>(v), eta, 1)) continue;
      inRow++;
      if (columnChanged !== 0) addAt(columnChanged + (c << 2), 1);
    }
    store<f64>(sums, squaresBefore + load<f64>(sums));
    store<f64>(sums, energyBefore + load<f64>(sums, 8), 8);
    if (rowChanged !== 0) addAt(rowChanged + (r << 2), inRow);
  }
}

function bf16Bits<T>(value: T): u32 {
  return sizeof<T>() === 8 ? bf16FromF64(<f64>value) : bf16FromF32(<f32>value);
}
