// What is paired slice by slice, what is said of it, and what is refused: no parameter counts twice, none is lost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pairing } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { TensorValues } from '../../../src/engine/checkpoint/tensorValues.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { safetensors, type TensorSpec } from '../checkpoint/support/safetensorsBytes.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

type Tensors = Record<string, number[] | [DtypeName, number[]] | TensorSpec>;
type Config = Record<string, unknown>;

function specOf(value: Tensors[string]): TensorSpec {
  if (!Array.isArray(value)) return value;
  const [first, second] = value;
  return typeof first === 'string' && Array.isArray(second)
    ? { dtype: first, shape: second }
    : { dtype: 'BF16', shape: value as number[] };
}

async function pair(base: Tensors, tuned: Tensors, configs: [Config, Config] = [{}, {}]): Promise<Pairing> {
  const fileOf = (tensors: Tensors): Uint8Array =>
    safetensors(Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, specOf(value)])));
  const files = memoryFileSystem({
    '/base/model.safetensors': fileOf(base),
    '/base/config.json': JSON.stringify(configs[0]),
    '/tuned/model.safetensors': fileOf(tuned),
    '/tuned/config.json': JSON.stringify(configs[1]),
  });
  const pairing = pairCheckpoints(
    await openCheckpoint(files, '/base'),
    await openCheckpoint(files, '/tuned'),
  );
  const sum = [...pairing.pairs, ...pairing.notCompared].reduce((total, { elements }) => total + elements, 0);
  assert.equal(pairing.elements, sum);
  return pairing;
}

const names = ({ pairs }: Pairing): string[] =>
  pairs.map(({ name, tunedName }) => (tunedName === null ? name : `${name} ~ ${tunedName}`));
const left = ({ notCompared }: Pairing) =>
  notCompared.map(({ name, side, elements, reason }) => [name, side, elements, reason.code]);

/** Experts of `inner` × `hidden`, each by itself. */
function apart(experts: number, inner: number, hidden: number, stem = 'model.layers.0.mlp'): Tensors {
  return Object.fromEntries(
    Array.from({ length: experts }, (_, expert) => [
      [`${stem}.experts.${expert}.gate_proj.weight`, [inner, hidden]],
      [`${stem}.experts.${expert}.up_proj.weight`, [inner, hidden]],
      [`${stem}.experts.${expert}.down_proj.weight`, [hidden, inner]],
    ]).flat(),
  ) as Tensors;
}

const stack = 'model.layers.0.mlp.experts';

describe('expert stacks beside experts', () => {
  it('pairs every expert with its slice, whichever side is fused, and says so', async () => {
    const fused = { [`${stack}.gate_up_proj`]: [2, 6, 4], [`${stack}.down_proj`]: [2, 4, 3] };
    const forwards = await pair(apart(2, 3, 4), fused);
    assert.deepEqual(names(forwards), [
      `${stack}.0.down_proj.weight ~ ${stack}.down_proj[0]`,
      `${stack}.0.gate_proj.weight ~ ${stack}.gate_up_proj[0, 0:3]`,
      `${stack}.0.up_proj.weight ~ ${stack}.gate_up_proj[0, 3:6]`,
      `${stack}.1.down_proj.weight ~ ${stack}.down_proj[1]`,
      `${stack}.1.gate_proj.weight ~ ${stack}.gate_up_proj[1, 0:3]`,
      `${stack}.1.up_proj.weight ~ ${stack}.gate_up_proj[1, 3:6]`,
    ]);
    assert.deepEqual([left(forwards), forwards.elements], [[], 72]);
    assert.deepEqual(forwards.notes, [
      `1 fused tensor of the tuned checkpoint: compared slice by slice with 4 tensors of the base checkpoint, as ${stack}.gate_up_proj[0, 0:3] with ${stack}.0.gate_proj.weight (gate, up one behind the other).`,
      `1 fused tensor of the tuned checkpoint: compared slice by slice with 2 tensors of the base checkpoint, as ${stack}.down_proj[0] with ${stack}.0.down_proj.weight (a matrix an expert).`,
    ]);
    const backwards = await pair(fused, apart(2, 3, 4));
    assert.deepEqual(backwards.pairs.map(({ layer, module, shape }) => [layer, module, shape]).slice(0, 2), [
      [0, 'experts', [4, 3]],
      [0, 'experts', [4, 3]],
    ]);
    assert.ok(names(backwards).includes(`${stack}.gate_up_proj[1, 3:6] ~ ${stack}.1.up_proj.weight`));
    assert.equal(backwards.elements, 72);
  });

  it('finds Mixtral under its own names and those of transformers 5, and the stacks of vLLM', async () => {
    const mixtral = Object.fromEntries(
      Object.entries(apart(2, 3, 4, 'model.layers.0.block_sparse_moe')).map(([name, shape]) => [
        name.replace('gate_proj', 'w1').replace('up_proj', 'w3').replace('down_proj', 'w2'),
        shape,
      ]),
    );
    const router = { 'model.layers.0.block_sparse_moe.gate.weight': [2, 4] };
    for (const [gateUp, down] of [
      ['gate_up_proj', 'down_proj'],
      ['w13_weight', 'w2_weight'],
    ]) {
      const fused = {
        [`${stack}.${gateUp ?? ''}`]: [2, 6, 4],
        [`${stack}.${down ?? ''}`]: [2, 4, 3],
        'model.layers.0.mlp.gate.weight': [2, 4],
      };
      const pairing = await pair({ ...mixtral, ...router }, fused);
      assert.deepEqual([pairing.pairs.length, left(pairing), pairing.elements], [7, [], 80]);
    }
  });

  it('tells a square stack by its neighbour, then by the model, and refuses it where neither tells', async () => {
    const both = { [`${stack}.gate_up_proj`]: [2, 4, 8], [`${stack}.down_proj`]: [2, 4, 4] };
    const told = await pair(apart(2, 4, 4), both);
    assert.ok(
      told.notes.every((note) => note.includes('read transposed')),
      told.notes.join(),
    );
    const alone = { [`${stack}.down_proj`]: [2, 4, 4] };
    const downs = Object.fromEntries(
      Object.entries(apart(2, 4, 4)).filter(([name]) => name.includes('down')),
    );
    const known = await pair(downs, alone, [{}, { model_type: 'qwen3_moe' }]);
    assert.deepEqual([known.pairs.length, left(known)], [2, []]);
    const unknown = await pair(downs, alone);
    assert.deepEqual(left(unknown), [[`${stack}.down_proj`, 'both', 32, 'layout-unknown']]);
    assert.match(
      unknown.notCompared[0]?.reason.message ?? '',
      /fit both orientations, and nothing tells which/,
    );
  });

  it('takes gate and up in turns only where gpt-oss does, biases included', async () => {
    const fused = {
      [`${stack}.gate_up_proj`]: [2, 4, 6],
      [`${stack}.gate_up_proj_bias`]: [2, 6],
      [`${stack}.down_proj`]: [2, 3, 4],
      [`${stack}.down_proj_bias`]: [2, 4],
    };
    const biases = Object.fromEntries(
      Object.entries(apart(2, 3, 4)).map(([name, shape]) => [
        name.replace(/weight$/, 'bias'),
        (shape as number[]).slice(0, 1),
      ]),
    );
    for (const config of [{}, { model_type: 'gpt_oss' }]) {
      const pairing = await pair({ ...apart(2, 3, 4), ...biases }, fused, [config, config]);
      assert.ok(names(pairing).includes(`${stack}.0.up_proj.weight ~ ${stack}.gate_up_proj[0, :, 1::2]`));
      assert.ok(names(pairing).includes(`${stack}.1.up_proj.bias ~ ${stack}.gate_up_proj_bias[1, 1::2]`));
      assert.deepEqual([pairing.pairs.length, left(pairing), pairing.elements], [12, [], 72 + 20]);
    }
    const other = await pair({ ...apart(2, 3, 4), ...biases }, fused, [{}, { model_type: 'llama4' }]);
    assert.ok(names(other).includes(`${stack}.0.up_proj.weight ~ ${stack}.gate_up_proj[0, :, 3:6]`));
  });

  it('reads the elements of a bias in turns', async () => {
    const data = new Uint8Array(new Float32Array([0, 10, 1, 11, 2, 12]).buffer);
    const fused: Tensors = { [`${stack}.gate_up_proj_bias`]: { dtype: 'F32', shape: [1, 6], data } };
    const split: Tensors = {
      [`${stack}.0.gate_proj.bias`]: ['F32', [3]],
      [`${stack}.0.up_proj.bias`]: ['F32', [3]],
    };
    const { pairs } = await pair(split, fused, [{}, { model_type: 'gpt_oss' }]);
    const files = memoryFileSystem({
      '/tuned/model.safetensors': safetensors({
        [`${stack}.gate_up_proj_bias`]: { dtype: 'F32', shape: [1, 6], data },
      }),
    });
    const values = new TensorValues(files);
    const read = async (at: number): Promise<number[]> => {
      const out = new Float32Array(3);
      await values.readFloat32(pairs[at]!.tuned, 0, out);
      return [...out];
    };
    assert.deepEqual(
      [await read(0), await read(1)],
      [
        [0, 1, 2],
        [10, 11, 12],
      ],
    );
  });

  it('counts experts that only one side has, and refuses more experts than a stack holds', async () => {
    const fused = { [`${stack}.gate_up_proj`]: [3, 6, 4], [`${stack}.down_proj`]: [3, 4, 3] };
    const fewer = await pair(apart(2, 3, 4), fused);
    assert.deepEqual(left(fewer), [
      [`${stack}.gate_up_proj`, 'tuned', 24, 'only-in-tuned'],
      [`${stack}.down_proj`, 'tuned', 12, 'only-in-tuned'],
    ]);
    assert.equal(fewer.elements, 108);
    const more = await pair(apart(4, 3, 4), fused);
    assert.deepEqual(left(more), [
      [`${stack}.gate_up_proj`, 'both', 96, 'layout-unknown'],
      [`${stack}.down_proj`, 'both', 48, 'layout-unknown'],
    ]);
  });

  it('leaves out, once, what does not fit, is packed, or is empty', async () => {
    const odd = await pair(apart(2, 3, 4), { [`${stack}.gate_up_proj`]: [2, 5, 4] });
    assert.deepEqual(left(odd)[0], [`${stack}.gate_up_proj`, 'both', 48, 'layout-unknown']);
    const empty = await pair(apart(2, 3, 4), { [`${stack}.gate_up_proj`]: [0], [`${stack}.down_proj`]: [0] });
    assert.deepEqual(left(empty), [
      [`${stack}.gate_up_proj`, 'both', 48, 'empty-tensor'],
      [`${stack}.down_proj`, 'both', 24, 'empty-tensor'],
    ]);
    assert.match(empty.notCompared[0]?.reason.message ?? '', /ZeRO-3 without gathering/);
    const strange = await pair(apart(2, 3, 4), { [`${stack}.gate_up_proj`]: ['F4', [2, 6, 4]] });
    assert.equal(strange.pairs.length, 0);
    assert.equal(strange.elements, 72);
  });

  it('refuses to cut values that are unpacked as they are read', async () => {
    const packed: Tensors = {
      [`${stack}.gate_up_proj_blocks`]: ['U8', [2, 6, 1, 16]],
      [`${stack}.gate_up_proj_scales`]: ['U8', [2, 6, 1]],
    };
    const config = { model_type: 'gpt_oss', quantization_config: { quant_method: 'mxfp4' } };
    const gates = Object.fromEntries(
      Object.entries(apart(2, 3, 32)).filter(([name]) => !name.includes('down')),
    );
    const pairing = await pair(packed, gates, [config, {}]);
    assert.deepEqual(pairing.pairs, []);
    assert.deepEqual(left(pairing), [[`${stack}.gate_up_proj`, 'both', 384, 'layout-unknown']]);
    assert.match(pairing.notCompared[0]?.reason.message ?? '', /its values are packed, and not cut/);
  });

  it('cuts the scales of an F8 stack as it cuts the stack, and refuses blocks that two parts share', async () => {
    const f8 = (scale: [DtypeName, number[]]): Tensors => ({
      [`${stack}.gate_up_proj`]: ['F8_E4M3', [2, 512, 128]],
      [`${stack}.gate_up_proj_scale_inv`]: scale,
    });
    const gates = Object.fromEntries(
      Object.entries(apart(2, 256, 128)).filter(([name]) => !name.includes('down')),
    );
    const pairing = await pair(gates, f8(['F32', [2, 4, 1]]));
    const last = pairing.pairs.find(({ name }) => name === `${stack}.1.up_proj.weight`)?.tuned.scale;
    const first = pairing.pairs.find(({ name }) => name === `${stack}.0.gate_proj.weight`)?.tuned.scale;
    assert.ok(last && first);
    assert.deepEqual(last.shape, [2, 1]);
    assert.equal(last.offset - first.offset, 6 * 4);
    const shared = await pair(
      { [`${stack}.0.gate_proj.weight`]: [192, 128], [`${stack}.0.up_proj.weight`]: [192, 128] },
      {
        [`${stack}.gate_up_proj`]: ['F8_E4M3', [1, 384, 128]],
        [`${stack}.gate_up_proj_scale_inv`]: ['F32', [1, 3, 1]],
      },
    );
    assert.deepEqual(left(shared), [[`${stack}.gate_up_proj`, 'both', 384 * 128, 'layout-unknown']]);
  });

  it('compares a stack with one of the other orientation expert by expert, square neighbours too', async () => {
    const pairing = await pair(
      { [`${stack}.gate_up_proj`]: [2, 8, 4], [`${stack}.down_proj`]: [2, 4, 4] },
      { [`${stack}.gate_up_proj`]: [2, 4, 8], [`${stack}.down_proj`]: [2, 4, 4] },
    );
    assert.deepEqual(names(pairing).slice(0, 2), [`${stack}.down_proj[0]`, `${stack}.down_proj[1]`]);
    assert.equal(pairing.pairs[0]?.tuned.view?.columnStep, 4);
    assert.deepEqual([left(pairing), pairing.elements], [[], 96]);
    assert.match(pairing.notes.join(' '), /holds its 2 experts transposed in the tuned checkpoint/);
  });
});

describe('query, key and value', () => {
  const parts = {
    'model.layers.0.self_attn.q_proj.weight': [8, 4],
    'model.layers.0.self_attn.k_proj.weight': [4, 4],
    'model.layers.0.self_attn.v_proj.weight': [4, 4],
  };

  it('are cut where the layout is known, and refused where it is not', async () => {
    const fused = (leaf: string): Tensors => ({ [`model.layers.0.self_attn.${leaf}.weight`]: [16, 4] });
    const known = await pair(parts, fused('qkv_proj'));
    assert.deepEqual(
      known.pairs.map(({ module, tunedName }) => [module, tunedName]),
      [
        ['k', 'model.layers.0.self_attn.qkv_proj.weight[8:12]'],
        ['q', 'model.layers.0.self_attn.qkv_proj.weight[0:8]'],
        ['v', 'model.layers.0.self_attn.qkv_proj.weight[12:16]'],
      ],
    );
    for (const config of [{}, { model_type: 'gpt_neox' }, { model_type: 'odd' }]) {
      const unknown = await pair(parts, fused('query_key_value'), [config, config]);
      assert.deepEqual(left(unknown), [
        ['model.layers.0.self_attn.query_key_value.weight', 'both', 64, 'layout-unknown'],
      ]);
    }
  });
});

describe('transposed matrices', () => {
  it('are named, and a square one beside them is not compared as if it were not', async () => {
    const pairing = await pair(
      {
        'h.0.mlp.c_fc.weight': [4, 16],
        'h.0.mlp.c_proj.weight': [16, 4],
        'h.0.attn.c_proj.weight': [4, 4],
        'h.0.ln_1.weight': [4],
        'wte.weight': [9, 9],
      },
      {
        'h.0.mlp.c_fc.weight': [16, 4],
        'h.0.mlp.c_proj.weight': [4, 16],
        'h.0.attn.c_proj.weight': [4, 4],
        'h.0.ln_1.weight': [4],
        'wte.weight': [9, 9],
      },
    );
    assert.deepEqual(names(pairing), ['h.0.ln_1.weight', 'wte.weight']);
    const reasons = pairing.notCompared.map(({ reason }) => reason.message);
    assert.match(
      reasons[0] ?? '',
      /4 × 16 in the base and 16 × 4 in the tuned checkpoint: it looks transposed/,
    );
    assert.match(
      reasons[2] ?? '',
      /"h.0.attn.c_proj.weight" is square, and every other matrix .* looks transposed/,
    );
  });
});

describe('a thinker alone', () => {
  it('pairs with its omni model, and the talker is left', async () => {
    const thinker = { 'model.layers.0.self_attn.q_proj.weight': [4, 4], 'lm_head.weight': [9, 4] };
    const whole = {
      'thinker.model.layers.0.self_attn.q_proj.weight': [4, 4],
      'thinker.lm_head.weight': [9, 4],
      'talker.model.layers.0.self_attn.q_proj.weight': [4, 4],
    };
    const pairing = await pair(whole, thinker);
    assert.deepEqual(names(pairing), [
      'thinker.model.layers.0.self_attn.q_proj.weight ~ model.layers.0.self_attn.q_proj.weight',
      'thinker.lm_head.weight ~ lm_head.weight',
    ]);
    assert.deepEqual(
      pairing.pairs.map(({ container, layer }) => [container, layer]),
      [
        ['thinker', 0],
        ['thinker', null],
      ],
    );
    assert.deepEqual(left(pairing), [
      ['talker.model.layers.0.self_attn.q_proj.weight', 'base', 16, 'only-in-base'],
    ]);
    assert.match(
      pairing.notes[0] ?? '',
      /as thinker.model.layers.0.self_attn.q_proj.weight with model.layers/,
    );
  });
});

describe('empty tensors', () => {
  it('are named for ZeRO-3 and count with the elements of the other side', async () => {
    for (const shape of [[0], [0, 4]]) {
      const pairing = await pair(
        { 'model.norm.weight': [4], w: [9, 4] },
        { 'model.norm.weight': [4], w: shape },
      );
      assert.deepEqual(left(pairing), [['w', 'both', 36, 'empty-tensor']]);
      const [row] = pairing.notCompared;
      assert.match(
        row?.reason.message ?? '',
        /is empty \(\[0.*in the tuned checkpoint .*ZeRO-3 without gathering.*zero_to_fp32/,
      );
    }
  });

  it('stay what they are where both sides have none', async () => {
    const pairing = await pair({ w: [0, 4] }, { w: [0, 4] });
    assert.match(pairing.notCompared[0]?.reason.message ?? '', /has no elements/);
  });
});
