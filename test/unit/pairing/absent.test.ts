// Tensors that one side does not store or that cannot be read: tied heads, lost shards, unmerged factors.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { indexJson } from '../checkpoint/support/safetensorsBytes.ts';
import { type Tensors, fileOf, open, side, pair, assertNothingLost, names, reasons } from './namedTensors.ts';

describe('tied embeddings', () => {
  const untied: Tensors = { 'model.embed_tokens.weight': [6, 4], 'lm_head.weight': [6, 4] };
  const tied: Tensors = { 'model.embed_tokens.weight': [6, 4] };

  it('compares a head with the embeddings of the side that ties it', async () => {
    const toTied = await pair(untied, tied);
    assert.deepEqual(names(toTied), [
      'lm_head.weight ~ model.embed_tokens.weight',
      'model.embed_tokens.weight',
    ]);
    assert.deepEqual(toTied.notes, [
      'The tuned checkpoint stores no lm_head.weight: its embeddings model.embed_tokens.weight are compared in its place, as tied.',
    ]);
    const fromTied = await pair(tied, untied, [{ tie_word_embeddings: true }]);
    assert.deepEqual(names(fromTied), ['lm_head.weight', 'model.embed_tokens.weight']);
    assert.equal(fromTied.pairs[0]?.base.name, 'model.embed_tokens.weight');
    assert.equal(fromTied.elements, 48);
  });

  it('compares the common rows of a tied head of another vocabulary', async () => {
    const pairing = await pair(untied, { 'model.embed_tokens.weight': [9, 4] });
    assert.deepEqual(
      pairing.pairs.map(({ name, shape }) => [name, shape]),
      [
        ['lm_head.weight', [6, 4]],
        ['model.embed_tokens.weight', [6, 4]],
      ],
    );
  });

  it('reports a missing head where the config says that it is not tied', async () => {
    const pairing = await pair(untied, tied, [{}, { tie_word_embeddings: false }]);
    assert.deepEqual(reasons(pairing), [
      [
        'lm_head.weight',
        'base',
        24,
        'only-in-base',
        'Tensor "lm_head.weight" is only in the base checkpoint.',
      ],
    ]);
  });

  it('does not take a head lost with a shard for a tied one', async () => {
    const base = await side('base', untied);
    const tuned = await open('/tuned', { '/tuned/model-00001-of-00002.safetensors': fileOf(tied) });
    const pairing = pairCheckpoints(base, tuned);
    assertNothingLost(pairing);
    assert.deepEqual(
      reasons(pairing).map(([name, , , code]) => [name, code]),
      [['lm_head.weight', 'only-in-base']],
    );
  });
});

describe('tensors that cannot be read', () => {
  it('are rows with the elements of their partner, not a lost run', async () => {
    const base = await side('base', { a: [2], b: [5], c: [3] });
    const tuned = await open('/tuned', {
      '/tuned/model.safetensors.index.json': indexJson({
        'x.safetensors': ['a'],
        'y.safetensors': ['b', 'z'],
      }),
      '/tuned/x.safetensors': fileOf({ a: [2] }),
    });
    const pairing = pairCheckpoints(base, tuned);
    assertNothingLost(pairing);
    assert.deepEqual(names(pairing), ['a']);
    assert.deepEqual(reasons(pairing), [
      ['b', 'tuned', 5, 'shard-missing', 'Tensor "b" cannot be read: /tuned/y.safetensors is missing.'],
      ['c', 'base', 3, 'only-in-base', 'Tensor "c" is only in the base checkpoint.'],
      ['z', 'tuned', 0, 'shard-missing', 'Tensor "z" cannot be read: /tuned/y.safetensors is missing.'],
    ]);
    assert.equal(pairing.elements, 10);
  });

  it('include weights whose update lies in unmerged LoRA factors', async () => {
    const pairing = await pair(
      { 'model.layers.0.q_proj.weight': [4, 4], 'model.layers.0.k_proj.weight': [4, 4] },
      {
        'base_model.model.model.layers.0.q_proj.base_layer.weight': [4, 4],
        'base_model.model.model.layers.0.q_proj.lora_A.default.weight': [2, 4],
        'base_model.model.model.layers.0.q_proj.lora_B.default.weight': [4, 2],
        'base_model.model.model.layers.0.k_proj.weight': [4, 4],
      },
    );
    assert.deepEqual(names(pairing), [
      'model.layers.0.k_proj.weight ~ base_model.model.model.layers.0.k_proj.weight',
    ]);
    assert.deepEqual(reasons(pairing)[0], [
      'model.layers.0.q_proj.weight',
      'both',
      16,
      'adapter-unsupported',
      'Tensor "model.layers.0.q_proj.weight" has its update in unmerged LoRA factors beside it; merge them first.',
    ]);
  });

  it('pairs resharded files alike', async () => {
    const whole = await side('base', { a: [2], b: [3] });
    const sharded = await open('/tuned', {
      '/tuned/model-00001-of-00002.safetensors': fileOf({ b: [3] }),
      '/tuned/model-00002-of-00002.safetensors': fileOf({ a: [2] }),
    });
    const pairing = pairCheckpoints(whole, sharded);
    assert.deepEqual(names(pairing), ['a', 'b']);
    assert.deepEqual(pairing.notes, [
      'Tuned: The shards in /tuned have no index; their tensors are taken together.',
    ]);
  });
});
