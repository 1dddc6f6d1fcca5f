// What a random update of the same size would show (the size-matched null) beside each metric that has one: of one tensor,
// of a few pooled as their measured partners are, and as the engine pooled it. Pure. Independent scatters add in
// quadrature.
import type {
  MaskCounts,
  NullRange,
  PrecisionMetrics,
  UlpHistogram,
} from '../../../src/shared/report/metrics.ts';
import type { PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { Aggregate } from '../../../src/shared/report/report.ts';

export const nullDefinition =
  'A random update of this size: Gaussian noise with the same ‖Δ‖ in every tensor, stored as the tuned side is.';

export type PoolNumbers = Pick<Aggregate, 'precision' | 'anchor' | 'geometry'>;

export interface Expectation {
  /** How many addends `parts` gives. */
  addends: number;
  /** Of a tensor that has the metric; null where its null is not known. */
  parts: (tensor: PanelTensor) => readonly number[] | null;
  finish: (sums: readonly number[]) => NullRange | null;
  ofPool: (pool: PoolNumbers) => NullRange | null;
  /** Set where a pool needs no more than half of its elements to have a null, as the engine pools; it stands beside their own value. */
  ofHalf?: { besideOfPool: (pool: PoolNumbers) => number | null };
}

/** Share of a pool's elements that must have a null. */
export function leastShare({ ofHalf }: Expectation): number {
  return ofHalf === undefined ? 1 : 0.5;
}

/** A null whose scatter is too small to matter. */
function exact(mean: number | null | undefined): NullRange | null {
  return mean === null || mean === undefined ? null : { mean, low: mean, high: mean };
}

const exactRatio = ([top = 0, bottom = 0]: readonly number[]): NullRange | null =>
  bottom > 0 ? exact(top / bottom) : null;

export const expectedSparsity: Expectation = {
  addends: 2,
  parts: ({ precision: { value } }) => {
    if (value === null) return null;
    const { compared } = value.counts;
    const share = unchangedShare(value);
    return share === null ? null : [share * compared, compared];
  },
  finish: exactRatio,
  ofPool: ({ precision: { value } }) => exact(value && unchangedShare(value)),
};

/** Where nothing moved, the size to be matched is zero, and a random update moves nothing either. */
function unchangedShare({ sparsityBf16Expected, counts }: PrecisionMetrics): number | null {
  return counts.rawChanged === 0 ? 1 : sparsityBf16Expected;
}

export const expectedOneStep: Expectation = {
  addends: 2,
  parts: ({ precision: { value } }) => value && oneStepParts(value),
  finish: exactRatio,
  ofPool: ({ precision: { value } }) => {
    const parts = value && oneStepParts(value);
    return parts && exactRatio(parts);
  },
};

function oneStepParts({ ulpHistogramExpected: bins, counts }: PrecisionMetrics): number[] | null {
  if (counts.rawChanged === 0) return [0, 0];
  return bins && [bins.one, histogramTotal(bins)];
}

export function histogramTotal(bins: UlpHistogram): number {
  const { one, two, threeToFour, fiveToEight, nineToSixteen, overSixteen, signFlips } = bins;
  return one + two + threeToFour + fiveToEight + nineToSixteen + overSixteen + signFlips;
}

/** Weighted by elements, as measured rotations are. */
export const expectedRotation: Expectation = {
  addends: 4,
  parts: ({ geometry: { value }, elements }) => {
    const range = value?.rotationMeanExpectedDeg ?? null;
    return (
      range && [
        range.mean * elements,
        ((range.mean - range.low) * elements) ** 2,
        ((range.high - range.mean) * elements) ** 2,
        elements,
      ]
    );
  },
  finish: ([weighted = 0, below = 0, above = 0, elements = 0]) => {
    if (!(elements > 0)) return null;
    const mean = weighted / elements;
    return spread(mean, Math.sqrt(below) / elements, Math.sqrt(above) / elements);
  },
  ofPool: (pool) => pool.geometry.value?.rotationMeanExpectedDeg ?? null,
  ofHalf: { besideOfPool: (pool) => pool.geometry.value?.besideNull?.rotationMeanDeg ?? null },
};

/** Squares are pooled, so a scatter h of a drift d weighs as d·h: half the scatter of d². */
export const expectedSpectralDrift: Expectation = {
  addends: 4,
  parts: ({ geometry: { value } }) => {
    const range = value?.spectralDriftTopKExpected ?? null;
    if (value === null || range === null) return null;
    const energy = value.sigmaNorm ** 2;
    return [
      range.mean ** 2 * energy,
      (range.mean * (range.mean - range.low) * energy) ** 2,
      (range.mean * (range.high - range.mean) * energy) ** 2,
      energy,
    ];
  },
  finish: ([squares = 0, below = 0, above = 0, energy = 0]) => {
    if (!(energy > 0)) return null;
    const mean = Math.sqrt(squares / energy);
    if (mean === 0) return exact(0);
    return spread(mean, Math.sqrt(below) / energy / mean, Math.sqrt(above) / energy / mean);
  },
  ofPool: (pool) => pool.geometry.value?.spectralDriftTopKExpected ?? null,
  ofHalf: { besideOfPool: (pool) => pool.geometry.value?.besideNull?.spectralDriftTopK ?? null },
};

function spread(mean: number, below: number, above: number): NullRange {
  return { mean, low: Math.max(0, mean - below), high: mean + above };
}

/** From counts, as the measured lift is: null wherever that is. */
export function expectedLift(
  set: 'principal' | 'lowMagnitude',
  pooled: 'principalLiftExpected' | 'lowMagnitudeLiftExpected',
): Expectation {
  return {
    addends: 5,
    parts: ({ geometry: { value } }) => value && liftParts(value.maskCounts, set),
    finish: ([inside = 0, size = 0, changedExpected = 0, changed = 0, elements = 0]) =>
      size > 0 && changedExpected > 0 && changed > 0 && changed < elements
        ? exact(inside / size / (changedExpected / elements))
        : null,
    ofPool: (pool) => exact(pool.geometry.value?.[pooled]),
  };
}

function liftParts(counts: MaskCounts, set: 'principal' | 'lowMagnitude'): number[] | null {
  const { size, changedExpected: inside } = counts[set];
  const { changed, changedExpected, elements } = counts;
  return inside === null || changedExpected === null
    ? null
    : [inside, size, changedExpected, changed, elements];
}

export const expectedEnergy: Expectation = {
  addends: 2,
  parts: ({ geometry: { value }, anchor }) => {
    const size = anchor.value?.deltaFrobenius;
    return value === null || size === undefined
      ? null
      : [value.principalEnergyExpected * size ** 2, size ** 2];
  },
  finish: exactRatio,
  ofPool: (pool) => exact(pool.geometry.value?.principalEnergyExpected),
};
