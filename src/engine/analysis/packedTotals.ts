// StreamTotals as they are kept between runs: of the 32768 bins of |Δ| only those that hold something.
import type { StreamTotals } from '../kernels/tensorStreamer.ts';

export interface PackedTotals extends Omit<StreamTotals, 'deltaCounts' | 'deltaEnergies'> {
  /** Null when Δ = 0. */
  delta: { length: number; bins: Uint32Array; counts: Float64Array; energies: Float64Array } | null;
}

export function packTotals({ deltaCounts, deltaEnergies, ...rest }: StreamTotals): PackedTotals {
  if (deltaCounts === null || deltaEnergies === null) return { ...rest, delta: null };
  const bins = filledBins(deltaCounts);
  const at = (values: Float64Array): Float64Array => Float64Array.from(bins, (bin) => values[bin] ?? 0);
  return {
    ...rest,
    delta: { length: deltaCounts.length, bins, counts: at(deltaCounts), energies: at(deltaEnergies) },
  };
}

function filledBins(counts: Float64Array): Uint32Array {
  const bins = new Uint32Array(counts.length);
  let filled = 0;
  for (let bin = 0; bin < counts.length; bin++) if (counts[bin] !== 0) bins[filled++] = bin;
  return bins.slice(0, filled);
}

export function unpackTotals({ delta, ...rest }: PackedTotals): StreamTotals {
  if (delta === null) return { ...rest, deltaCounts: null, deltaEnergies: null };
  const deltaCounts = new Float64Array(delta.length);
  const deltaEnergies = new Float64Array(delta.length);
  for (const [index, bin] of delta.bins.entries()) {
    deltaCounts[bin] = delta.counts[index] ?? 0;
    deltaEnergies[bin] = delta.energies[index] ?? 0;
  }
  return { ...rest, deltaCounts, deltaEnergies };
}
