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

/** Round to nearest even to bf16, as float32 bits. Finite values only. */
function bf16(bits: u32): u32 {
  return (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000;
}

/** 1 where the bf16 views differ by more than η·max(|w|,|ŵ|). */
function changed(baseBits: u32, tunedBits: u32, eta: f64): u32 {
  const base = bf16(baseBits);
  const tuned = bf16(tunedBits);
  if (base == tuned) return 0;
  const w = <f64>reinterpret<f32>(base);
  const v = <f64>reinterpret<f32>(tuned);
  return <u32>(Math.abs(v - w) > eta * Math.max(Math.abs(w), Math.abs(v)));
}

/**
 * counts[principal + 2·low + 4·changed] += 1 (eight u32): principal where bits(|r|) ≥ principalBits, low where
 * bits(|w|) ≤ lowBits, changed by the bf16 view of w and ŵ.
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
): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const w = load<u32>(base + (i << 2));
    const v = load<u32>(tuned + (i << 2));
    const principal = <u32>((load<u32>(reconstruction + (i << 2)) & 0x7fffffff) >= principalBits);
    const low = <u32>((w & 0x7fffffff) <= lowBits);
    const at = counts + ((<usize>(principal | (low << 1) | (changed(w, v, eta) << 2))) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
