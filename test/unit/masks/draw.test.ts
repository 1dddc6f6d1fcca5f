// The draw behind a random mask: exact in number, the same for a seed, and uniform over the places and their pairs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { draw } from '../../../src/engine/masks/randomMask.ts';

function drawn(elements: number, wanted: number, seed: number, name = 'w'): Uint8Array {
  const out = new Uint8Array(elements);
  draw(out, wanted, seed, name);
  return out;
}

const ones = (mask: Uint8Array): number => mask.reduce((sum, byte) => sum + byte, 0);

describe('draw', () => {
  it('takes exactly as many as are wanted, none and all included', () => {
    for (const elements of [1, 2, 7, 1000, 65_537]) {
      for (const wanted of [0, 1, elements >> 1, elements - 1, elements]) {
        assert.equal(ones(drawn(elements, wanted, 3)), wanted, `${wanted} of ${elements}`);
      }
    }
    assert.throws(() => drawn(3, 4, 1), /3 elements, 4 were asked for/);
  });

  it('depends on the seed and the name alone', () => {
    assert.deepEqual(drawn(5000, 2000, 7), drawn(5000, 2000, 7));
    assert.notDeepEqual(drawn(5000, 2000, 7), drawn(5000, 2000, 8));
    assert.notDeepEqual(drawn(5000, 2000, 7), drawn(5000, 2000, 7, 'v'));
  });

  it('favours no place: chi-square over 64 strata of a large tensor', () => {
    const [elements, wanted, strata] = [1 << 20, 300_000, 64];
    const mask = drawn(elements, wanted, 20_251_108);
    const size = elements / strata;
    // Counts are hypergeometric: the variance of each is that of a binomial, less what is fixed.
    const variance = (wanted / strata) * (1 - wanted / elements);
    let chi = 0;
    for (let at = 0; at < elements; at += size) {
      chi += (ones(mask.subarray(at, at + size)) - wanted / strata) ** 2 / variance;
    }
    // 0.1 % and 99.9 % of chi-square with 63 degrees of freedom, by scipy.stats.chi2.ppf.
    assert.ok(chi > 33.9 && chi < 103.5, `chi-square ${chi}`);
  });

  it('favours no set: all 20 choices of 3 from 6 come equally often over 20,000 seeds', () => {
    const counts = new Map<string, number>();
    const seeds = 20_000;
    for (let seed = 0; seed < seeds; seed++) {
      const key = drawn(6, 3, seed).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    assert.equal(counts.size, 20);
    const mean = seeds / 20;
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    // 0.1 % and 99.9 % with 19 degrees of freedom.
    assert.ok(chi > 5.4 && chi < 43.9, `chi-square ${chi}`);
  });
});
