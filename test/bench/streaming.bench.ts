// The streaming pass (Gates I and III) of a pair in the page cache, bf16 or float32, against reading the same bytes with the
// same slabs and threads and doing nothing. Results are checked before anything is timed; the two are timed in turn, and
// the ratio is that of neighbours, as the machine may have other work.
//   node --import tsx test/bench/streaming.bench.ts [--threads N] [--gib N] [--rounds N]
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { StoredTensor, TensorPair } from '../../src/engine/checkpoint/checkpoint.ts';
import { chunkElements, slabElements } from '../../src/engine/kernels/chunkPlan.ts';
import type { StreamTotals, TensorStreamer } from '../../src/engine/kernels/tensorStreamer.ts';
import { createWorkerStreamer } from '../../src/node/workers/workerStreamer.ts';
import { referenceTotals } from '../unit/kernels/reference.ts';
import { assertClose, pairOf, storedTensor } from '../unit/kernels/streamed.ts';
import { median } from './median.ts';
import { syntheticPair } from './syntheticWeights.ts';
import { allHere } from '../support/allHere.ts';

const columns = 4096;
/** Rows made by the generator; the files repeat them. */
const blockRows = 1024;
const eta = 1e-3;

/** Two kinds of training in bf16, two sides that are the same, and the first kind in float32. */
const kinds = ['rlvr', 'sft', 'none', 'f32'] as const;
type Kind = (typeof kinds)[number];

export interface StreamingBench {
  update: Kind;
  threads: number;
  gibibytes: number;
  /** Medians over the rounds, in bytes per nanosecond, both sides counted. */
  readGBps: number;
  streamGBps: number;
  /** Median of the ratios of neighbours. */
  ratio: number;
  /** The same by the processor time of both, which other work on the machine changes less. */
  processorRatio: number;
}

export async function benchStreaming(
  options: { threads: number; gibibytes: number; rounds: number },
  onResult: (result: StreamingBench) => void,
): Promise<void> {
  const { threads, gibibytes, rounds } = options;
  const folder = mkdtempSync(join(tmpdir(), 'three-gate-bench-'));
  const streamer = await createWorkerStreamer({ bytes: allHere, threads, folder: resolve('dist') });
  const readers = Array.from(
    { length: threads },
    () => new Worker(new URL('readWorker.mjs', import.meta.url)),
  );
  try {
    const base = join(folder, 'base');
    const tuned = join(folder, 'tuned');
    for (const update of kinds) {
      const block = makeBlock(update);
      const repeats = Math.ceil((gibibytes * 2 ** 30) / block.base.byteLength);
      writeRepeated(base, block.base, repeats);
      writeRepeated(tuned, block.tuned, repeats);
      const dtype = update === 'f32' ? 'F32' : 'BF16';
      const sideBytes = repeats * block.base.byteLength;
      const stored = (file: string): StoredTensor =>
        storedTensor(file, 0, dtype, [repeats * blockRows, columns], sideBytes);
      const pair = pairOf(stored(base), stored(tuned));
      check(await pass(streamer, pair), block, repeats);
      const times = {
        read: [] as number[],
        stream: [] as number[],
        ratio: [] as number[],
        processor: [] as number[],
      };
      for (let round = 0; round < rounds; round++) {
        const read = await timed(async () =>
          readAll(readers, [base, tuned], sideBytes, block.base.BYTES_PER_ELEMENT),
        );
        const stream = await timed(async () => pass(streamer, pair));
        times.read.push(read.ms);
        times.stream.push(stream.ms);
        times.ratio.push(read.ms / stream.ms);
        times.processor.push(read.processorMs / stream.processorMs);
      }
      const bytes = 2 * sideBytes;
      onResult({
        update,
        threads,
        gibibytes: bytes / 2 ** 30,
        readGBps: bytes / median(times.read) / 1e6,
        streamGBps: bytes / median(times.stream) / 1e6,
        ratio: median(times.ratio),
        processorRatio: median(times.processor),
      });
    }
  } finally {
    await streamer.close();
    await Promise.all(readers.map(async (reader) => reader.terminate()));
    rmSync(folder, { recursive: true });
  }
}

interface Block {
  /** Bits of bf16, or of float32. */
  base: Uint16Array | Uint32Array;
  tuned: Uint16Array | Uint32Array;
}

function makeBlock(kind: Kind): Block {
  const pair = syntheticPair('bench', [blockRows, columns], kind === 'sft' ? 'sft' : 'rlvr', 1);
  const base = new Uint16Array(blockRows * columns);
  const tuned = new Uint16Array(blockRows * columns);
  for (let row = 0; row < blockRows; row++) {
    const from = row * columns;
    pair.fill(row, base.subarray(from, from + columns), tuned.subarray(from, from + columns));
  }
  if (kind === 'f32') return { base: withDigits(base, 0x9e37), tuned: withDigits(tuned, 0x85eb) };
  return { base, tuned: kind === 'none' ? base : tuned };
}

/** As float32 with digits behind those of bf16. */
function withDigits(bits: Uint16Array, seed: number): Uint32Array {
  return Uint32Array.from(bits, (upper, i) => (upper << 16) | ((Math.imul(i + 1, seed) >>> 7) & 0xffff));
}

function writeRepeated(path: string, bits: Block['base'], repeats: number): void {
  const handle = openSync(path, 'w');
  for (let i = 0; i < repeats; i++) writeSync(handle, bits);
  closeSync(handle);
}

async function pass(streamer: TensorStreamer, pair: TensorPair): Promise<StreamTotals> {
  const options = { eta, wantMatrices: false };
  return (await streamer.stream(pair, options, new AbortController().signal)).totals;
}

/** The whole against the definitions on one block: counts times the repeats exactly, sums to 1e-12. */
function check(totals: StreamTotals, block: Block, repeats: number): void {
  const values = (bits: Block['base']): Float32Array =>
    new Float32Array(
      Uint32Array.from(bits, (value) => (bits.BYTES_PER_ELEMENT === 2 ? value << 16 : value)).buffer,
    );
  const expected = referenceTotals(values(block.base), values(block.tuned), columns, eta);
  assert.equal(totals.compared, expected.counts.compared * repeats);
  assert.equal(totals.changedBf16, expected.counts.changedBf16 * repeats);
  assert.equal(totals.hidden, expected.counts.hidden * repeats);
  assert.equal(totals.unchangedAbs1e5, expected.counts.unchangedAbs1e5 * repeats);
  for (const [name, count] of Object.entries(totals.ulpHistogram)) {
    assert.equal(count, expected.counts[name as keyof typeof expected.counts] * repeats);
  }
  assert.equal(totals.maxAbsDelta, expected.maxAbsDelta);
  assertClose(totals.sumSquaresBase, expected.sumSquaresBase * repeats, 'Σw²');
  assertClose(totals.sumSquaresDelta, expected.sumSquaresDelta * repeats, 'ΣΔ²');
  const columnCounts = expected.columnChanged.map((count) => count * repeats);
  assert.deepEqual([...(totals.columnChanged ?? [])], columnCounts);
}

async function readAll(readers: Worker[], files: string[], bytes: number, width: number): Promise<void> {
  const sizes = { chunkBytes: width * chunkElements, slabBytes: width * slabElements };
  await Promise.all(
    readers.map(
      async (reader, share) =>
        new Promise<void>((resolve) => {
          reader.once('message', () => {
            resolve();
          });
          reader.postMessage({ files, bytes, ...sizes, share, shares: readers.length });
        }),
    ),
  );
}

async function timed(work: () => Promise<unknown>): Promise<{ ms: number; processorMs: number }> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - start, processorMs: (user + system) / 1000 };
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      threads: { type: 'string', default: String(availableParallelism()) },
      gib: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '5' },
    },
  });
  const options = {
    threads: Number(values.threads),
    gibibytes: Number(values.gib),
    rounds: Number(values.rounds),
  };
  await benchStreaming(
    options,
    ({ update, threads, gibibytes, readGBps, streamGBps, ratio, processorRatio }) => {
      const rates = `${streamGBps.toFixed(2)} GB/s, reading alone ${readGBps.toFixed(2)} GB/s, ratio ${ratio.toFixed(2)}, by processor time ${processorRatio.toFixed(2)}`;
      console.log(
        `${update.padEnd(4)} ${gibibytes.toFixed(1)} GiB, ${threads} threads: results checked, ${rates}`,
      );
    },
  );
}
