// Exact quantiles of |x| by a two-level histogram of its bits: the bits of a non-negative float order as the value does.
import { addTo } from './counting';

/** bins[bits(|x|) >> 16] += 1 over `count` elements; 32768 u32 bins. */
export function histogramHigh(values: usize, count: i32, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) addTo(bins, (load<u32>(values + (i << 2)) >> 16) & 0x7fff);
}

/** Of the elements whose |x| falls in high bin `high`, bins[bits & 0xffff] += 1; 65536 u32 bins. */
export function histogramLow(values: usize, count: i32, high: u32, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const bits = load<u32>(values + (i << 2)) & 0x7fffffff;
    if (bits >> 16 === high) addTo(bins, bits & 0xffff);
  }
}
