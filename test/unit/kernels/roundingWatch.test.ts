// Rounding told from training, through the streaming pass: casts as numpy makes them, four-bit round trips of genuine weights,
// and as controls the genuine runs and noise of many sizes, which never are rounding.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readFileSync } from 'node:fs';
import type { StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { roundToBf16, TensorValues } from '../../../src/engine/checkpoint/tensorValues.ts';
import { roundingOf } from '../../../src/engine/gates/rounding.ts';
import { castNames } from '../../../src/engine/kernels/roundingWatch.ts';
import type { StreamTotals, TensorStreamer } from '../../../src/engine/kernels/tensorStreamer.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import type { TensorRounding } from '../../../src/shared/report/report.ts';
import { e2m1, halfBits, int4, nf4, quantised } from '../../support/narrowed.ts';
import { seeded } from '../../support/random.ts';
import { dist, pairOf, scratchFolder, writeTensor } from './streamed.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';
import { allHere } from '../../support/allHere.ts';

interface Casts {
  shape: number[];
  base: string;
  casts: Record<string, string>;
}
const fixture = JSON.parse(readFileSync('test/fixtures/rounding/casts.json', 'utf8')) as Casts;
/** In the order of the bits that stand for them. */
const order = [
  null,
  'F16',
  'BF16',
  'E4M3',
  'E4M3 saturating',
  'E5M2',
  'BF16 and F16',
  'F16 and BF16',
  'BF16, cut off',
];

const scratch = scratchFolder();
let streamer: TensorStreamer;
let files = 0;
before(async () => {
  streamer = await createWorkerStreamer({ bytes: allHere, threads: 2, folder: dist });
});
after(async () => {
  await streamer.close();
  scratch.remove();
});

function floats(text: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
}

function write(dtype: DtypeName, shape: number[], data: Float32Array | Uint16Array): StoredTensor {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return writeTensor(scratch.path, `${(files += 1)}`, dtype, shape, bytes);
}

async function stream(base: StoredTensor, tuned: StoredTensor): Promise<StreamTotals> {
  const options = { eta: 1e-3, wantMatrices: false };
  return (await streamer.stream(pairOf(base, tuned), options, new AbortController().signal)).totals;
}

async function roundingIn(base: StoredTensor, tuned: StoredTensor): Promise<TensorRounding['kind'] | null> {
  const { rounding } = await stream(base, tuned);
  return roundingOf(rounding, [base.dtype, tuned.dtype])?.kind ?? null;
}

describe('casts', () => {
  const base = floats(fixture.base);

  it('are all recognised, and nothing else explains them all', async () => {
    assert.equal(castNames.length, order.length);
    const stored = write('F32', fixture.shape, base);
    for (const [at, name] of order.entries()) {
      if (name === null) continue;
      const made = floats(fixture.casts[name] ?? assert.fail(name));
      const { casts } = (await stream(stored, write('F32', fixture.shape, made))).rounding;
      assert.equal(casts, 1 << at, name);
      // One element that the cast does not give.
      const odd = made.slice();
      odd[11 * 64 + 5]! *= 1.5;
      assert.equal((await stream(stored, write('F32', fixture.shape, odd))).rounding.casts, 0, name);
    }
  });

  it('into narrower storage are the same casts', async () => {
    const stored = write('F32', fixture.shape, base);
    const half = floats(fixture.casts['F16'] ?? assert.fail());
    assert.equal(await roundingIn(stored, write('F16', fixture.shape, halfBits(half))), 'cast');
    const brain = floats(fixture.casts['BF16'] ?? assert.fail());
    const bits = Uint16Array.from(new Uint32Array(brain.buffer), (word) => word >>> 16);
    assert.equal(await roundingIn(stored, write('BF16', fixture.shape, bits)), 'cast');
    const chained = floats(fixture.casts['BF16 and F16'] ?? assert.fail());
    const narrow = write('BF16', fixture.shape, bits);
    assert.equal(await roundingIn(narrow, write('F16', fixture.shape, halfBits(chained))), 'cast');
  });
});

/** A matrix large enough for several slabs, as bf16. */
async function genuine(): Promise<{ shape: number[]; values: Float32Array }> {
  const checkpoint = await openCheckpoint(nodeFileSystem, 'test/fixtures/nano/base');
  const matrices = [...checkpoint.tensors.values()].filter(({ shape }) => shape.length === 2);
  const [largest] = matrices.sort((left, right) => right.elements - left.elements);
  assert.ok(largest);
  const values = new Float32Array(largest.elements);
  const reader = new TensorValues(nodeFileSystem);
  await reader.readFloat32(largest, 0, values);
  await reader.close();
  return { shape: largest.shape, values };
}

describe('round trips through four bits', () => {
  it('are recognised whatever the levels and the group', async () => {
    const { shape, values } = await genuine();
    const base = write('BF16', shape, roundToBf16(values));
    for (const [name, levels, block] of [
      ['NF4', nf4, 64],
      ['NF4 in large blocks', nf4, 128],
      ['int4 in groups of 32', int4, 32],
      ['int4 in groups of 128', int4, 128],
      ['MXFP4', e2m1, 32],
      ['NVFP4', e2m1, 16],
    ] as const) {
      const tuned = quantised(values, block, levels);
      assert.equal(await roundingIn(base, write('BF16', shape, roundToBf16(tuned))), 'four-bit', name);
      assert.equal(await roundingIn(base, write('F32', shape, tuned)), 'four-bit', name);
      // A tuned side that is trained on is no longer few-valued.
      const trained = tuned.map((value, at) => value * (1 + ((at % 7) - 3) / 200));
      assert.equal(await roundingIn(base, write('BF16', shape, roundToBf16(trained))), null, name);
    }
  });

  it('are none where the base is as few-valued, or where there is only a vector', async () => {
    const { shape, values } = await genuine();
    const coarse = roundToBf16(quantised(values, 64, nf4));
    const shifted = roundToBf16(quantised(values, 64, nf4).map((value) => value * 1.25));
    assert.equal(await roundingIn(write('BF16', shape, coarse), write('BF16', shape, shifted)), null);
    const vector = values.slice(0, 1024);
    const line = write('BF16', [1024], roundToBf16(vector));
    const quantisedLine = write('BF16', [1024], roundToBf16(quantised(vector, 64, nf4)));
    assert.equal(await roundingIn(line, quantisedLine), null);
  });
});

describe('training', () => {
  for (const run of ['grpo/checkpoint-100', 'sft']) {
    it(`is never taken for rounding: ${run}`, async () => {
      const base = await openCheckpoint(nodeFileSystem, 'test/fixtures/nano/base');
      const tuned = await openCheckpoint(nodeFileSystem, `test/fixtures/nano/${run}`);
      let changed = 0;
      for (const [name, before] of base.tensors) {
        const now = tuned.tensors.get(name) ?? assert.fail(name);
        const { rounding, identical } = await stream(before, now);
        if (identical) continue;
        changed += 1;
        assert.equal(roundingOf(rounding, [before.dtype, now.dtype]), null, name);
      }
      assert.ok(changed > 10);
    });
  }

  it('nor is noise of any size, in any storage', async () => {
    const { shape, values } = await genuine();
    for (let seed = 0; seed < 20; seed++) {
      const random = seeded(seed);
      const size = 10 ** random.between(-6, -1);
      const noisy = values.map((value) => value + size * random.between(-1, 1));
      const base = write('BF16', shape, roundToBf16(values));
      assert.equal(await roundingIn(base, write('BF16', shape, roundToBf16(noisy))), null, `bf16 ${seed}`);
      assert.equal(await roundingIn(base, write('F32', shape, noisy)), null, `f32 ${seed}`);
    }
  });
});
