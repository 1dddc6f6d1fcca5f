// Randomised: whatever bits come, in whatever shape and at whatever address, the kernels count what the scalar reference
// counts. Chunks are made both smaller and larger than what the bf16 kernel takes, and of many slabs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertAlike, compareChunk, generator, widened } from './chunks.ts';

/** How the tuned bits come from the base's. */
const kinds = ['unrelated', 'steps', 'far', 'mostlyEqual', 'flips', 'equal'] as const;

const pairs = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  columns: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 200, max: 1500 })),
  elements: fc.constantFrom(60, 3000, 40_000),
  kind: fc.constantFrom(...kinds),
  /** Exponents of the base: 255 makes NaN and infinity part of it. */
  lowest: fc.integer({ min: 0, max: 240 }),
  spread: fc.integer({ min: 1, max: 30 }),
  slab: fc.constantFrom(1000, 5000, 131_072),
  eta: fc.constantFrom(0, 1e-3, 2 ** -8 * 0.999, 2 ** -8, 0.03),
});

describe('kernels against the scalar reference', () => {
  it('counts any bf16 pair alike', () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const { base, tuned } = bf16Pair(drawn, elementsOf(drawn));
        assertAlike(compareChunk(base, tuned, drawn), base, tuned, drawn);
      }),
      { numRuns: 80, seed: 20_251_108 },
    );
  });

  it('counts rows of any length alike, with few or many pairs that are far apart', () => {
    for (const columns of [8191, 8192, 8193, 16_400, 20_011]) {
      for (const kind of ['far', 'flips', 'unrelated', 'mostlyEqual'] as const) {
        // The first rows stay within the table of pairs, the others hold zeros, infinities and NaN as well.
        const calm = bf16Pair({ seed: columns, kind: 'mostlyEqual', lowest: 110, spread: 12 }, 2 * columns);
        const wild = bf16Pair({ seed: columns, kind, lowest: 226, spread: 30 }, 3 * columns);
        const [base, tuned] = (['base', 'tuned'] as const).map((side) =>
          Uint16Array.from([...calm[side], ...wild[side], ...calm[side]]),
        ) as [Uint16Array, Uint16Array];
        const options = { columns, eta: 1e-3, slab: 65_536 };
        assertAlike(compareChunk(base, tuned, options), base, tuned, options);
      }
    }
  });

  it('counts any float32 pair alike', () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const random = generator(drawn.seed);
        const bits = bf16Pair(drawn, elementsOf(drawn));
        const base = widened(bits.base).map((value) => value * (1 + random() * 2 ** -7));
        const tuned = widened(bits.tuned).map((value, i) =>
          random() < 0.3 ? base[i]! * (1 + random() * 2 ** -9) : value,
        );
        assertAlike(compareChunk(base, tuned, drawn), base, tuned, drawn);
      }),
      { numRuns: 80, seed: 20_251_109 },
    );
  });

  it('counts any pair of bf16 and float32 alike', () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const { base, tuned: bits } = bf16Pair(drawn, elementsOf(drawn));
        const random = generator(drawn.seed);
        const tuned = widened(bits).map((value) => (random() < 0.5 ? value : value * (1 + random() * 1e-3)));
        assertAlike(compareChunk(base, tuned, drawn), base, tuned, drawn);
      }),
      { numRuns: 30, seed: 20_251_110 },
    );
  });

  it('keeps nothing of a chunk that was given up half-way', () => {
    const drawn = { seed: 5, columns: 64, kind: 'steps', lowest: 110, spread: 12 } as const;
    const { base, tuned } = bf16Pair(drawn, 40_000 - (40_000 % 64));
    const options = { columns: 64, eta: 1e-3, slab: 4096 };
    for (const widen of [false, true]) {
      const [left, right] = widen ? [widened(base), widened(tuned)] : [base, tuned];
      const first = compareChunk(left, right, options);
      let reads = 0;
      const onRead = (): void => {
        reads++;
        if (reads > 6) throw new Error('cut off');
      };
      assert.throws(() => compareChunk(left, right, { ...options, onRead }), /cut off/);
      assert.deepEqual(compareChunk(left, right, options), first);
    }
  });
});

/** Whole rows. */
function elementsOf({ elements, columns }: { elements: number; columns: number }): number {
  return Math.max(1, Math.round(elements / columns)) * columns;
}

function bf16Pair(
  drawn: { seed: number; kind: (typeof kinds)[number]; lowest: number; spread: number },
  elements: number,
): { base: Uint16Array; tuned: Uint16Array } {
  const random = generator(drawn.seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const bits = (): number =>
    (below(2) << 15) | (Math.min(255, drawn.lowest + below(drawn.spread)) << 7) | below(128);
  const base = Uint16Array.from({ length: elements }, () => (random() < 0.01 ? below(2) << 15 : bits()));
  const tuned = base.map((from) => {
    switch (drawn.kind) {
      case 'unrelated':
        return bits();
      case 'steps':
        return from + below(9) - 4;
      case 'far':
        return from + below(400) - 200;
      case 'mostlyEqual':
        return random() < 0.05 ? from + 1 : from;
      case 'flips':
        return random() < 0.1 ? from ^ 0x8000 : from;
      case 'equal':
        return from;
    }
  });
  return { base, tuned };
}
