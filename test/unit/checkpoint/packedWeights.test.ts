// Quantised weights of every writer, held against what numpy makes of the published formats, bit for bit: by position as masks
// and overlaps read them, and through the streaming pass. Other packed weights are listed by scheme, counted by weights.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Checkpoint, StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { TensorValues } from '../../../src/engine/checkpoint/tensorValues.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import { dist, pairOf, scratchFolder, writeTensor } from '../kernels/streamed.ts';
import { memoryFileSystem } from './support/memoryFileSystem.ts';
import { safetensors, type TensorSpec } from './support/safetensorsBytes.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';
import { allHere } from '../../support/allHere.ts';

interface Values {
  shape: number[];
  data: string;
}
interface Case {
  name: string;
  config: object;
  tensors: Record<string, Values & { dtype: DtypeName }>;
  expected: Record<string, Values>;
}
const cases = JSON.parse(readFileSync('test/fixtures/packed/cases.json', 'utf8')) as Case[];

const scratch = scratchFolder();
after(() => {
  scratch.remove();
});

function bytesOf({ data }: Values): Uint8Array {
  return new Uint8Array(Buffer.from(data, 'base64'));
}

function fileOf(tensors: Case['tensors']): Uint8Array {
  const specs = Object.entries(tensors).map(([name, tensor]): [string, TensorSpec] => [
    name,
    { dtype: tensor.dtype, shape: tensor.shape, data: bytesOf(tensor) },
  ]);
  return safetensors(Object.fromEntries(specs));
}

/** Headers only: what a checkpoint of these tensors looks like when it is opened. */
function open(tensors: Record<string, [DtypeName, number[]]>, config: object = {}): Promise<Checkpoint> {
  const specs = Object.entries(tensors).map(([name, [dtype, shape]]) => [name, { dtype, shape }] as const);
  const files = { '/m/model.safetensors': safetensors(Object.fromEntries(specs)) };
  return openCheckpoint(memoryFileSystem({ ...files, '/m/config.json': JSON.stringify(config) }), '/m');
}

/** Bit patterns, any NaN being one. */
function bits(values: Float32Array): number[] {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return [...words].map((word, at) => (Number.isNaN(values[at]) ? -1 : word));
}

describe('packed weights', () => {
  for (const { name, config, tensors, expected } of cases) {
    it(`have the values that numpy gives them: ${name}`, async () => {
      const path = join(scratch.path, `${name}.safetensors`.replaceAll(' ', '-'));
      writeFileSync(path, fileOf(tensors));
      const files = { '/m/model.safetensors': fileOf(tensors), '/m/config.json': JSON.stringify(config) };
      const inMemory = memoryFileSystem(files);
      const checkpoint = await openCheckpoint(inMemory, '/m');
      assert.deepEqual(checkpoint.unreadable, []);
      assert.deepEqual([...checkpoint.tensors.keys()].sort(), Object.keys(expected).sort());
      const values = new TensorValues(inMemory);
      for (const [weight, wanted] of Object.entries(expected)) {
        const tensor = checkpoint.tensors.get(weight) ?? assert.fail(weight);
        assert.deepEqual(tensor.shape, wanted.shape);
        const all = new Float32Array(bytesOf(wanted).buffer);
        const read = new Float32Array(all.length);
        await values.readFloat32(tensor, 0, read);
        assert.deepEqual(bits(read), bits(all), weight);
        const [columns = 1] = tensor.shape.slice(-1);
        // Whole rows from the middle on; of packed weights any range.
        const first = tensor.scale === null ? columns + 3 : columns;
        const part = new Float32Array(Math.min(2 * columns, all.length - first));
        await values.readFloat32(tensor, first, part);
        assert.deepEqual(bits(part), bits(all.subarray(first, first + part.length)), weight);
      }
      await values.close();
    });
  }

  it('stream as the float32 that they stand for, whatever the orientation', async () => {
    const streamer = await createWorkerStreamer({ bytes: allHere, threads: 2, folder: dist });
    try {
      for (const { name, config, tensors, expected } of cases) {
        const folder = join(scratch.path, `${name}.safetensors`.replaceAll(' ', '-'));
        writeFileSync(folder, fileOf(tensors));
        const stated = await stateOf(folder, config);
        for (const [weight, wanted] of Object.entries(expected)) {
          const base = stated.get(weight) ?? assert.fail(weight);
          const tuned = writeTensor(scratch.path, 'tuned', 'F32', wanted.shape, bytesOf(wanted));
          const options = { eta: 1e-3, wantMatrices: true };
          const { signal } = new AbortController();
          const found = await streamer.stream(pairOf(base, tuned), options, signal);
          assert.equal(found.totals.rawChanged, 0, `${name}: ${weight}`);
          const all = new Float32Array(bytesOf(wanted).buffer);
          assert.deepEqual(bits(found.base ?? new Float32Array()), bits(all), `${name}: ${weight}`);
        }
      }
    } finally {
      await streamer.close();
    }
  });

  it('pair with the weights that they were made of, and say so', async () => {
    const [gptOss] = cases;
    assert.ok(gptOss);
    const name = 'model.layers.0.mlp.experts.gate_up_proj';
    const base = await openCheckpoint(
      memoryFileSystem({ '/m/model.safetensors': fileOf(gptOss.tensors) }),
      '/m',
    );
    const tuned = await open({
      [name]: ['BF16', [3, 64, 10]],
      [`${name}_bias`]: ['BF16', [3, 10]],
      'model.layers.0.mlp.experts.down_proj': ['BF16', [3, 96, 6]],
    });
    const pairing = pairCheckpoints(base, tuned);
    assert.deepEqual(pairing.notCompared, []);
    assert.equal(pairing.elements, 3 * (640 + 10 + 576));
    assert.deepEqual(pairing.notes, [
      '2 tensors are stored in MXFP4 in the base and BF16 in the tuned checkpoint.',
      '2 MXFP4 weights of the base checkpoint: compared dequantised, by the scales beside them.',
    ]);
  });
});

async function stateOf(file: string, config: object): Promise<ReadonlyMap<string, StoredTensor>> {
  const folder = `${file}-folder`;
  await import('node:fs/promises').then(async ({ mkdir, copyFile, writeFile }) => {
    await mkdir(folder, { recursive: true });
    await copyFile(file, join(folder, 'model.safetensors'));
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  });
  return (await openCheckpoint(nodeFileSystem, folder)).tensors;
}

describe('weights packed otherwise', () => {
  const q = 'model.layers.0.self_attn.q_proj';
  const embed: [DtypeName, number[]] = ['BF16', [128, 64]];
  const listedAs = async (
    tensors: Record<string, [DtypeName, number[]]>,
    config: object = {},
  ): Promise<[string, number | null, string][]> => {
    const checkpoint = await open({ embed, ...tensors }, config);
    assert.deepEqual([...checkpoint.tensors.keys()].sort(), ['embed', ...biases(tensors)].sort());
    return checkpoint.unreadable.map(({ name, elements, reason }) => {
      assert.equal(reason.code, 'packed-weights');
      return [name, elements, /packed \(([^)]*)\)/.exec(reason.message)?.[1] ?? ''];
    });
  };
  const biases = (tensors: object): string[] => Object.keys(tensors).filter((name) => name.endsWith('.bias'));

  it('are listed by their scheme, counted by weights, without what belongs to them', async () => {
    const gptq: Record<string, [DtypeName, number[]]> = {
      [`${q}.qweight`]: ['I32', [8, 48]],
      [`${q}.qzeros`]: ['I32', [2, 6]],
      [`${q}.scales`]: ['F16', [2, 48]],
      [`${q}.g_idx`]: ['I32', [64]],
      [`${q}.bias`]: ['F16', [48]],
    };
    assert.deepEqual(await listedAs(gptq), [[`${q}.weight`, 64 * 48, 'GPTQ, 4 bits']]);
    const eight = { ...gptq, [`${q}.qweight`]: ['I32', [16, 48]] as [DtypeName, number[]] };
    assert.deepEqual(await listedAs(eight), [[`${q}.weight`, 64 * 48, 'GPTQ, 8 bits']]);
    assert.deepEqual(
      await listedAs({
        [`${q}.qweight`]: ['I32', [64, 6]],
        [`${q}.qzeros`]: ['I32', [2, 6]],
        [`${q}.scales`]: ['F16', [2, 48]],
      }),
      [[`${q}.weight`, 64 * 48, 'AWQ, 4 bits']],
    );
    const config = { quantization_config: { quant_method: 'compressed-tensors', num_bits: 4 } };
    assert.deepEqual(
      await listedAs(
        {
          [`${q}.weight_packed`]: ['I32', [48, 8]],
          [`${q}.weight_scale`]: ['BF16', [48, 2]],
          [`${q}.weight_zero_point`]: ['I32', [6, 2]],
          [`${q}.weight_shape`]: ['I64', [2]],
        },
        config,
      ),
      [[`${q}.weight`, 48 * 64, 'compressed-tensors, 4 bits']],
    );
    assert.deepEqual(
      await listedAs({
        [`${q}.weight`]: ['U8', [1536, 1]],
        [`${q}.weight.absmax`]: ['F32', [48]],
        [`${q}.weight.quant_map`]: ['F32', [16]],
      }),
      [[`${q}.weight`, 48 * 64, 'bitsandbytes, 4 bits']],
    );
    assert.deepEqual(
      await listedAs({
        [`${q}.W_q`]: ['U8', [24, 64]],
        [`${q}.scale`]: ['F16', [48, 1]],
        [`${q}.zero`]: ['F16', [48, 1]],
      }),
      [[`${q}.weight`, 48 * 64, 'HQQ']],
    );
    assert.deepEqual(
      await listedAs({ [`${q}.weight`]: ['I8', [48, 64]], [`${q}.weight_scale`]: ['F32', [7]] }),
      [[`${q}.weight`, 48 * 64, 'int8']],
    );
    const mlx: Record<string, [DtypeName, number[]]> = {
      [`${q}.weight`]: ['U32', [48, 16]],
      [`${q}.scales`]: ['BF16', [48, 1]],
      [`${q}.biases`]: ['BF16', [48, 1]],
    };
    const mlxConfig = { quantization_config: { group_size: 64, bits: 8 } };
    assert.deepEqual(await listedAs(mlx, mlxConfig), [[`${q}.weight`, 48 * 64, 'MLX, 8 bits']]);
    assert.deepEqual(await listedAs({ [`${q}.weight`]: ['I32', [48, 64]] }), [
      [`${q}.weight`, 48 * 64, 'I32 by an unknown scheme'],
    ]);
  });

  it('are one entry beside the unpacked side, and none where both are packed', async () => {
    const packed: Record<string, [DtypeName, number[]]> = {
      embed,
      [`${q}.qweight`]: ['I32', [8, 48]],
      [`${q}.scales`]: ['F16', [2, 48]],
      [`${q}.g_idx`]: ['I32', [64]],
    };
    const plain: Record<string, [DtypeName, number[]]> = { embed, [`${q}.weight`]: ['BF16', [48, 64]] };
    for (const [base, tuned] of [
      [packed, plain],
      [plain, packed],
      [packed, packed],
    ] as const) {
      const pairing = pairCheckpoints(await open(base), await open(tuned));
      assert.deepEqual(
        pairing.notCompared.map(({ name, elements, reason }) => [name, elements, reason.code]),
        [[`${q}.weight`, 48 * 64, 'packed-weights']],
      );
      assert.equal(pairing.elements, 128 * 64 + 48 * 64);
    }
  });

  it('of which nothing is known but that they are integers are held for equality, and not counted as compared', async () => {
    const tensors: Record<string, [DtypeName, number[]]> = {
      embed,
      'experts.w1': ['I32', [48, 64]],
      position_ids: ['I64', [1, 512]],
      'attn.bias': ['U8', [1, 1, 32, 32]],
    };
    const checkpoint = await open(tensors);
    const pairing = pairCheckpoints(checkpoint, checkpoint);
    assert.equal(pairing.pairs.length, 4);
    assert.deepEqual(
      pairing.notCompared.map(({ name, elements, reason }) => [name, elements, reason.code]),
      [['experts.w1', 48 * 64, 'packed-weights']],
    );
    assert.equal(pairing.elements, 128 * 64 + 48 * 64);
    assert.deepEqual(pairing.notes, [
      '2 tensors of integers or booleans are compared for equality only, and not counted as parameters.',
    ]);
  });
});
