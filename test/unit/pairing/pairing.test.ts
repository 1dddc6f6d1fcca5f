// Pairing: what is compared with what, what is not and why, and that no parameter of either side is lost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint, Pairing } from '../../../src/engine/checkpoint/checkpoint.ts';
import { dtypes } from '../../../src/engine/checkpoint/dtype.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import type { MemoryFiles } from '../checkpoint/support/memoryFileSystem.ts';
import { indexJson, safetensors } from '../checkpoint/support/safetensorsBytes.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

/** Tensors as `name: shape` in BF16, or `name: [dtype, shape]`. */
type Tensors = Record<string, number[] | [DtypeName, number[]]>;

function fileOf(tensors: Tensors): Uint8Array {
  const isTyped = (value: Tensors[string]): value is [DtypeName, number[]] => typeof value[0] === 'string';
  return safetensors(
    Object.fromEntries(
      Object.entries(tensors).map(([name, value]) => [
        name,
        isTyped(value) ? { dtype: value[0], shape: value[1] } : { dtype: 'BF16', shape: value },
      ]),
    ),
  );
}

const open = (folder: string, files: MemoryFiles): Promise<Checkpoint> =>
  openCheckpoint(memoryFileSystem(files), folder);

async function side(
  name: string,
  tensors: Tensors,
  config: Record<string, unknown> = {},
): Promise<Checkpoint> {
  const folder = `/${name}`;
  const files = {
    [`${folder}/model.safetensors`]: fileOf(tensors),
    [`${folder}/config.json`]: JSON.stringify(config),
  };
  return open(folder, files);
}

async function pair(
  base: Tensors,
  tuned: Tensors,
  configs: Record<string, unknown>[] = [],
): Promise<Pairing> {
  const pairing = pairCheckpoints(
    await side('base', base, configs[0]),
    await side('tuned', tuned, configs[1]),
  );
  assertNothingLost(pairing);
  return pairing;
}

function assertNothingLost(pairing: Pairing): void {
  // Integers are held against each other, but are no parameters.
  const measured = pairing.pairs.filter(({ base }) => dtypes[base.dtype].kind === 'float');
  const sum = [...measured, ...pairing.notCompared].reduce((total, { elements }) => total + elements, 0);
  assert.equal(pairing.elements, sum);
}

const names = ({ pairs }: Pairing): string[] =>
  pairs.map(({ name, tunedName }) => (tunedName === null ? name : `${name} ~ ${tunedName}`));
const reasons = ({ notCompared }: Pairing) =>
  notCompared.map(({ name, side: where, elements, reason }) => [
    name,
    where,
    elements,
    reason.code,
    reason.message,
  ]);

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

describe('dtypes', () => {
  it('compares floats of any width with each other', async () => {
    const floats: DtypeName[] = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'];
    const base = Object.fromEntries(
      floats.flatMap((a) => floats.map((b) => [`${a}.${b}`, [a, [2]] as [DtypeName, number[]]])),
    );
    const tuned = Object.fromEntries(
      floats.flatMap((a) => floats.map((b) => [`${a}.${b}`, [b, [2]] as [DtypeName, number[]]])),
    );
    const pairing = await pair(base, tuned);
    assert.equal(pairing.pairs.length, 36);
    assert.equal(pairing.notes.length, 30);
    assert.ok(
      pairing.notes.includes('1 tensor is stored in F32 in the base and BF16 in the tuned checkpoint.'),
    );
  });

  it('compares integers and booleans with their own kind only', async () => {
    const pairing = await pair(
      { ids: ['I64', [2]], mask: ['BOOL', [2]], a: ['I32', [2]], b: ['BOOL', [2]], c: ['I8', [2]] },
      { ids: ['I64', [2]], mask: ['BOOL', [2]], a: ['I64', [2]], b: ['U8', [2]], c: ['F32', [2]] },
    );
    assert.deepEqual(names(pairing), ['ids', 'mask']);
    assert.deepEqual(
      reasons(pairing).map(([, , , code, message]) => [code, message]),
      [
        ['a', 'I32', 'I64'],
        ['b', 'BOOL', 'U8'],
        ['c', 'I8', 'F32'],
      ].map(([name = '', base = '', tuned = '']) => [
        'dtype-unsupported',
        `Tensor "${name}" is not comparable: dtype ${base} in the base and ${tuned} in the tuned checkpoint.`,
      ]),
    );
  });

  it('makes every other dtype a row, never zeros', async () => {
    const others: DtypeName[] = ['F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ', 'F6_E2M3', 'F6_E3M2', 'F4', 'C64'];
    const tensors = Object.fromEntries(
      others.map((dtype) => [dtype, [dtype, [4, 2]] as [DtypeName, number[]]]),
    );
    const pairing = await pair(tensors, tensors);
    assert.deepEqual(names(pairing), []);
    assert.deepEqual(
      reasons(pairing).map(([name, , elements, , message]) => [name, elements, message]),
      others.map((dtype) => [dtype, 8, `Tensor "${dtype}" is not comparable: dtype ${dtype}.`]),
    );
  });

  it('gives F8 weights their scales, and compares them with BF16', async () => {
    const pairing = await pair(
      { 'q.weight': [200, 300] },
      { 'q.weight': ['F8_E4M3', [200, 300]], 'q.weight_scale_inv': ['F32', [2, 3]] },
    );
    assert.deepEqual(names(pairing), ['q.weight']);
    assert.equal(pairing.pairs[0]?.tuned.scale?.name, 'q.weight_scale_inv');
    assert.equal(pairing.elements, 60_000);
    assert.deepEqual(pairing.notes, [
      '1 tensor is stored in BF16 in the base and F8_E4M3 in the tuned checkpoint.',
      '1 F8 weight of the tuned checkpoint: compared dequantised, by the scales beside them.',
    ]);
  });

  it('does not take an F8 weight at face value when its scale is missing or does not fit', async () => {
    const pairing = await pair(
      { a: [4, 4], b: [4, 4], c: [4, 4], d: [4] },
      {
        a: ['F8_E4M3', [4, 4]],
        a_scale_inv: ['F32', [1, 1]],
        b: ['F8_E4M3', [4, 4]],
        c: ['F8_E4M3', [4, 4]],
        c_scale: ['F32', [3, 1]],
        d: ['F8_E4M3', [4]],
      },
    );
    assert.deepEqual(names(pairing), ['a', 'd']);
    assert.deepEqual(
      reasons(pairing).map(([name, where, elements, code, message]) => [
        name,
        where,
        elements,
        code,
        message,
      ]),
      [
        [
          'b',
          'tuned',
          16,
          'dtype-scale-missing',
          'Tensor "b" of /tuned/model.safetensors is stored in F8_E4M3, and no scale lies beside it (such as "b_scale_inv"), though the checkpoint is quantised.',
        ],
        [
          'c',
          'tuned',
          16,
          'dtype-scale-missing',
          'Tensor "c" of /tuned/model.safetensors is stored in F8_E4M3 with scales that do not fit it: "c_scale" is 3 × 1 for 4 × 4.',
        ],
      ],
    );
  });

  it('expects scales where config.json says that the weights are quantised', async () => {
    const f8: Tensors = { a: ['F8_E4M3', [4, 4]] };
    assert.deepEqual(names(await pair(f8, f8)), ['a']);
    const quantised = { quantization_config: { quant_method: 'fp8' } };
    assert.deepEqual(
      reasons(await pair(f8, f8, [{}, quantised])).map(([, , , code]) => code),
      ['dtype-scale-missing'],
    );
  });
});

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
