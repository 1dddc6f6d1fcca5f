// Gate III's null of a stack of experts: every matrix has the size of its own update.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { expectedPrecision, storageOf } from '../../../src/engine/analysis/precisionNull.ts';
import type { StoredTensor, TensorPair } from '../../../src/engine/checkpoint/checkpoint.ts';
import type { StreamTotals, TensorStreamer } from '../../../src/engine/kernels/tensorStreamer.ts';
import { NormalGenerator } from '../../../src/engine/linalg/random.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import { roundToBf16 } from '../../../src/engine/checkpoint/tensorValues.ts';
import { dist, pairOf, scratchFolder, storedTensor, writeTensor } from '../kernels/streamed.ts';
import { allHere } from '../../support/allHere.ts';

const shape: [number, number, number] = [3, 240, 320];
const elements = 240 * 320;
const scratch = scratchFolder();
const random = new NormalGenerator(7);

/** bf16 weights, and the same with noise of a deviation of its own in each matrix. */
function noisyStack(deviations: readonly number[]): [Uint16Array, Uint16Array] {
  const base = roundToBf16(Float32Array.from({ length: 3 * elements }, () => 0.02 * random.normal()));
  const values = new Float32Array(new Uint32Array(Array.from(base, (bits) => bits << 16)).buffer);
  const tuned = values.map((value, i) => value + deviations[Math.floor(i / elements)]! * random.normal());
  return [base, roundToBf16(tuned)];
}

describe('the null of a stack', () => {
  let streamer: TensorStreamer;
  let stored: [StoredTensor, StoredTensor];
  before(async () => {
    streamer = await createWorkerStreamer({ bytes: allHere, threads: 2, folder: dist });
    const sides = noisyStack([1e-6, 3e-5, 2e-3]);
    const write = (file: string, bits: Uint16Array): StoredTensor =>
      writeTensor(scratch.path, file, 'BF16', [...shape], new Uint8Array(bits.buffer));
    stored = [write('base', sides[0]), write('tuned', sides[1])];
  });
  after(async () => {
    await streamer.close();
    scratch.remove();
  });

  const totalsOf = async (pair: TensorPair): Promise<StreamTotals> =>
    (await streamer.stream(pair, { eta: 1e-3, wantMatrices: false }, new AbortController().signal)).totals;
  const unchangedExpected = async (pair: TensorPair): Promise<number> => {
    const found = expectedPrecision(await totalsOf(pair), storageOf(pair, true));
    assert.ok(found !== null);
    return found.unchanged;
  };
  const expert = ({ file, offset }: StoredTensor, index: number): StoredTensor =>
    storedTensor(file, offset + 2 * elements * index, 'BF16', [240, 320], 2 * elements);

  it('adds what each of its matrices would show alone', async () => {
    const stack = await unchangedExpected({ ...pairOf(...stored), module: 'experts' });
    let apart = 0;
    for (const index of shape.keys()) {
      apart += await unchangedExpected(pairOf(expert(stored[0], index), expert(stored[1], index)));
    }
    assert.ok(Math.abs(stack - apart) <= 1e-9 * apart, `${stack} against ${apart}`);
  });

  it('is what noise shows that has a size of its own in every matrix, where one size for all is far off', async () => {
    const experts = { ...pairOf(...stored), module: 'experts' as const };
    const { compared, changedBf16, matrices } = await totalsOf(experts);
    assert.equal(matrices?.length, 3);
    const measured = compared - changedBf16;
    // Four standard deviations of a count.
    const scatter = 4 * Math.sqrt(measured * (1 - measured / compared));
    const [stack, one] = [await unchangedExpected(experts), await unchangedExpected(pairOf(...stored))];
    assert.ok(Math.abs(stack - measured) <= scatter, `${stack} against ${measured} ± ${scatter}`);
    assert.ok(Math.abs(one - measured) > 20 * scatter, `one size for all: ${one} against ${measured}`);
  });

  it('cuts no other tensor by its first dimension', async () => {
    assert.equal((await totalsOf(pairOf(...stored))).matrices, null);
  });
});
