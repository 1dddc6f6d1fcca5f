// What the randomised kernel tests share: one chunk compared slab by slab in kernel memory, and held against the scalar
// reference.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cut } from '../../../src/engine/kernels/chunkPlan.ts';
import type { ChunkTotals } from '../../../src/engine/kernels/chunkTotals.ts';
import { Kernels } from '../../../src/engine/kernels/kernels.ts';
import { PairComparer } from '../../../src/engine/kernels/pairComparer.ts';
import type { SideSource } from '../../../src/engine/kernels/storage.ts';
import { referenceTotals } from './reference.ts';
import { assertClose, dist } from './streamed.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

const kernels = new Kernels(new WebAssembly.Module(readFileSync(join(dist, 'kernels.wasm'))));
const comparer = new PairComparer(kernels);

/** Bits of a bf16 or values of a float32 side. */
type Elements = Uint16Array | Float32Array;

interface ChunkOptions {
  columns: number;
  eta: number;
  /** Elements of a slab. */
  slab: number;
  onRead?: () => void;
}

export function compareChunk(
  base: Elements,
  tuned: Elements,
  { columns, eta, slab, onRead }: ChunkOptions,
): ChunkTotals {
  const data = { base, tuned };
  const side = (file: keyof typeof data): SideSource => {
    const dtype: DtypeName = data[file] instanceof Float32Array ? 'F32' : 'BF16';
    return { file, tensor: 'weight', offset: 0, dtype, width: data[file].BYTES_PER_ELEMENT, scale: null };
  };
  const rows = base.length / columns;
  const area = { firstRow: 0, rows, firstColumn: 0, columns };
  const grid = { rows, columns, isMatrix: true, matrices: 1 };
  const chunk = { base: side('base'), tuned: side('tuned'), grid, area, eta };
  const read = (source: { file: string }, offset: number, target: Uint8Array): void => {
    onRead?.();
    const { buffer, byteOffset } = data[source.file as keyof typeof data];
    target.set(new Uint8Array(buffer, byteOffset + offset, target.length));
  };
  comparer.begin(chunk, read);
  for (const piece of cut(area, slab)) comparer.compare(chunk, piece, read);
  return comparer.finish(chunk);
}

/** Counts exactly, sums to 1e-12; also of the energies bin by bin. */
export function assertAlike(
  totals: ChunkTotals,
  base: Elements,
  tuned: Elements,
  { columns, eta }: ChunkOptions,
): void {
  const expected = referenceTotals(valuesOf(base), valuesOf(tuned), columns, eta);
  assert.deepEqual(totals.counts, expected.counts);
  assertClose(totals.sumSquaresBase, expected.sumSquaresBase, 'sumSquaresBase');
  assertClose(totals.sumSquaresDelta, expected.sumSquaresDelta, 'sumSquaresDelta');
  assert.equal(totals.maxAbsDelta, expected.maxAbsDelta);
  assert.deepEqual(nonZero(totals.exponents, 0), expected.exponents);
  const { deltas } = totals;
  assert.deepEqual(deltas ? nonZero(deltas.counts, deltas.first) : new Map(), expected.deltaCounts);
  for (const [bin, energy] of expected.deltaEnergies) {
    assertClose(deltas?.energies[bin - deltas.first] ?? Number.NaN, energy, `energy of bin ${bin}`);
  }
  assert.deepEqual([...(totals.rowChanged ?? [])], expected.rowChanged);
  assert.deepEqual([...(totals.columnChanged ?? [])], expected.columnChanged);
}

function nonZero(counts: Uint32Array, first: number): Map<number, number> {
  return new Map(
    [...counts.entries()].filter(([, count]) => count > 0).map(([i, count]) => [first + i, count]),
  );
}

function valuesOf(elements: Elements): Float32Array {
  return elements instanceof Float32Array ? elements : widened(elements);
}

export function widened(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (value) => value << 16).buffer);
}

/** Uniform in [0, 1): a linear congruential generator modulo 2³². */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
