// The size-matched null against Monte Carlo by numpy (test/fixtures/sizeMatched): what rounding decides within 1 %, mean rotation
// and drift within 5 % where s(√m+√n) ≤ 0.1·σ_k and within 15 % up to σ_k.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { erf, erfc, normalBelow } from '../../../src/engine/gates/errorFunction.ts';
import { drawNull, rangeOf, type Spectrum } from '../../../src/engine/gates/nullGeometry.ts';
import {
  expectedChanged,
  expectedSteps,
  matchedScale,
  roundedEnergy,
  type PairStorage,
} from '../../../src/engine/gates/sizeMatched.ts';
import { DenseKernels } from '../../../src/engine/linalg/denseKernels.ts';

interface RoundingCase {
  storage: PairStorage;
  scale: number;
  elements: number;
  histogram: Record<string, number>;
  large: Record<string, number>;
  small: Record<string, number>;
  energy: number;
  unchanged: number;
  changedInLarge: number;
  changedInSmall: number;
  steps: number[];
}

interface GeometryCase {
  name: string;
  rows: number;
  columns: number;
  rank: number;
  sigma: number[];
  relative: number;
  energy: number;
  leftDeg: number;
  rightDeg: number;
  drift: number;
  /** Standard deviation over the mean of one draw of each. */
  scatter: [number, number, number];
}

const file = new URL('../../fixtures/sizeMatched/expected.json', import.meta.url);
const fixture = JSON.parse(readFileSync(file, 'utf8')) as {
  rounding: RoundingCase[];
  geometry: GeometryCase[];
};

function bins(of: Record<string, number>): Float64Array {
  const counts = new Float64Array(256);
  for (const [exponent, count] of Object.entries(of)) counts[Number(exponent)] = count;
  return counts;
}

/** The reason in place of draws. */
function whyNone(found: ReturnType<typeof drawNull>): string {
  return typeof found === 'string' ? found : '';
}

function near(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, Monte Carlo ${expected}`);
}

describe('error function', () => {
  it('agrees with tables, also in the tail', () => {
    // Abramowitz & Stegun, table 7.1; erfc(5) and erfc(10) from mpmath.
    near(erf(0.5), 0.520_499_877_813_046_5, 1e-15, 'erf(0.5)');
    near(erf(1.99), 0.995_111_413_0, 1e-9, 'erf(1.99)');
    near(erf(-2), -0.995_322_265_018_952_7, 1e-15, 'erf(-2)');
    assert.ok(Math.abs(erfc(5) / 1.537_459_794_428_034_8e-12 - 1) < 1e-13);
    assert.ok(Math.abs(erfc(10) / 2.088_487_583_762_544_8e-45 - 1) < 1e-13);
    assert.equal(erfc(30), 0);
    assert.equal(normalBelow(0), 0.5);
  });

  it('sums the energy of rounded steps as its closed form does where both hold', () => {
    near(roundedEnergy(1.3999), 1.3999 ** 2 + 1 / 12, 1e-12, 't = 1.4');
    assert.equal(roundedEnergy(0.01), 0);
  });
});

describe('size-matched null of rounding', () => {
  for (const found of fixture.rounding) {
    const { storage, scale } = found;
    const base = `a base of ${storage.base}`;
    it(`finds shares, steps and members of sets for ${base}, tuned ${storage.tuned}, noise of ${scale}`, () => {
      const all = bins(found.histogram);
      const s = matchedScale(all, found.energy, storage);
      // Where rounding makes nearly all of the energy, the little that is left says nothing of s: shares must be right all the same.
      if (scale ** 2 * found.elements > 0.1 * found.energy) near(s / scale, 1, 0.01, 'scale');
      const share = (histogram: Float64Array): number =>
        expectedChanged(histogram, s, storage) / histogram.reduce((sum, count) => sum + count, 0);
      // One percent, or four standard errors of the Monte Carlo value where those are more.
      const tolerance = (value: number, elements: number): number =>
        Math.max(0.01 * value, 4 * Math.sqrt((value * (1 - value)) / (12 * elements)));
      const size = (of: Record<string, number>): number =>
        Object.values(of).reduce((sum, count) => sum + count, 0);
      near(1 - share(all), found.unchanged, tolerance(found.unchanged, found.elements), 'unchanged');
      near(
        share(bins(found.large)),
        found.changedInLarge,
        tolerance(found.changedInLarge, size(found.large)),
        'large',
      );
      near(
        share(bins(found.small)),
        found.changedInSmall,
        tolerance(found.changedInSmall, size(found.small)),
        'small',
      );
      const steps = Object.values(expectedSteps(all, s, storage));
      for (const [bin, count] of found.steps.entries()) {
        const share = count / found.elements;
        near(
          (steps[bin] ?? 0) / found.elements,
          share,
          Math.max(0.01 * (1 - found.unchanged), tolerance(share, found.elements)),
          `bin ${bin}`,
        );
      }
    });
  }

  it('expects nothing to change of an update of no size', () => {
    const storage: PairStorage = { base: 'bf16', tuned: 'bf16' };
    const histogram = bins({ 120: 1000 });
    assert.equal(matchedScale(histogram, 0, storage), 0);
    assert.equal(expectedChanged(histogram, 0, storage), 0);
    assert.deepEqual(Object.values(expectedSteps(histogram, 0, storage)), [0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('size-matched null of rotation and drift', () => {
  const dense = new DenseKernels(
    new WebAssembly.Module(readFileSync(new URL('../../../dist/linalg.wasm', import.meta.url))),
  );
  const spectrum = ({ rows, columns, sigma, rank }: GeometryCase): Spectrum => ({
    rows,
    columns,
    leading: Float64Array.from(sigma.slice(0, rank)),
    rest: sigma.slice(rank).map((value) => ({ square: value * value, count: 1 })),
  });
  for (const found of fixture.geometry) {
    it(`follows Monte Carlo on a matrix ${found.name} at s(√m+√n) = ${found.relative}·σ_k`, () => {
      const draws = drawNull(spectrum(found), found.energy, 20_251_108, dense);
      assert.ok(typeof draws !== 'string', typeof draws === 'string' ? draws : '');
      const limit = found.relative <= 0.1 ? 0.05 : 0.15;
      const size = Math.hypot(...found.sigma.slice(0, found.rank));
      const means = [
        rangeOf(draws.leftDeg).mean,
        rangeOf(draws.rightDeg).mean,
        rangeOf(draws.driftSquares.map((square) => Math.sqrt(square) / size)).mean,
      ];
      for (const [index, expected] of [found.leftDeg, found.rightDeg, found.drift].entries()) {
        // Both means scatter: 64 draws there, 16 here.
        const scatter = 2 * (found.scatter[index] ?? 0) * Math.sqrt(1 / 64 + 1 / 16);
        near((means[index] ?? 0) / expected, 1, limit + scatter, ['left', 'right', 'drift'][index] ?? '');
      }
    });
  }

  it('has a range that holds most single draws, and scatters as they do', () => {
    const found = fixture.geometry.find(({ name, relative }) => name === 'square' && relative === 0.02);
    assert.ok(found);
    const draws = drawNull(spectrum(found), found.energy, 1, dense);
    assert.ok(typeof draws !== 'string');
    const { mean, low, high } = rangeOf(draws.leftDeg);
    assert.ok(low < mean && mean < high);
    const scatter = (high - low) / (2 * 1.645 * mean);
    assert.ok(scatter > 0.5 * found.scatter[0] && scatter < 2 * found.scatter[0], `${scatter}`);
    assert.deepEqual(drawNull(spectrum(found), found.energy, 1, dense), draws);
    assert.notDeepEqual(drawNull(spectrum(found), found.energy, 2, dense), draws);
  });

  it('is not given where the theory ends, with the reason', () => {
    const found = fixture.geometry.find(({ relative }) => relative === 1);
    assert.ok(found);
    assert.match(whyNone(drawNull(spectrum(found), 1.05 * found.energy, 1, dense)), /too large/);
    const low = { ...spectrum(found), leading: new Float64Array(3) };
    assert.match(whyNone(drawNull(low, found.energy, 1, dense)), /independent directions/);
  });
});
