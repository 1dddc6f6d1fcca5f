// Randomised: whatever bits come, in whatever shape and at whatever address, the kernels count what the scalar reference
// counts. Chunks are made both smaller and larger than what the bf16 kernel takes, and of many slabs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cut } from '../../../src/engine/kernels/chunkPlan.ts';
import type { ChunkTotals } from '../../../src/engine/kernels/chunkTotals.ts';
import { Kernels } from '../../../src/engine/kernels/kernels.ts';
import { PairComparer } from '../../../src/engine/kernels/pairComparer.ts';
import type { SideSource } from '../../../src/engine/kernels/storage.ts';
import { referenceTotals } from './reference.ts';
import { assertClose, dist } from './streamed.ts';

const kernels = new Kernels(new WebAssembly.Module(readFileSync(join(dist, 'kernels.wasm'))));
const comparer = new PairComparer(kernels);

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
        const rows = Math.max(1, Math.round(drawn.elements / drawn.columns));
        const { base, tuned } = bf16Pair(drawn, rows * drawn.columns);
        const totals = compareChunk('BF16', rows, drawn.columns, drawn.eta, drawn.slab, base, tuned);
        assertAlike(totals, widened(base), widened(tuned), drawn.columns, drawn.eta);
      }),
      { numRuns: 80, seed: 20_251_108 },
    );
  });

  it('counts any float32 pair alike', () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const rows = Math.max(1, Math.round(drawn.elements / 4 / drawn.columns));
        const random = generator(drawn.seed);
        const { base, tuned } = bf16Pair(drawn, rows * drawn.columns);
        const left = widened(base).map((value) => value * (1 + random() * 2 ** -7));
        const right = widened(tuned).map((value, i) =>
          random() < 0.3 ? left[i]! * (1 + random() * 2 ** -9) : value,
        );
        const totals = compareChunk('F32', rows, drawn.columns, drawn.eta, drawn.slab, left, right);
        assertAlike(totals, left, right, drawn.columns, drawn.eta);
      }),
      { numRuns: 40, seed: 20_251_109 },
    );
  });

  it('keeps nothing of a chunk that was given up half-way', () => {
    const drawn = { seed: 5, columns: 64, kind: 'steps', lowest: 110, spread: 12 } as const;
    const { base, tuned } = bf16Pair(drawn, 40_000 - (40_000 % 64));
    const rows = base.length / 64;
    const first = compareChunk('BF16', rows, 64, 1e-3, 4096, base, tuned);
    let reads = 0;
    assert.throws(
      () =>
        compareChunk('BF16', rows, 64, 1e-3, 4096, base, tuned, () => {
          reads++;
          if (reads > 6) throw new Error('cut off');
        }),
      /cut off/,
    );
    assert.deepEqual(compareChunk('BF16', rows, 64, 1e-3, 4096, base, tuned), first);
  });
});

function compareChunk(
  dtype: 'BF16' | 'F32',
  rows: number,
  columns: number,
  eta: number,
  slab: number,
  base: Uint16Array | Float32Array,
  tuned: Uint16Array | Float32Array,
  onRead = (): void => undefined,
): ChunkTotals {
  const data = { base, tuned };
  const side = (file: keyof typeof data): SideSource => {
    return { file, tensor: 'weight', offset: 0, dtype, width: data[file].BYTES_PER_ELEMENT, scale: null };
  };
  const area = { firstRow: 0, rows, firstColumn: 0, columns };
  const grid = { rows, columns, isMatrix: true };
  const chunk = { base: side('base'), tuned: side('tuned'), grid, area, eta };
  const read = (source: { file: string }, offset: number, target: Uint8Array): void => {
    onRead();
    const { buffer, byteOffset } = data[source.file as keyof typeof data];
    target.set(new Uint8Array(buffer, byteOffset + offset, target.length));
  };
  comparer.begin(chunk, read);
  for (const piece of cut(area, slab)) comparer.compare(chunk, piece, read);
  return comparer.finish(chunk);
}

function assertAlike(
  totals: ChunkTotals,
  base: Float32Array,
  tuned: Float32Array,
  columns: number,
  eta: number,
): void {
  const expected = referenceTotals(base, tuned, columns, eta);
  assert.deepEqual(totals.counts, expected.counts);
  assertClose(totals.sumSquaresBase, expected.sumSquaresBase, 'sumSquaresBase');
  assertClose(totals.sumSquaresDelta, expected.sumSquaresDelta, 'sumSquaresDelta');
  assert.equal(totals.maxAbsDelta, expected.maxAbsDelta);
  assert.deepEqual(nonZero(totals.exponents, 0), expected.exponents);
  const { deltas } = totals;
  assert.deepEqual(deltas ? nonZero(deltas.counts, deltas.first) : new Map(), expected.deltaCounts);
  const energy = deltas?.energies.reduce((sum, part) => sum + part, 0) ?? 0;
  assertClose(energy, expected.sumSquaresDelta, 'deltaEnergies');
  assert.deepEqual([...(totals.rowChanged ?? [])], expected.rowChanged);
  assert.deepEqual([...(totals.columnChanged ?? [])], expected.columnChanged);
}

function nonZero(counts: Uint32Array, first: number): Map<number, number> {
  return new Map(
    [...counts.entries()].filter(([, count]) => count > 0).map(([i, count]) => [first + i, count]),
  );
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

function widened(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (value) => value << 16).buffer);
}

/** Uniform in [0, 1): a linear congruential generator modulo 2³². */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
