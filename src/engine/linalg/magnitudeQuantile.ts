// Exact order statistics of |x| over float32 data that is seen twice, in panels: a histogram of the high 15 bits finds
// the bin, one of the low 16 bits the value. The bits of a non-negative float32 order as its value does.
import type { MagnitudeHistograms } from './magnitudeHistograms.ts';

const highBins = 32_768;
const lowBins = 65_536;

/** Visits every element once, in panels. Called once or twice. */
export type PanelVisitor = (visit: (panel: Float32Array) => void) => Promise<void>;

/**
 * Bits of the smallest magnitude t such that at least `count` elements have |x| ≤ t (`smallest`), or of the largest
 * t such that at least `count` have |x| ≥ t (`largest`). Values of bf16 have no low bits, and are seen once.
 */
export async function magnitudeQuantileBits(
  histograms: MagnitudeHistograms,
  panels: PanelVisitor,
  count: number,
  end: 'smallest' | 'largest',
  values: 'float32' | 'bf16' = 'float32',
): Promise<number> {
  const high = new Float64Array(highBins);
  await panels((panel) => {
    histograms.high(panel, high);
  });
  const outer = locate(high, count, end);
  if (values === 'bf16') return outer.bin * lowBins;
  const low = new Float64Array(lowBins);
  await panels((panel) => {
    histograms.low(panel, outer.bin, low);
  });
  const inner = locate(low, count - outer.before, end);
  return outer.bin * lowBins + inner.bin;
}

/** The bin that holds the count-th element from the given end, and how many elements lie before that bin. */
export function locate(
  bins: Float64Array,
  count: number,
  end: 'smallest' | 'largest',
): { bin: number; before: number } {
  let before = 0;
  for (let step = 0; step < bins.length; step++) {
    const bin = end === 'smallest' ? step : bins.length - 1 - step;
    if (before + bins[bin]! >= count) return { bin, before };
    before += bins[bin]!;
  }
  throw new RangeError(`A quantile of ${count} elements was asked of ${before}.`);
}
