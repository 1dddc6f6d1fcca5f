// Exact quantiles of |x| by a two-level histogram of its bits: the bits of a non-negative float order as the value does.
import { addTo } from './counting';

/** bins[bits(|x|) >> 16] += 1 over `count` elements; 32768 u32 bins. */
export function histogramHigh(values: usize, count: i32, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) addTo(bins, (load<u32>(values + (i << 2)) >> 16) & 0x7fff);
}

/**
 * The same of the bf16 in the lower half of every word; into two tables in turn, as incrementing a counter that was just
 * incremented waits for that.
 */
export function histogramPacked(words: usize, count: i32, bins: usize, otherBins: usize): void {
  let i: usize = 0;
  for (; i + 2 <= <usize>count; i += 2) {
    const pair = load<u64>(words + (i << 2));
    addTo(bins, (<u32>pair) & 0x7fff);
    addTo(otherBins, (<u32>(pair >> 32)) & 0x7fff);
  }
  if (i < <usize>count) addTo(bins, load<u32>(words + (i << 2)) & 0x7fff);
}

/** Of the elements whose |x| falls in high bin `high`, bins[bits & 0xffff] += 1; 65536 u32 bins. */
export function histogramLow(values: usize, count: i32, high: u32, bins: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const bits = load<u32>(values + (i << 2)) & 0x7fffffff;
    if (bits >> 16 === high) addTo(bins, bits & 0xffff);
  }
}
