// What the float32 kernel can get wrong: values that are not plain, in every lane and beside every other; roundings and
// thresholds met exactly; widths that are no multiple of anything; more rows than a column's counter holds.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertAlike, compareChunk, generator } from './chunks.ts';

const eta = 1e-3;
const slab = 1 << 14;

/** Bit patterns; the comments name the bf16 view. */
const specials = [
  0x00000000,
  0x80000000,
  0x00000001, // zero
  0x80007fff, // zero
  0x00008000, // zero, by a tie
  0x00018000, // subnormal, by a tie
  0x007f7fff, // the largest subnormal
  0x007f8000, // the smallest normal, by a tie
  0x807fffff, // the smallest normal
  0x00800000,
  0x3f800000,
  0x3f808000, // 1, by a tie
  0x3f808001, // a step above 1
  0x3f818000, // two steps above 1, by a tie
  0xbf800000,
  0x3fff7fff, // the last before 2
  0x3fff8000, // 2, by a tie
  0x40000000,
  0x3727c5ac, // the float32 just below 1e-5
  0x3727c5ad,
  0xaaa8e40c, // −3e-13: from it to the one below 1e-5 is more than 1e-5, though not in float32
  0xaa612cbd, // −2e-13: still less
  0x7f7f7fff, // the largest finite
  0xff7f7fff,
  0x7f7f8000, // infinite, by a tie
  0xff7fffff, // infinite
  0x7f800000,
  0xff800000,
  0x7f800001, // a NaN that would be truncated to infinity
  0x7fffffff, // NaNs that would be rounded to zero
  0xffffffff,
];

describe('float32 kernel', () => {
  it('takes any two special values in any lane', () => {
    const pairs = specials.flatMap((left) => specials.map((right) => [left, right] as const));
    const columns = 257;
    const rows = Math.ceil((pairs.length * 16 * 3) / columns);
    const { base, tuned } = nearPair(rows * columns, 1);
    const [leftBits, rightBits] = [new Uint32Array(base.buffer), new Uint32Array(tuned.buffer)];
    for (const [i, [left, right]] of pairs.entries()) {
      for (let lane = 0; lane < 16; lane++) {
        const at = 3 * (16 * i + lane);
        leftBits[at] = left;
        rightBits[at] = right;
      }
    }
    const options = { columns, eta, slab };
    const totals = compareChunk(base, tuned, options);
    assert.ok(totals.counts.nonFinite > 1000 && totals.counts.hidden > 1000 && totals.counts.one > 1000);
    assertAlike(totals, base, tuned, options);
  });

  it('rounds each neighbourhood of a bf16 value as the definition does', () => {
    const columns = 1024;
    const around = [-0x8001, -0x8000, -0x7fff, -1, 0, 1, 0x7fff, 0x8000, 0x8001];
    const bits = Uint32Array.from({ length: 64 * columns }, (_, i) => {
      const view = 0x3c00 + Math.floor(i / around.length ** 2);
      return (view << 16) + around[i % around.length]!;
    });
    const others = bits.map((_, i) => {
      const view = 0x3c00 + Math.floor(i / around.length ** 2);
      return (view << 16) + around[Math.floor(i / around.length) % around.length]!;
    });
    const [base, tuned] = [new Float32Array(bits.buffer), new Float32Array(others.buffer)];
    const options = { columns, eta, slab };
    assertAlike(compareChunk(base, tuned, options), base, tuned, options);
  });

  for (const columns of [15, 16, 17, 31, 33, 255, 256, 257, 511, 40_001]) {
    it(`counts rows of ${columns}`, () => {
      const { base, tuned } = nearPair(columns * Math.ceil(40_000 / columns), columns);
      // Zeros and an infinity at the end of the rows, where lanes beyond it begin.
      for (let end = columns; end <= base.length; end += columns) {
        base[end - 1] = 0;
        if (end % 2 === 0) tuned[end - 1] = 0;
        if (end % 3 === 0) tuned[end - 2] = Number.POSITIVE_INFINITY;
      }
      const options = { columns, eta, slab };
      assertAlike(compareChunk(base, tuned, options), base, tuned, options);
    });
  }

  it('is right on both sides of what changes for η', () => {
    const { base } = nearPair(40_960, 7);
    const tuned = base.map((value, i) => value * (1 + (i % 3) * 2 ** -8));
    for (const limit of [0, 2 ** -9, 2 ** -8 * (1 - 2 ** -52), 2 ** -8, 2 ** -7]) {
      const options = { columns: 64, eta: limit, slab };
      assertAlike(compareChunk(base, tuned, options), base, tuned, options);
    }
  });

  it('counts columns of more rows than 16 bits', () => {
    const columns = 16;
    const rows = 70_000;
    const base = new Float32Array(rows * columns).fill(1);
    const tuned = base.map((value, i) => (i % columns === 3 || i === 5 ? 2 * value : value));
    const totals = compareChunk(base, tuned, { columns, eta, slab: 1 << 17 });
    const wanted = Array.from({ length: columns }, (_, i) => (i === 3 ? rows : i === 5 ? 1 : 0));
    assert.deepEqual([...(totals.columnChanged ?? [])], wanted);
    assert.equal(totals.counts.rawChanged, rows + 1);
    assert.equal(totals.counts.one + totals.counts.overSixteen, rows + 1);
    assert.deepEqual(
      [...totals.exponents.entries()].filter(([, count]) => count > 0),
      [[127, rows * columns]],
    );
  });
});

/** Weights, and the same after small steps, larger ones and sign changes. */
function nearPair(elements: number, seed: number): { base: Float32Array; tuned: Float32Array } {
  const random = generator(seed);
  const base = Float32Array.from(
    { length: elements },
    () => 0.05 * (random() + random() - random() - random()),
  );
  const tuned = base.map((value, i) => {
    if (i % 5 === 0) return value;
    if (i % 97 === 0) return -value;
    return value + (i % 11 === 0 ? 1e-2 : 1e-5) * (random() - 0.5);
  });
  return { base, tuned };
}
