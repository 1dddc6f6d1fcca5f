// How straight single weights move over the steps of a run: R² of value against step, of a seeded sample.
import type { Linearity } from '../../shared/report/stepsDirection.ts';
import { NormalGenerator } from '../linalg/random.ts';

const sampledShare = 1000;
const fewest = 50;
/** arXiv 2601.04537 tells the share of weights above it. */
const straight = 0.7;

/** Positions of a tensor's sampled weights, ascending: one from each of as many equal stretches. */
export function samplePositions(name: string, elements: number): Float64Array {
  const count = Math.min(elements, Math.max(fewest, Math.ceil(elements / sampledShare)));
  const generator = new NormalGenerator(hashOf(name));
  return Float64Array.from({ length: count }, (_, stretch) => {
    const start = Math.floor((stretch * elements) / count);
    const end = Math.floor(((stretch + 1) * elements) / count);
    return start + Math.floor(generator.uniform() * (end - start));
  });
}

/** FNV-1a of the name's bytes. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

/** R² of each weight that moved, and how many others there were. */
export interface SampledWeights {
  r2: number[];
  neverMoved: number;
}

/**
 * @param samples per weight its value in the base and in every checkpoint
 * @param steps of the checkpoints; null leaves one out
 */
export function linearityOf(samples: Float64Array, steps: readonly (number | null)[]): SampledWeights | null {
  const places = [0, ...steps].flatMap((step, at) => (step === null ? [] : [{ step, at }]));
  if (places.length < 3) return null;
  const width = steps.length + 1;
  const mean = places.reduce((sum, { step }) => sum + step, 0) / places.length;
  const centred = places.map(({ step }) => step - mean);
  const spread = centred.reduce((sum, value) => sum + value * value, 0);
  const found: SampledWeights = { r2: [], neverMoved: 0 };
  for (let first = 0; first < samples.length; first += width) {
    const values = places.map(({ at }) => samples[first + at] ?? NaN);
    if (!values.every(Number.isFinite)) continue;
    if (values.every((value) => value === values[0])) {
      found.neverMoved += 1;
      continue;
    }
    const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    const product = values.reduce((sum, value, at) => sum + (value - middle) * (centred[at] ?? 0), 0);
    found.r2.push((product * product) / (spread * squares));
  }
  return found;
}

export function summarize({ r2, neverMoved }: SampledWeights): Linearity {
  const sampled = r2.length + neverMoved;
  if (r2.length === 0) return { sampled, neverMoved, medianR2: null, shareAbove: null };
  const sorted = Float64Array.from(r2).sort();
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  const above = r2.filter((value) => value > straight).length;
  return { sampled, neverMoved, medianR2: (low + high) / 2, shareAbove: above / r2.length };
}

const walks = 4001;

/** Median R² of random walks over these steps, from a fixed seed; null with fewer than two of them. */
export function medianOfWalks(steps: readonly (number | null)[]): number | null {
  const known = steps.filter((step) => step !== null);
  const generator = new NormalGenerator(1);
  const samples = Array.from({ length: walks }, () => {
    let [value, before] = [0, 0];
    const walk = known.map((step) => {
      value += Math.sqrt(Math.max(0, step - before)) * generator.normal();
      before = step;
      return value;
    });
    return [0, ...walk];
  });
  const found = linearityOf(Float64Array.from(samples.flat()), known);
  return found === null ? null : summarize(found).medianR2;
}
