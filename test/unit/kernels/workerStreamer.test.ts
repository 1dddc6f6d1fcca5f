// The streamer as its users meet it: threads and files do not change a bit of the result, failures name what failed and
// leave the pool usable, and memory does not grow with the checkpoint.
import assert from 'node:assert/strict';
import { placeToReadTo } from '../../../src/engine/kernels/slabSide.ts';
import { copyFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { TensorPair } from '../../../src/engine/checkpoint/checkpoint.ts';
import { chunkElements } from '../../../src/engine/kernels/chunkPlan.ts';
import type { StreamResult, TensorStreamer } from '../../../src/engine/kernels/tensorStreamer.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { dist, pairOf, scratchFolder, storedTensor, writeTensor } from './streamed.ts';
import { allHere } from '../../support/allHere.ts';

const scratch = scratchFolder();
after(() => {
  scratch.remove();
});

/** Three chunks, the last one smaller, of rows that are no multiple of the lane width. */
const shape = [Math.floor((2.3 * chunkElements) / 3001), 3001];
const elements = shape.reduce((product, size) => product * size, 1);
const baseBits = normalBf16();
const tunedBits = nudged(baseBits);
const base = writeTensor(scratch.path, 'base', 'BF16', shape, bytesOf(baseBits));
const tuned = writeTensor(scratch.path, 'tuned', 'BF16', shape, bytesOf(tunedBits));

describe('worker streamer', () => {
  it('gives the same bits for any number of threads, wherever the bytes lie', async () => {
    const wide = writeTensor(
      scratch.path,
      'wide',
      'F32',
      shape,
      bytesOf(decoded(baseBits).map((x) => x * 1.001)),
    );
    const moved = (offset: number): typeof tuned => {
      const elsewhere = join(scratch.path, `elsewhere-${offset}`);
      writeFileSync(elsewhere, Buffer.concat([Buffer.alloc(offset), bytesOf(tunedBits)]));
      return storedTensor(elsewhere, offset, 'BF16', shape, 2 * elements);
    };
    const results: StreamResult[] = [];
    // The last one lies where the kernel makes room for it.
    for (const [threads, side] of [
      [1, tuned],
      [2, moved(4099)],
      [5, moved(184)],
    ] as const) {
      await withStreamer({ threads }, async (streamer) => {
        results.push(await run(streamer, pairOf(base, side)));
      });
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
    assert.ok(results[0]!.totals.changedBf16 > 0.2 * elements);
    const singles: StreamResult[] = [];
    for (const threads of [1, 3]) {
      await withStreamer({ threads }, async (streamer) => {
        singles.push(await run(streamer, pairOf(wide, base)));
      });
    }
    assert.deepEqual(singles[1], singles[0]);
  });

  it('reads to where no byte lies a little further into its page than in the file', () => {
    for (let offset = 0; offset < 3 * 4096; offset++) {
      const at = placeToReadTo(4096 + 192, offset);
      assert.ok(at === 4096 + 192 || at === 4096 + 256);
      const ahead = (at - offset + 4 * 4096) % 4096;
      assert.ok(ahead === 0 || ahead >= 32);
    }
  });

  it('hands both sides over as float32 that belongs to the caller', async () => {
    await withStreamer({ threads: 2 }, async (streamer) => {
      for (const [rows, columns] of [shape, [5, 7]] as [number, number][]) {
        const some = (file: string, stored: typeof base): typeof base =>
          storedTensor(join(scratch.path, file), stored.offset, 'BF16', [rows, columns], 2 * rows * columns);
        const result = await run(streamer, pairOf(some('base', base), some('tuned', tuned)), true);
        assertSameBytes(result.base, decoded(baseBits).subarray(0, rows * columns));
        assertSameBytes(result.tuned, decoded(tunedBits).subarray(0, rows * columns));
      }
    });
  });

  it('hands a bf16 pair over packed where that is asked for, and any other as float32', async () => {
    const signal = new AbortController().signal;
    const options = { eta: 1e-3, wantMatrices: true, packBf16: true };
    const values = decoded(baseBits).slice(0, 35);
    const singles = writeTensor(scratch.path, 'singles', 'F32', [5, 7], bytesOf(values));
    const part = (file: string, { offset }: typeof base, [rows, columns]: [number, number]): typeof base =>
      storedTensor(join(scratch.path, file), offset, 'BF16', [rows, columns], 2 * rows * columns);
    await withStreamer({ threads: 2 }, async (streamer) => {
      for (const size of [shape, [5, 7], [40, 1000]] as [number, number][]) {
        const pair = pairOf(part('base', base, size), part('tuned', tuned, size));
        const { totals, ...found } = await streamer.stream(pair, options, signal);
        assert.deepEqual([found.base, found.tuned], [null, null]);
        const expected = Uint32Array.from(
          baseBits.subarray(0, size[0] * size[1]),
          (bits, i) => (bits | (tunedBits[i]! << 16)) >>> 0,
        );
        assert.deepEqual(found.packed, expected);
        assert.deepEqual(totals, (await run(streamer, pair)).totals);
      }
      const mixed = await streamer.stream(pairOf(singles, part('tuned', tuned, [5, 7])), options, signal);
      assert.equal(mixed.packed, null);
      assertSameBytes(mixed.base, values);
      assertSameBytes(mixed.tuned, decoded(tunedBits).subarray(0, 35));
    });
  });

  it('rounds float64 to float32 for the matrices only', async () => {
    const values = Float64Array.of(1 + 2 ** -40, -1e-3, 0.1, 3);
    const doubles = writeTensor(scratch.path, 'doubles', 'F64', [2, 2], bytesOf(values));
    const singles = writeTensor(scratch.path, 'singles', 'F32', [2, 2], bytesOf(Float32Array.from(values)));
    await withStreamer({ threads: 1 }, async (streamer) => {
      const result = await run(streamer, pairOf(doubles, singles), true);
      assert.deepEqual(result.base, Float32Array.from(values));
      assert.deepEqual(result.tuned, Float32Array.from(values));
      assert.equal(result.totals.rawChanged, 3);
      assert.equal(result.totals.maxAbsDelta, Math.max(...values.map((x) => Math.abs(Math.fround(x) - x))));
    });
  });

  it('compares integers by equality and decodes nothing', async () => {
    const left = writeTensor(
      scratch.path,
      'left',
      'I64',
      [2, 3],
      bytesOf(BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n)),
    );
    const right = writeTensor(
      scratch.path,
      'right',
      'I64',
      [2, 3],
      bytesOf(BigInt64Array.of(1n, 2n, -3n, 4n, 5n, 7n)),
    );
    await withStreamer({ threads: 1 }, async (streamer) => {
      const { totals, base: matrix } = await run(streamer, pairOf(left, right), true);
      assert.deepEqual([totals.compared, totals.rawChanged, totals.identical], [6, 2, false]);
      assert.deepEqual([...(totals.columnChanged ?? [])], [0, 0, 2]);
      assert.equal(matrix, null);
      await assert.rejects(run(streamer, pairOf(left, base)), isProblem('not-numeric', /I64.*BF16/));
    });
  });

  it('counts the bytes it has read', async () => {
    await withStreamer({ threads: 2 }, async (streamer) => {
      await run(streamer, pairOf(base, tuned));
      assert.equal(streamer.bytesRead, 4 * elements);
    });
  });

  it('names file and tensor of a file that was cut short, and goes on', async () => {
    const short = writeTensor(scratch.path, 'short', 'BF16', shape, bytesOf(baseBits));
    truncateSync(short.file, short.offset + elements);
    await withStreamer({ threads: 2 }, async (streamer) => {
      await assert.rejects(
        run(streamer, pairOf(base, short)),
        isProblem('file-truncated', /short ends at byte/),
      );
      const gone = { ...short, file: join(scratch.path, 'gone') };
      await assert.rejects(run(streamer, pairOf(base, gone)), isProblem('read-failed', /gone.*ENOENT/));
      assert.equal((await run(streamer, pairOf(base, tuned))).totals.compared, elements);
    });
  });

  it('stops when told to, and goes on', async () => {
    await withStreamer({ threads: 1 }, async (streamer) => {
      const stop = new AbortController();
      const running = run(streamer, pairOf(base, tuned), false, stop.signal);
      stop.abort();
      await assert.rejects(running, { name: 'AbortError' });
      await assert.rejects(run(streamer, pairOf(base, tuned), false, stop.signal), { name: 'AbortError' });
      assert.equal((await run(streamer, pairOf(base, tuned))).totals.compared, elements);
    });
  });

  it('rejects what a crashed worker held, and replaces the worker', async () => {
    const folder = scratchFolder();
    copyFileSync(join(dist, 'kernels.wasm'), join(folder.path, 'kernels.wasm'));
    const crash =
      "require('node:worker_threads').parentPort.on('message', () => { throw new Error('broken'); });";
    writeFileSync(join(folder.path, 'kernelWorker.cjs'), crash);
    await withStreamer({ threads: 2, folder: folder.path }, async (streamer) => {
      for (let attempt = 0; attempt < 3; attempt++) {
        await assert.rejects(
          run(streamer, pairOf(base, tuned)),
          isProblem('engine-crashed', /weight.*broken/),
        );
      }
    });
    folder.remove();
  });

  it('streams a file far larger than its memory', async () => {
    const bytes = 1.5 * 2 ** 30;
    const sparse = join(scratch.path, 'sparse');
    writeFileSync(sparse, '');
    truncateSync(sparse, bytes);
    const half = storedTensor(sparse, 0, 'BF16', [bytes / 4 / 4096, 4096], bytes / 2);
    const rest = { ...half, offset: bytes / 2 };
    await withStreamer({ threads: 2 }, async (streamer) => {
      await run(streamer, pairOf(base, tuned));
      const before = process.memoryUsage().rss;
      let peak = 0;
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().rss);
      }, 20);
      const { totals } = await run(streamer, pairOf(half, rest));
      clearInterval(watch);
      assert.ok(totals.identical && totals.compared === bytes / 4);
      assert.ok(peak > 0 && peak - before < 64 * 2 ** 20, `grew by ${(peak - before) / 2 ** 20} MiB`);
    });
  });
});

async function withStreamer(
  options: { threads: number; folder?: string },
  use: (streamer: TensorStreamer) => Promise<void>,
): Promise<void> {
  const streamer = await createWorkerStreamer({ bytes: allHere, folder: dist, ...options });
  try {
    await use(streamer);
  } finally {
    await streamer.close();
  }
}

async function run(
  streamer: TensorStreamer,
  pair: TensorPair,
  wantMatrices = false,
  signal = new AbortController().signal,
): Promise<StreamResult> {
  return streamer.stream(pair, { eta: 1e-3, wantMatrices }, signal);
}

function isProblem(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ThreeGateError, String(error));
    assert.equal(error.problem.code, code);
    assert.match(error.message, message);
    assert.equal(error.problem.tensor, 'weight');
    return true;
  };
}

function assertSameBytes(actual: Float32Array | null, expected: Float32Array): void {
  assert.ok(actual !== null && actual.buffer instanceof ArrayBuffer);
  assert.equal(actual.buffer.byteLength, expected.byteLength);
  assert.equal(Buffer.compare(bytesOf(actual), bytesOf(expected)), 0);
}

/** About normal, σ = 0.02: the sum of four uniform numbers. */
function normalBf16(): Uint16Array {
  let state = 20_251_108;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const values = Float32Array.from(
    { length: elements },
    () => 0.035 * (uniform() + uniform() + uniform() + uniform()),
  );
  return Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16);
}

/** Every third element a few steps on, every hundredth far away. */
function nudged(bits: Uint16Array): Uint16Array {
  return bits.map((value, i) => (i % 100 === 0 ? value ^ 0x8100 : i % 3 === 0 ? value + (i % 7) - 3 : value));
}

function decoded(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (value) => value << 16).buffer);
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
