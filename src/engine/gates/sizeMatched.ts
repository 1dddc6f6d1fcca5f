// The size-matched null of what rounding decides: an update of independent N(0, s²) entries that has, after the rounding of the
// tuned side's storage, the energy that was measured (metric definitions, "The size-matched null").
//   u_e                  step of a storage at exponent e
//   E_e(s) = u_e² Σ_{j≥1} j²·P(|G| rounds to j steps) = u_e² Σ_{j≥1} (2j−1)·erfc((j−½)·u_e/(s√2))
//   s solves Σ_e h(e)·E_e(s) = ‖Δ‖²_F, h the base's exponent histogram; stored wider than bf16: s² = ‖Δ‖²_F/n
//   unchanged at e       erf(u_e/(2s√2)) where the base lies on the bf16 grid. Where it lies anywhere in its cell: the mean over
//                        the cell, erf(a) − (1 − e^(−a²))/(a√π) with a = u_e/(s√2). F16 takes steps of u_e/8, so that the edge
//                        of a cell is one of its values, half of which round to either side
import type { UlpHistogram } from '../../shared/report/metrics.ts';
import { erf, erfc, normalBelow } from './errorFunction.ts';

/** The values a side may take, as far as the null asks: those of bf16, of F16, or of something finer than both. */
export type ValueGrid = 'bf16' | 'f16' | 'wide';

/** `base`: what its values are, however they are stored. */
export interface PairStorage {
  base: ValueGrid;
  tuned: ValueGrid;
}

/** Elements by biased bf16 exponent, 256 bins. */
type ExponentHistogram = ArrayLike<number>;

/** Distance of two neighbouring bf16 values; zero and subnormals share that of the smallest normal exponent. */
function bf16Step(exponent: number): number {
  return 2 ** (Math.max(exponent, 1) - 134);
}

function f16Step(exponent: number): number {
  return 2 ** (Math.max(exponent - 127, -14) - 10);
}

/** s; 0 where Δ is no more than rounding. `energy` = ‖Δ‖²_F over the elements of the histogram. */
export function matchedScale(histogram: ExponentHistogram, energy: number, storage: PairStorage): number {
  const bins = binsOf(histogram);
  const elements = bins.reduce((sum, [, count]) => sum + count, 0);
  if (!(energy > 0) || elements === 0) return 0;
  if (storage.tuned === 'wide') return Math.sqrt(energy / elements);
  const step = storage.tuned === 'bf16' ? bf16Step : f16Step;
  const steps = bins.map(([exponent, count]): [number, number] => [step(exponent), count]);
  if (storage.base !== storage.tuned && storage.base !== 'bf16') {
    // Rounding adds its own u²/12 to whatever is stored.
    const rounding = steps.reduce((sum, [u, count]) => sum + (count * u * u) / 12, 0);
    return Math.sqrt(Math.max(0, energy - rounding) / elements);
  }
  const after = (s: number): number =>
    steps.reduce((sum, [u, count]) => sum + count * u * u * roundedEnergy(s / u), 0);
  return increasingRoot(after, energy, Math.sqrt(energy / elements));
}

/** Σ_{j≥1} (2j−1)·erfc((j−½)/(t√2)): E j² of a normal number of deviation t after rounding to whole steps. */
export function roundedEnergy(t: number): number {
  // By Poisson summation, what is left out is of the order of e^(−2π²t²).
  if (t > 1.4) return t * t + 1 / 12;
  let sum = 0;
  for (let j = 1; j < 60; j++) {
    const term = (2 * j - 1) * erfc((j - 0.5) / (t * Math.SQRT2));
    sum += term;
    if (term <= 1e-16 * sum) break;
  }
  return sum;
}

/** x with f(x) = value for an increasing f, by bisection in its logarithm. */
function increasingRoot(f: (x: number) => number, value: number, near: number): number {
  let [low, high] = [Math.log(near), Math.log(near)];
  while (f(Math.exp(low)) > value) low -= 1;
  while (f(Math.exp(high)) < value) high += 1;
  for (let step = 0; step < 34; step++) {
    const middle = (low + high) / 2;
    if (f(Math.exp(middle)) < value) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** Probability that an element of this exponent is unchanged in the bf16 view under N(0, s²). */
function unchangedShare(exponent: number, s: number, { base, tuned }: PairStorage): number {
  if (s === 0) return 1;
  const cell = bf16Step(exponent);
  const scaled = Math.SQRT2 * s;
  if (tuned === 'f16' && base !== 'wide') {
    const step = f16Step(exponent);
    if (step >= cell) return erf(step / (2 * scaled));
    return base === 'bf16'
      ? (erf((cell - step) / (2 * scaled)) + erf((cell + step) / (2 * scaled))) / 2
      : unchangedOnF16(Math.round(cell / step), step / scaled);
  }
  const a = cell / scaled;
  return base === 'bf16' ? erf(a / 2) : erf(a) + Math.expm1(-a * a) / (a * Math.sqrt(Math.PI));
}

/** Both sides on a grid of `parts` steps a cell: cells of even bf16 hold their edges, others do not. c = step/(s√2). */
function unchangedOnF16(parts: number, c: number): number {
  const half = parts / 2;
  let kept = 0;
  for (const reach of [half, half - 1]) {
    // Pairs of places in the cell that lie `apart` steps from each other.
    for (let apart = 0; apart <= 2 * reach; apart++) {
      const pairs = (apart === 0 ? 1 : 2) * (2 * reach + 1 - apart);
      kept += (pairs * (erf((apart + 0.5) * c) - erf((apart - 0.5) * c))) / 2;
    }
  }
  return kept / (2 * parts);
}

/** Elements of the histogram that are expected to change in the bf16 view. */
export function expectedChanged(histogram: ExponentHistogram, s: number, storage: PairStorage): number {
  return binsOf(histogram).reduce(
    (sum, [exponent, count]) => sum + count * (1 - unchangedShare(exponent, s, storage)),
    0,
  );
}

/** Mantissas that stand for all 128 of an exponent, and places within a cell for a base off the grid. */
const mantissas = 16;
const places = [-7, -5, -3, -1, 1, 3, 5, 7].map((place) => place / 16);
/** Most steps of the bins up to sixteen. */
const edges = [1, 2, 4, 8, 16] as const;
/** Half of it is beyond eight standard deviations. */
const mostTimes = 16;

/** Expected elements by bf16 steps between the two views, the bins of `UlpHistogram`. */
export function expectedSteps(histogram: ExponentHistogram, s: number, storage: PairStorage): UlpHistogram {
  const beyondOne = [0, 0, 0, 0, 0, 0];
  if (s > 0) {
    for (const [exponent, count] of binsOf(histogram)) {
      // A step this many times s is not taken.
      if (storage.base === 'bf16' && bf16Step(exponent) > mostTimes * s) continue;
      const offsets = storage.base === 'bf16' ? [0] : places;
      const weight = count / (mantissas * offsets.length);
      // Values of F16 at the edge of a cell round to either side of it.
      const blur = storage.tuned === 'f16' ? f16Step(exponent) / 2 : 0;
      for (let i = 0; i < mantissas; i++) {
        const rank = exponent * 128 + (exponent === 0 ? 0 : (i + 0.5) * (128 / mantissas) - 0.5);
        for (const offset of offsets)
          addSteps(beyondOne, { rank: Math.floor(rank), offset, weight }, s, blur);
      }
    }
  }
  // Small steps are most sensitive to where in its cell an element lies: what changes at all is known exactly.
  const changed = expectedChanged(histogram, s, storage);
  const farther = beyondOne.reduce((sum, count) => sum + count, 0);
  const one = Math.max(0, changed - farther);
  const [two = 0, threeToFour = 0, fiveToEight = 0, nineToSixteen = 0, overSixteen = 0, signFlips = 0] =
    beyondOne;
  return { one, two, threeToFour, fiveToEight, nineToSixteen, overSixteen, signFlips };
}

/** Elements of one bf16 view, given by its rank; W lies `offset` steps from it. */
interface Viewed {
  rank: number;
  offset: number;
  /** How many. */
  weight: number;
}

/** Adds those that are expected to take two steps or more: the bins of `UlpHistogram` but for the first. */
function addSteps(beyondOne: number[], { rank, offset, weight }: Viewed, s: number, blur: number): void {
  const view = valueOf(rank);
  const w = view + offset * (valueOf(rank + 1) - view);
  const below = (value: number): number =>
    blur === 0
      ? normalBelow((value - w) / s)
      : (normalBelow((value - blur - w) / s) + normalBelow((value + blur - w) / s)) / 2;
  const flipped = w <= 0 ? 0.5 : below(0);
  let inner = 0;
  for (const [index, edge] of edges.entries()) {
    const top = (valueOf(rank + edge) + valueOf(rank + edge + 1)) / 2;
    const least = rank - edge - 1;
    const bottom = least < 0 ? 0 : (valueOf(least) + valueOf(least + 1)) / 2;
    const within = below(top) - (bottom === 0 ? flipped : below(bottom));
    if (index > 0) beyondOne[index - 1]! += weight * (within - inner);
    inner = within;
  }
  beyondOne[4]! += weight * (1 - flipped - inner);
  beyondOne[5]! += weight * flipped;
}

/** The bf16 of this rank: the value whose bits it is. */
function valueOf(rank: number): number {
  const exponent = rank >> 7;
  const mantissa = (rank & 127) / 128;
  return exponent === 0 ? mantissa * 2 ** -126 : (1 + mantissa) * 2 ** (exponent - 127);
}

function binsOf(histogram: ExponentHistogram): [exponent: number, count: number][] {
  const bins: [number, number][] = [];
  for (let exponent = 0; exponent < histogram.length; exponent++) {
    const count = histogram[exponent]!;
    if (count > 0) bins.push([exponent, count]);
  }
  return bins;
}
