// What the kernel tests share: pairs written to a scratch folder, streamed, and held against numpy's values.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { StoredTensor, TensorPair } from '../../../src/engine/checkpoint/checkpoint.ts';
import type { StreamTotals } from '../../../src/engine/kernels/tensorStreamer.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

export const dist = resolve('dist');

/** Expected values of one pair, as test/fixtures/kernels/generate.py writes them. */
export interface Expected {
  compared: number;
  nonFinite: number;
  changedBf16: number;
  rawChanged: number;
  hidden: number;
  unchangedAbs1e5: number;
  ulpHistogram: StreamTotals['ulpHistogram'];
  identical: boolean;
  sumSquaresBase: number;
  sumSquaresDelta: number;
  maxAbsDelta: number;
  baseExponents: Record<string, number>;
  deltaBins: number;
  deltaBinCounts: number;
  deltaBinEnergies: number;
  rowChanged: number[] | null;
  columnChanged: number[] | null;
  topPercentEnergy: number | null;
  absorbed: Record<string, number>;
  rowStripe?: number | null;
  columnStripe?: number | null;
}

export interface Case {
  name: string;
  shape: number[];
  eta: number;
  base: { dtype: DtypeName; data: string };
  tuned: { dtype: DtypeName; data: string };
  scales: ({ shape: number[]; data: string } | null)[] | null;
  expected: Expected;
}

export interface NanoTensor {
  name: string;
  shape: number[];
  offsets: [number, number];
  expected: Expected;
}

export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(join('test/fixtures/kernels', name), 'utf8'));
}

export function scratchFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'three-gate-kernels-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export function storedTensor(
  file: string,
  offset: number,
  dtype: DtypeName,
  shape: number[],
  bytes: number,
): StoredTensor {
  const elements = shape.reduce((product, size) => product * size, 1);
  return { name: 'weight', dtype, shape, elements, file, offset, bytes, scale: null };
}

export function pairOf(base: StoredTensor, tuned: StoredTensor): TensorPair {
  const { name, shape, elements } = base;
  return {
    name,
    tunedName: null,
    base,
    tuned,
    shape,
    elements,
    container: null,
    layer: null,
    module: 'other',
  };
}

/** Writes bytes at an odd offset, as tensors may lie in a file; returns them as a stored tensor. */
export function writeTensor(
  folder: string,
  file: string,
  dtype: DtypeName,
  shape: number[],
  data: Uint8Array,
): StoredTensor {
  const path = join(folder, file);
  const lead = 13;
  writeFileSync(path, Buffer.concat([Buffer.alloc(lead, 0xff), data, Buffer.alloc(5, 0xff)]));
  return storedTensor(path, lead, dtype, shape, data.length);
}

/** Counts exact, sums to 1e-12 relative. */
export function assertTotals(totals: StreamTotals, expected: Expected): void {
  const { compared, nonFinite, changedBf16, rawChanged, hidden, unchangedAbs1e5, ulpHistogram, identical } =
    expected;
  assert.deepEqual(
    {
      compared: totals.compared,
      nonFinite: totals.nonFinite,
      changedBf16: totals.changedBf16,
      rawChanged: totals.rawChanged,
      hidden: totals.hidden,
      unchangedAbs1e5: totals.unchangedAbs1e5,
      ulpHistogram: totals.ulpHistogram,
      identical: totals.identical,
    },
    { compared, nonFinite, changedBf16, rawChanged, hidden, unchangedAbs1e5, ulpHistogram, identical },
  );
  assert.deepEqual(nonZero(totals.baseExponents), expected.baseExponents);
  assertClose(totals.sumSquaresBase, expected.sumSquaresBase, 'sumSquaresBase');
  assertClose(totals.sumSquaresDelta, expected.sumSquaresDelta, 'sumSquaresDelta');
  assert.equal(totals.maxAbsDelta, expected.maxAbsDelta);
  assertBins(totals, expected);
}

function assertBins({ deltaCounts, deltaEnergies }: StreamTotals, expected: Expected): void {
  if (deltaCounts === null || deltaEnergies === null) {
    assert.equal(expected.deltaBins, 0);
    return;
  }
  assert.equal(deltaCounts.filter((count) => count > 0).length, expected.deltaBins);
  assert.equal(
    deltaCounts.reduce((sum, count, bin) => sum + bin * count, 0),
    expected.deltaBinCounts,
  );
  const energies = deltaEnergies.reduce((sum, energy, bin) => sum + bin * energy, 0);
  assertClose(energies, expected.deltaBinEnergies, 'deltaEnergies');
}

export function assertClose(actual: number, expected: number, what: string, relative = 1e-12): void {
  const allowed = relative * Math.abs(expected);
  assert.ok(Math.abs(actual - expected) <= allowed, `${what}: ${actual}, expected ${expected}`);
}

function nonZero(counts: Float64Array): Record<string, number> {
  return Object.fromEntries([...counts.entries()].filter(([, count]) => count > 0));
}
