// A packed pair of bf16 matrices against the same pair as float32: widening is exact, and no number of Gate II changes by
// a bit. Very tall matrices are never widened as a whole.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  analyzeMatrix,
  type GeometryEngine,
  type GeometryOptions,
  type MatrixPair,
  type MeasuredMatrix,
} from '../../../src/engine/gates/geometry.ts';
import { areEqual, sourcesOfSides, type MatrixSides } from '../../../src/engine/gates/matrixSides.ts';
import { layoutOf } from '../../../src/engine/linalg/layout.ts';
import { rowSource } from '../../../src/engine/linalg/rowSource.ts';
import { geometryEngine, geometryOptions, linalgKernels, matrixPair } from '../../support/geometryEngine.ts';
import { hashWeights, stepWeights } from '../../support/hashMatrix.ts';
import { packPair } from '../../support/packPair.ts';

/** Every bf16, against a shuffled order of all of them. */
function everyBf16(): { words: Uint32Array; base: Uint32Array; tuned: Uint32Array } {
  const count = 1 << 16;
  const base = Uint32Array.from({ length: count }, (_, i) => i << 16);
  const tuned = Uint32Array.from({ length: count }, (_, i) => (Math.imul(i, 40_503) + 7) << 16);
  return { words: base.map((bits, i) => ((tuned[i] ?? 0) | (bits >>> 16)) >>> 0), base, tuned };
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length).slice();
}

describe('a packed pair', () => {
  const { widener } = linalgKernels();

  it('widens to every bf16 of either side, from any element to any', () => {
    const { words, base, tuned } = everyBf16();
    // 16 times as tall as wide: read in panels.
    const sources = sourcesOfSides(widener, { packed: words }, layoutOf(1024, 64, 16, true));
    for (const [from, to] of [
      [0, words.length],
      [3, 8],
      [16_381, 49_158],
      [65_535, 65_536],
    ] as const) {
      assert.deepEqual(bitsOf(sources.base.elements(from, to)), base.slice(from, to));
      assert.deepEqual(bitsOf(sources.tuned.elements(from, to)), tuned.slice(from, to));
    }
    assert.equal(sources.base.length, words.length);
  });

  it('stays as it is while its sides are read, and so do its neighbours', () => {
    const { words, base, tuned } = everyBf16();
    const shared = new Uint32Array(words.length + 2).fill(5);
    shared.set(words, 1);
    const sources = sourcesOfSides(widener, { packed: shared.subarray(1, -1) }, layoutOf(256, 256, 16, true));
    assert.deepEqual(bitsOf(sources.base.elements(0, words.length)), base);
    assert.deepEqual(bitsOf(sources.tuned.elements(0, words.length)), tuned);
    const whole = new Float32Array(words.length + 2).fill(7);
    sources.base.copyTo(whole.subarray(1, -1), 0, words.length);
    assert.deepEqual(bitsOf(whole.subarray(1, -1)), base);
    assert.deepEqual([whole[0], whole.at(-1)], [7, 7]);
    assert.deepEqual([...shared], [5, ...words, 5]);
  });

  it('gives the difference, rounded to float32, of a very tall pair in its own memory', () => {
    for (const [rows, columns] of [
      [1024, 64],
      [256, 256],
    ] as const) {
      const { words, base, tuned } = everyBf16();
      const [left, right] = [new Float32Array(base.buffer), new Float32Array(tuned.buffer)];
      const expected = Float32Array.from(left, (weight, i) => (right[i] ?? 0) - weight);
      const layout = layoutOf(rows, columns, 16, true);
      const found = sourcesOfSides(widener, { packed: words }, layout).takeDifference();
      const isInPlace = found instanceof Float32Array && found.buffer === words.buffer;
      assert.equal(isInPlace, rows > columns);
      const values = rowSource(found).elements(0, words.length);
      // Bits of a NaN are nobody's business.
      const same = values.every((value, i) => Object.is(value, expected[i]));
      assert.ok(same, `${rows} × ${columns}`);
    }
  });

  it('is equal where its values are: in every bit, or as zeros of either sign', () => {
    const [one, zero, negativeZero, least] = [0x3f80, 0, 0x8000, 0x0001];
    const word = (base: number, tuned: number): number => ((tuned << 16) | base) >>> 0;
    const equal = [word(one, one), word(zero, zero), word(zero, negativeZero), word(negativeZero, zero)];
    assert.equal(areEqual({ packed: Uint32Array.from(equal) }), true);
    for (const [base, tuned] of [
      [one, one | negativeZero],
      [zero, least],
      [least, zero],
    ] as const) {
      assert.equal(areEqual({ packed: Uint32Array.from([...equal, word(base, tuned)]) }), false);
    }
  });

  it('takes half the memory of float32 only where panels suffice', () => {
    const bytesOf = (isPacked: boolean, rows: number, columns: number): number => {
      const { sidesBytes, widenedBytes } = layoutOf(rows, columns, 128, isPacked);
      return sidesBytes + widenedBytes;
    };
    assert.equal(bytesOf(true, 151_936, 1536), 4 * 151_936 * 1536);
    assert.equal(bytesOf(true, 8960, 1536), 8 * 8960 * 1536);
    assert.equal(bytesOf(true, 1536, 151_936), 8 * 151_936 * 1536);
    assert.equal(bytesOf(false, 151_936, 1536), 8 * 151_936 * 1536);
  });
});

describe('Gate II of a packed pair', () => {
  let engine: GeometryEngine;
  before(async () => {
    engine = await geometryEngine('native');
  });
  after(() => engine.gemm.close());

  const measure = async (
    rows: number,
    columns: number,
    options: GeometryOptions,
  ): Promise<Record<'single' | 'packed' | 'kept', MeasuredMatrix | null> & { widest: number }> => {
    const base = hashWeights(rows, columns, 7);
    const tuned = stepWeights(base, rows, columns, 0.25, 11);
    const words = packPair(base, tuned);
    let widest = 0;
    const { widener } = engine;
    const watched = linalgKernels();
    Object.assign(watched.widener, {
      widen(...[part, what, target]: Parameters<typeof widener.widen>) {
        if (what !== 'difference') widest = Math.max(widest, part.length);
        widener.widen(part, what, target);
      },
    });
    const storage = { base: 'bf16', tuned: 'bf16' } as const;
    const pairOf = (sides: MatrixSides): MatrixPair => matrixPair(sides, [rows, columns], storage);
    const packed = await analyzeMatrix(pairOf({ packed: words }), options, { ...engine, ...watched });
    // In memory that another was measured in.
    const kept = await analyzeMatrix(pairOf({ packed: packPair(base, tuned) }), options, engine);
    const single = await analyzeMatrix(pairOf({ base, tuned }), options, engine);
    return { single, packed, kept, widest };
  };

  // By a formed Gram matrix, by the whole spectrum, and by a Krylov space of the matrix itself.
  for (const [rows, columns, fullSpectrum] of [
    [8500, 531, true],
    [15_000, 80, false],
    [600, 530, false],
    [530, 640, false],
  ] as const) {
    it(`gives the bits of float32 at ${rows} × ${columns}`, async () => {
      const options = { ...geometryOptions, fullSpectrum };
      const { single, packed, kept, widest } = await measure(rows, columns, options);
      assert.ok(single !== null && single.metrics.spectralDriftTopK !== 0);
      assert.deepEqual(packed, single);
      assert.deepEqual(kept, single);
      assert.equal(widest < rows * columns, rows >= 16 * columns, `${widest} elements at once`);
    });
  }

  it('answers null for equal sides', async () => {
    const base = hashWeights(1700, 100, 7);
    const pair = matrixPair({ packed: packPair(base, base) }, [1700, 100], null);
    assert.equal(await analyzeMatrix(pair, geometryOptions, engine), null);
  });
});
