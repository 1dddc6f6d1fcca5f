// The comparison by definition, one element at a time in float64, for any pair of decoded dtypes. It is also what the
// SIMD kernel falls back on for the elements whose answer is not plain arithmetic on bits.
import { bf16FromF32, bf16FromF64, bf16Value } from './rounding';
import {
  CHANGED,
  COMPARED,
  HIDDEN,
  NON_FINITE,
  RAW_CHANGED,
  SIGN_FLIPS,
  ULP_1,
  WITHIN_ABS,
  addCount,
  increment,
  tallyDeltaCounts,
  tallyDeltaEnergies,
  tallyExponents,
  tallySums,
} from './tally';

/** Counts one pair: stored values w and v, their bf16 views as bits. True when it changed in the bf16 view. */
export function tallyElement(tally: usize, w: f64, v: f64, wBits: u32, vBits: u32, eta: f64): bool {
  // A finite value that rounds to infinity has no bf16 view: it counts as not finite, too.
  if ((wBits & 0x7f80) == 0x7f80 || (vBits & 0x7f80) == 0x7f80) {
    addCount(tally, NON_FINITE, 1);
    return false;
  }
  addCount(tally, COMPARED, 1);
  increment(tally + tallyExponents + ((wBits & 0x7f80) >> 5));
  store<f64>(tally + tallySums, load<f64>(tally + tallySums) + w * w);
  if (w == v) {
    addCount(tally, WITHIN_ABS, 1);
    return false;
  }
  tallyDelta(tally, abs(v - w));
  addCount(tally, RAW_CHANGED, 1);
  const wView = <f64>bf16Value(wBits);
  const vView = <f64>bf16Value(vBits);
  if (abs(vView - wView) <= eta * max(abs(wView), abs(vView))) {
    addCount(tally, HIDDEN, 1);
    return false;
  }
  addCount(tally, CHANGED, 1);
  addCount(tally, ulpBin(wBits, vBits), 1);
  return true;
}

/** Counts |Δ| > 0: its energy, its bin, the maximum. */
function tallyDelta(tally: usize, size: f64): void {
  const sums = tally + tallySums;
  const energy = size * size;
  store<f64>(sums, load<f64>(sums, 8) + energy, 8);
  store<f64>(sums, max(load<f64>(sums, 16), size), 16);
  if (size <= 1e-5) addCount(tally, WITHIN_ABS, 1);
  const bin = <usize>(reinterpret<u32>(<f32>size) >> 16);
  increment(tally + tallyDeltaCounts + (bin << 2));
  const at = tally + tallyDeltaEnergies + (bin << 3);
  store<f64>(at, load<f64>(at) + energy);
}

/** Index of the count for a changed pair: by bf16 steps between them, a zero taken with the other side's sign. */
function ulpBin(wBits: u32, vBits: u32): usize {
  const w = <i32>(wBits & 0x7fff);
  const v = <i32>(vBits & 0x7fff);
  if (((wBits ^ vBits) & 0x8000) != 0 && w != 0 && v != 0) return SIGN_FLIPS;
  const steps = abs(v - w);
  // 1, 2, 3-4, 5-8, 9-16, more: the number of bits of steps − 1.
  return ULP_1 + <usize>min<i32>(5, 32 - clz<i32>(steps - 1));
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
      if (!tallyElement(tally, <f64>w, <f64>v, bf16Bits<T>(w), bf16Bits<T>(v), eta)) continue;
      inRow++;
      if (columnChanged != 0) increment(columnChanged + (c << 2));
    }
    store<f64>(sums, squaresBefore + load<f64>(sums));
    store<f64>(sums, energyBefore + load<f64>(sums, 8), 8);
    if (rowChanged != 0) store<u32>(rowChanged + (r << 2), load<u32>(rowChanged + (r << 2)) + inRow);
  }
}

function bf16Bits<T>(value: T): u32 {
  return sizeof<T>() == 8 ? bf16FromF64(<f64>value) : bf16FromF32(<f32>value);
}
