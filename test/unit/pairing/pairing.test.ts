// Pairing by name and by shape: what is compared with what, and that no parameter of either side is lost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Tensors, pair, names, reasons } from './namedTensors.ts';

describe('pairing by name', () => {
  it('never matches layers.1 with layers.10, whatever the order or the gaps', async () => {
    const pairing = await pair(
      { 'model.layers.1.w': [2], 'model.layers.10.w': [3] },
      { 'model.layers.10.w': [3], 'model.layers.11.w': [2] },
    );
    assert.deepEqual(names(pairing), ['model.layers.10.w']);
    assert.deepEqual(reasons(pairing), [
      [
        'model.layers.1.w',
        'base',
        2,
        'only-in-base',
        'Tensor "model.layers.1.w" is only in the base checkpoint.',
      ],
      [
        'model.layers.11.w',
        'tuned',
        2,
        'only-in-tuned',
        'Tensor "model.layers.11.w" is only in the tuned checkpoint.',
      ],
    ]);
    assert.equal(pairing.elements, 7);
  });

  it('looks through wrappers, on either side', async () => {
    const pairing = await pair(
      { '_orig_mod.model.layers.0.q.weight': [2], 'norm.weight': [2] },
      { 'module.base_model.model.model.layers.0.q.weight': [2], 'model.norm.weight': [2] },
    );
    assert.deepEqual(names(pairing), [
      '_orig_mod.model.layers.0.q.weight ~ module.base_model.model.model.layers.0.q.weight',
      'norm.weight ~ model.norm.weight',
    ]);
    assert.deepEqual(pairing.notes, [
      '2 tensors are paired without wrappers in the name, as _orig_mod.model.layers.0.q.weight with module.base_model.model.model.layers.0.q.weight.',
    ]);
  });

  it('prefers the exact name to a wrapped one', async () => {
    const pairing = await pair({ 'model.w': [2] }, { w: [2], 'model.w': [2] });
    assert.deepEqual(names(pairing), ['model.w']);
    assert.deepEqual(reasons(pairing), [
      ['w', 'tuned', 2, 'only-in-tuned', 'Tensor "w" is only in the tuned checkpoint.'],
    ]);
  });

  it('reports names that could mean two tensors instead of choosing', async () => {
    const pairing = await pair({ 'layers.0.w': [2] }, { 'model.layers.0.w': [2], 'module.layers.0.w': [2] });
    assert.deepEqual(names(pairing), []);
    assert.deepEqual(reasons(pairing), [
      [
        'layers.0.w',
        'base',
        2,
        'name-ambiguous',
        'Tensor "layers.0.w" of the base checkpoint could answer several tensors of the tuned checkpoint once wrappers are removed.',
      ],
      ...['model.layers.0.w', 'module.layers.0.w'].map((name) => [
        name,
        'tuned',
        2,
        'name-ambiguous',
        `Tensor "${name}" of the tuned checkpoint could answer several tensors of the base checkpoint once wrappers are removed.`,
      ]),
    ]);
  });

  it('streams layers in order, then the rest, head and embeddings last', async () => {
    const tensors = {
      'lm_head.weight': [4, 2],
      'model.embed_tokens.weight': [4, 2],
      'model.norm.weight': [2],
      'model.layers.10.a': [1],
      'model.layers.2.experts.10.a': [1],
      'model.layers.2.experts.9.a': [1],
      'model.layers.0.a': [1],
    };
    assert.deepEqual(names(await pair(tensors, tensors)), [
      'model.layers.0.a',
      'model.layers.2.experts.9.a',
      'model.layers.2.experts.10.a',
      'model.layers.10.a',
      'model.norm.weight',
      'lm_head.weight',
      'model.embed_tokens.weight',
    ]);
  });
});

const looksTransposed =
  ': it looks transposed, as GPT-2 stores a matrix (Conv1D, in × out) and other code the same one (Linear, out × in): save both sides by the same code';

describe('shapes', () => {
  it('never compares the common length of different shapes', async () => {
    const pairing = await pair(
      { 'layers.0.q_proj.weight': [4, 8], 'layers.0.k_proj.weight': [4, 8], 'layers.0.b': [4], t: [2, 6] },
      { 'layers.0.q_proj.weight': [2, 8], 'layers.0.k_proj.weight': [8, 4], 'layers.0.b': [5], t: [2, 2, 3] },
    );
    assert.deepEqual(names(pairing), []);
    assert.deepEqual(
      reasons(pairing),
      [
        ['layers.0.q_proj.weight', 32, '4 × 8', '2 × 8'],
        ['layers.0.k_proj.weight', 32, '4 × 8', '8 × 4', looksTransposed],
        ['layers.0.b', 5, '4', '5'],
        ['t', 12, '2 × 6', '2 × 2 × 3'],
      ].map(([name = '', elements, base, tuned, why = '']) => [
        name,
        'both',
        elements,
        'shape-mismatch',
        `Tensor "${name}" has the shape ${String(base)} in the base and ${String(tuned)} in the tuned checkpoint${why}.`,
      ]),
    );
  });

  it('compares the common rows of a resized vocabulary, and says so', async () => {
    const pairing = await pair(
      { 'model.embed_tokens.weight': [5, 4], 'lm_head.weight': [8, 4] },
      { 'model.embed_tokens.weight': [8, 4], 'lm_head.weight': [5, 4] },
    );
    assert.deepEqual(
      pairing.pairs.map(({ name, shape, elements }) => [name, shape, elements]),
      [
        ['lm_head.weight', [5, 4], 20],
        ['model.embed_tokens.weight', [5, 4], 20],
      ],
    );
    assert.deepEqual(reasons(pairing), [
      [
        'model.embed_tokens.weight',
        'tuned',
        12,
        'shape-mismatch',
        'Tensor "model.embed_tokens.weight" has its rows from 5 to 7 only in the tuned checkpoint.',
      ],
      [
        'lm_head.weight',
        'base',
        12,
        'shape-mismatch',
        'Tensor "lm_head.weight" has its rows from 5 to 7 only in the base checkpoint.',
      ],
    ]);
    assert.equal(pairing.elements, 64);
    assert.deepEqual(pairing.notes, [
      'model.embed_tokens.weight has 5 rows in the base and 8 in the tuned checkpoint; the 5 common rows are compared.',
      'lm_head.weight has 8 rows in the base and 5 in the tuned checkpoint; the 5 common rows are compared.',
    ]);
  });

  it('pairs scalars, and gives empty tensors a row', async () => {
    const tensors: Tensors = { scalar: ['F32', []], none: ['F32', [0, 5]], experts: [2, 3, 4] };
    const pairing = await pair(tensors, tensors);
    assert.deepEqual(
      pairing.pairs.map(({ name, shape, elements }) => [name, shape, elements]),
      [
        ['experts', [2, 3, 4], 24],
        ['scalar', [], 1],
      ],
    );
    assert.deepEqual(reasons(pairing), [
      ['none', 'both', 0, 'empty-tensor', 'Tensor "none" has no elements (0 × 5).'],
    ]);
  });
});
