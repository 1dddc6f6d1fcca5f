// The pass over several runs of one base, in the page cache: the kernel workers against the JavaScript pass they took the
// place of, which counted and gave no direction. Both are held to each other before anything is timed.
//   node --import tsx test/bench/runs.bench.ts [--threads N] [--mib N] [--rounds N]
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { StoredTensor } from '../../src/engine/checkpoint/checkpoint.ts';
import type { JointCounts } from '../../src/engine/kernels/jointSpec.ts';
import type { JointStreamer } from '../../src/engine/kernels/jointStreamer.ts';
import { createWorkerStreamer } from '../../src/node/workers/workerStreamer.ts';
import { allHere } from '../support/allHere.ts';
import { pairOf, storedTensor } from '../unit/kernels/streamed.ts';
import { PlainCounter, type PlainCounts } from './plainPass.ts';
import { syntheticPair } from './syntheticWeights.ts';

const columns = 4096;
const blockRows = 512;
const slabRows = 256;

export interface RunsBench {
  threads: number;
  /** Runs beside their base. */
  runs: number;
  elements: number;
  /** Elements of the base a second, medians over the rounds. */
  plainRate: number;
  rate: number;
  /** Median of the ratios of neighbours. */
  timesFaster: number;
  /** Bytes that the pass read, over those of the base and of every run. */
  reads: number;
}

export async function benchRuns(
  counts: readonly number[],
  { threads, mebibytes, rounds }: { threads: number; mebibytes: number; rounds: number },
): Promise<RunsBench[]> {
  const folder = mkdtempSync(join(tmpdir(), 'three-gate-bench-'));
  const streamer = await createWorkerStreamer({ bytes: allHere, threads, folder: resolve('dist') });
  try {
    const most = Math.max(...counts);
    const rows = Math.ceil((mebibytes * 2 ** 20) / (2 * columns * blockRows)) * blockRows;
    const files = writeSides(folder, most, rows);
    const found: RunsBench[] = [];
    for (const runs of counts)
      found.push(await benchOne(files.slice(0, runs + 1), rows, streamer, { threads, rounds }));
    return found;
  } finally {
    await streamer.close();
    rmSync(folder, { recursive: true });
  }
}

async function benchOne(
  files: readonly string[],
  rows: number,
  streamer: JointStreamer,
  { threads, rounds }: { threads: number; rounds: number },
): Promise<RunsBench> {
  const runs = files.length - 1;
  const elements = rows * columns;
  const before = streamer.bytesRead;
  check(await pass(files, rows, streamer), plainPass(files, rows), runs);
  const reads = (streamer.bytesRead - before) / (2 * elements * files.length);
  const times = { plain: [] as number[], pass: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    plainPass(files, rows);
    const middle = performance.now();
    await pass(files, rows, streamer);
    times.plain.push(middle - started);
    times.pass.push(performance.now() - middle);
  }
  return {
    ...{ threads, runs, elements, reads },
    plainRate: (1000 * elements) / median(times.plain),
    rate: (1000 * elements) / median(times.pass),
    timesFaster: median(times.plain.map((ms, round) => ms / (times.pass[round] ?? ms))),
  };
}

/** A base and runs that each moved it in a way of their own; a block of rows, repeated. */
function writeSides(folder: string, runs: number, rows: number): string[] {
  const size = blockRows * columns;
  const sides = Array.from({ length: runs + 1 }, () => new Uint16Array(size));
  const [base = new Uint16Array(size), ...tuned] = sides;
  for (const [run, side] of tuned.entries()) {
    // Every run's own draw of the update; the base is the same in all of them.
    const pair = syntheticPair('bench', [blockRows, columns], 'rlvr', 1, run + 1);
    const unused = new Uint16Array(columns);
    for (let row = 0; row < blockRows; row++) {
      const [from, to] = [row * columns, (row + 1) * columns];
      pair.fill(row, run === 0 ? base.subarray(from, to) : unused, side.subarray(from, to));
    }
  }
  return sides.map((side, at) => {
    const path = join(folder, `side-${at}`);
    const handle = openSync(path, 'w');
    for (let row = 0; row < rows; row += blockRows) writeSync(handle, side);
    closeSync(handle);
    return path;
  });
}

function pass(files: readonly string[], rows: number, streamer: JointStreamer): Promise<JointCounts> {
  const stored = (file: string): StoredTensor =>
    storedTensor(file, 0, 'BF16', [rows, columns], 2 * rows * columns);
  const [base = '', ...tuned] = files;
  const pairs = tuned.map((file) => pairOf(stored(base), stored(file)));
  const updates = tuned.map(() => null);
  const samples = new Float64Array(0);
  return streamer.streamJoint(
    { pairs, shape: [rows, columns], updates, samples },
    1e-3,
    new AbortController().signal,
  );
}

function plainPass(files: readonly string[], rows: number): PlainCounts {
  const handles = files.map((file) => openSync(file, 'r'));
  const counter = new PlainCounter(files.length - 1, rows, columns);
  for (let row = 0; row < rows; row += slabRows) {
    const [base = new Uint16Array(0), ...tuned] = handles.map((handle) => {
      const slab = new Uint16Array(slabRows * columns);
      readSync(handle, slab, 0, slab.byteLength, 2 * row * columns);
      return slab;
    });
    counter.add(row, base, tuned);
  }
  handles.forEach(closeSync);
  return counter.counts;
}

function check(found: JointCounts, plain: PlainCounts, runs: number): void {
  for (let a = 0; a < runs; a++) {
    for (let b = a; b < runs; b++) {
      const pair = (1 << a) | (1 << b);
      const both = plain.sets.reduce((sum, count, set) => ((set & pair) === pair ? sum + count : sum), 0);
      assert.equal(found.both[a * runs + b], both);
    }
  }
  assert.deepEqual(found.rowChanged, plain.rowChanged);
  assert.deepEqual(found.columnChanged, plain.columnChanged);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      threads: { type: 'string', default: String(availableParallelism()) },
      mib: { type: 'string', default: '256' },
      rounds: { type: 'string', default: '5' },
    },
  });
  const options = {
    threads: Number(values.threads),
    mebibytes: Number(values.mib),
    rounds: Number(values.rounds),
  };
  for (const { runs, plainRate, rate, timesFaster } of await benchRuns([2, 4], options)) {
    console.log(
      `${runs} runs: ${(rate / 1e6).toFixed(0)} M elements/s, plain ${(plainRate / 1e6).toFixed(0)} M/s, ${timesFaster.toFixed(1)} times faster`,
    );
  }
}
