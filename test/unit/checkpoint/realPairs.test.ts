// The genuine runs in test/fixtures/nano, opened and paired through the disk.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { listCheckpoint } from '../../../src/engine/checkpoint/listCheckpoint.ts';
import { openCheckpoint } from '../../../src/engine/checkpoint/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/checkpoint/pairing.ts';
import { nodeFileSystem } from '../../../src/node/nodeFileSystem.ts';

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
