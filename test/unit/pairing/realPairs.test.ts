// The genuine runs in test/fixtures/nano, opened and paired through the disk.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';
import { listCheckpoint } from '../../../src/engine/opening/listCheckpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { indexJson, safetensors } from '../checkpoint/support/safetensorsBytes.ts';

const nano = join(import.meta.dirname, '../../fixtures/nano');

describe('the genuine runs', () => {
  it('opens a Hugging Face folder with everything that is known about it', async () => {
    const { info, problems, unreadable, metadata } = await openCheckpoint(nodeFileSystem, join(nano, 'base'));
    assert.deepEqual(info, {
      path: join(nano, 'base'),
      label: 'base',
      format: 'safetensors',
      files: ['model.safetensors'],
      bytes: 1_607_968,
      parameters: 801_920,
      tensors: 39,
      dtypes: { BF16: 801_920 },
      architecture: 'LlamaForCausalLM',
      modelType: 'llama',
      step: 2650,
      namedBase: null,
    });
    assert.deepEqual(
      { problems, unreadable, metadata },
      { problems: [], unreadable: [], metadata: { format: 'pt' } },
    );
  });

  it('finds the checkpoint inside a run folder and the base that it names', async () => {
    const { info, notes } = await openCheckpoint(nodeFileSystem, join(nano, 'grpo'));
    assert.equal(info.label, 'grpo/checkpoint-100');
    assert.equal(info.step, 100);
    assert.deepEqual(info.files, ['checkpoint-100/model.safetensors']);
    assert.deepEqual(info.namedBase, { name: '../../base', from: 'config.json' });
    assert.deepEqual(notes, [`${join(nano, 'grpo')} holds its checkpoint in checkpoint-100.`]);
  });

  it('pairs every parameter, layers first and embeddings last', async () => {
    const base = await openCheckpoint(nodeFileSystem, join(nano, 'base'));
    const tuned = await openCheckpoint(nodeFileSystem, join(nano, 'sft'));
    const { pairs, notCompared, elements, notes } = pairCheckpoints(base, tuned);
    assert.equal(pairs.length, 39);
    assert.equal(elements, 801_920);
    assert.deepEqual({ notCompared, notes }, { notCompared: [], notes: [] });
    assert.equal(pairs[0]?.name, 'model.layers.0.input_layernorm.weight');
    assert.deepEqual(
      pairs.slice(-3).map(({ name }) => name),
      ['model.norm.weight', 'lm_head.weight', 'model.embed_tokens.weight'],
    );
    const layers = pairs.map(({ layer }) => layer).filter((layer) => layer !== null);
    assert.deepEqual(
      layers,
      [0, 1, 2, 3].flatMap((layer) => Array.from({ length: 9 }, () => layer)),
    );
  });

  it('pairs a resharded copy byte for byte, through links as in the Hugging Face cache', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'three-gate-shards-'));
    try {
      const base = await openCheckpoint(nodeFileSystem, join(nano, 'base'));
      await writeShards(folder, [...base.tensors.values()]);
      const sharded = await openCheckpoint(nodeFileSystem, join(folder, 'snapshot'));
      assert.equal(sharded.info.format, 'safetensors, 3 shards');
      const { pairs, notCompared, elements } = pairCheckpoints(base, sharded);
      assert.deepEqual([pairs.length, notCompared, elements], [39, [], 801_920]);
      for (const pair of pairs) {
        assert.ok(Buffer.from(await bytesOf(pair.base)).equals(await bytesOf(pair.tuned)), pair.name);
      }
      rmSync(join(folder, 'blobs', '1'));
      const partial = pairCheckpoints(base, await openCheckpoint(nodeFileSystem, join(folder, 'snapshot')));
      assert.equal(partial.pairs.length, 26);
      assert.deepEqual(
        new Set(partial.notCompared.map(({ reason }) => reason.code)),
        new Set(['shard-missing']),
      );
      assert.equal(partial.elements, 801_920);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('lists what the headers say', async () => {
    const { tensors } = await listCheckpoint(nodeFileSystem, join(nano, 'sft'));
    assert.equal(tensors.length, 39);
    assert.deepEqual(
      tensors.find(({ name }) => name === 'lm_head.weight'),
      {
        name: 'lm_head.weight',
        dtype: 'BF16',
        shape: [40, 128],
        elements: 5120,
        bytes: 10_240,
        file: 'model.safetensors',
      },
    );
  });
});

async function bytesOf({ file, offset, bytes }: StoredTensor): Promise<Uint8Array> {
  const source = await nodeFileSystem.open(file);
  const data = new Uint8Array(bytes);
  await source.read(offset, data);
  await source.close();
  return data;
}

/** Three shards dealt out in turn: blobs, and a snapshot folder of relative links to them. */
async function writeShards(folder: string, tensors: readonly StoredTensor[]): Promise<void> {
  mkdirSync(join(folder, 'blobs'));
  mkdirSync(join(folder, 'snapshot'));
  const shards: Record<string, string[]> = {};
  for (const number of [0, 1, 2]) {
    const own = tensors.filter((_, index) => index % 3 === number);
    const specs = await Promise.all(
      own.map(async (tensor) => [tensor.name, { ...tensor, data: await bytesOf(tensor) }] as const),
    );
    writeFileSync(join(folder, 'blobs', String(number)), safetensors(Object.fromEntries(specs)));
    const name = `model-0000${number + 1}-of-00003.safetensors`;
    symlinkSync(`../blobs/${number}`, join(folder, 'snapshot', name));
    shards[name] = own.map(({ name: tensor }) => tensor);
  }
  writeFileSync(join(folder, 'snapshot', 'model.safetensors.index.json'), indexJson(shards));
}
