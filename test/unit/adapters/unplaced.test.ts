// What an adapter changes and cannot be placed: it moves from compared to not compared, whole, and nothing else does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdapterSettings } from '../../../src/engine/checkpoint/adapterUpdate.ts';
import type { Pairing, StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { seeded } from '../../support/random.ts';
import { checkpoint, settings, tensor } from './headers.ts';

const layer = (index: number): string => `model.layers.${index}`;
const prefix = 'base_model.model.';

function pair(module: string, a: number[], b: number[]): StoredTensor[] {
  return [tensor(`${prefix}${module}.lora_A.weight`, a), tensor(`${prefix}${module}.lora_B.weight`, b)];
}

/** Every kind of target, by the base's tensor that it changes. Layer 2 holds its experts by themselves. */
const base = [
  tensor('model.embed_tokens.weight', [20, 8]),
  ...[0, 1, 2].flatMap((index) => [
    tensor(`${layer(index)}.self_attn.q_proj.weight`, [8, 8]),
    tensor(`${layer(index)}.self_attn.v_proj.weight`, [4, 8]),
  ]),
  ...[0, 1].flatMap((index) => [
    tensor(`${layer(index)}.mlp.experts.gate_up_proj`, [3, 12, 8]),
    tensor(`${layer(index)}.mlp.experts.down_proj`, [3, 8, 6]),
  ]),
  ...[0, 1, 2].map((expert) => tensor(`${layer(2)}.mlp.experts.${expert}.down_proj.weight`, [8, 6])),
];
const targets = new Map<string, StoredTensor[]>([
  ...[0, 1, 2].flatMap((index): [string, StoredTensor[]][] => [
    [`${layer(index)}.self_attn.q_proj.weight`, pair(`${layer(index)}.self_attn.q_proj`, [2, 8], [8, 2])],
  ]),
  [`${layer(0)}.mlp.experts.gate_up_proj`, pair(`${layer(0)}.mlp.experts.base_layer`, [6, 8], [12, 6])],
  [`${layer(0)}.mlp.experts.down_proj`, pair(`${layer(0)}.mlp.experts`, [6, 6], [8, 6])],
  [
    `${layer(1)}.mlp.experts.gate_up_proj`,
    [0, 2].flatMap((expert) =>
      ['gate_proj', 'up_proj'].flatMap((leaf) =>
        pair(`${layer(1)}.mlp.experts.${expert}.${leaf}`, [2, 8], [6, 2]),
      ),
    ),
  ],
  [`${layer(1)}.mlp.experts.down_proj`, pair(`${layer(1)}.mlp.experts.1.down_proj`, [2, 6], [8, 2])],
  ['stack', pair(`${layer(2)}.mlp.experts`, [6, 6], [8, 6])],
  ['lm_head.weight', pair('lm_head', [2, 8], [20, 2])],
  [
    'model.embed_tokens.weight',
    [tensor(`${prefix}model.embed_tokens.token_adapter.trainable_tokens_delta`, [2, 8])],
  ],
]);
const options: Partial<AdapterSettings> = {
  targetParameters: ['mlp.experts.gate_up_proj', 'mlp.experts.down_proj'],
  tokenIndices: [3, 4],
};

function namesOf(target: string): string[] {
  return target === 'stack'
    ? base.map(({ name }) => name).filter((name) => name.includes('2.mlp.experts'))
    : [target];
}

function pairingOf(adapter: readonly StoredTensor[], changed: Partial<AdapterSettings> = options): Pairing {
  const contents = { settings: { ...settings, ...changed }, initial: null };
  return pairCheckpoints(checkpoint('/base', base), {
    ...checkpoint('/adapter', adapter),
    adapter: contents,
  });
}

const comparedOf = ({ pairs }: Pairing): Map<string, number> =>
  new Map(pairs.map(({ name, elements }) => [name, elements]));

/** Ways in which factors cannot be placed. */
const spoil: ((factors: StoredTensor[]) => StoredTensor[])[] = [
  (factors) => factors.map((factor, i) => (i === 0 ? { ...factor, shape: [0], elements: 0 } : factor)),
  (factors) => factors.map((factor, i) => (i === factors.length - 1 ? tensor(factor.name, [5, 7]) : factor)),
  (factors) => factors.map((factor) => ({ ...factor, dtype: 'I8' as const })),
  (factors) => factors.slice(1),
  (factors) => [...factors, { ...factors[0]!, name: factors[0]!.name.replace(/(lora_A|delta)/, '$1.more') }],
];

describe('updates that cannot be placed', () => {
  const all = pairingOf([...targets.values()].flat());

  it('are none where every target fits', () => {
    assert.deepEqual(all.notCompared, []);
    const adapted = all.pairs.filter(({ tuned }) => tuned.adapter !== undefined).map(({ name }) => name);
    assert.deepEqual(adapted.sort(), [...targets.keys()].flatMap(namesOf).sort());
  });

  it('move their elements, and no others, from compared to not compared', () => {
    const random = seeded(14);
    for (let round = 0; round < 300; round++) {
      const broken: string[] = [];
      const adapter = [...targets].flatMap(([target, factors]) => {
        if (random.between(0, 1) < 0.6) return factors;
        broken.push(...namesOf(target));
        const way = spoil[Math.floor(random.between(0, spoil.length))] ?? assert.fail();
        return way(factors);
      });
      const found = pairingOf(adapter);
      const said = `round ${round}: ${broken.join(', ')}`;
      assert.equal(found.elements, all.elements, said);
      assert.deepEqual(found.notCompared.map(({ name }) => name).sort(), broken.sort(), said);
      assert.ok(
        found.notCompared.every(({ refusedUpdate }) => refusedUpdate === true),
        said,
      );
      const expected = comparedOf(all);
      for (const { name, elements } of found.notCompared) {
        assert.equal(elements, expected.get(name), `${said}: ${name}`);
        expected.delete(name);
      }
      assert.deepEqual([...comparedOf(found)].sort(), [...expected].sort(), said);
    }
  });

  it('are none where the settings name too few of the parameters that are wrapped', () => {
    const few = pairingOf([...targets.values()].flat(), {
      ...options,
      targetParameters: ['mlp.experts.down_proj'],
    });
    assert.deepEqual(few.notCompared, []);
    assert.deepEqual(comparedOf(few), comparedOf(all));
  });

  it('are counted by their factors where the base has nothing of the kind', () => {
    const found = pairingOf(pair('model.layers.9.self_attn.q_proj', [2, 8], [16, 2]), {});
    assert.deepEqual(
      found.notCompared.map(({ name, elements, refusedUpdate }) => [name, elements, refusedUpdate]),
      [['model.layers.9.self_attn.q_proj.weight', 128, true]],
    );
    assert.equal(found.elements, base.reduce((sum, { elements }) => sum + elements, 0) + 128);
  });
});

describe('layouts that are not known', () => {
  const refusedOf = (
    tensors: StoredTensor[],
    adapter: StoredTensor[],
    changed: Partial<AdapterSettings> = {},
    modelType: string | null = null,
  ): [string[], string] => {
    const whole = checkpoint('/base', tensors);
    const contents = { settings: { ...settings, ...changed }, initial: null };
    const { notCompared } = pairCheckpoints(
      { ...whole, info: { ...whole.info, modelType } },
      { ...checkpoint('/adapter', adapter), adapter: contents },
    );
    assert.ok(notCompared.every(({ refusedUpdate }) => refusedUpdate === true));
    return [notCompared.map(({ name }) => name), notCompared[0]?.reason.message ?? ''];
  };
  const experts = `${layer(0)}.mlp.experts`;

  it('leave out halves of a stack that interleaves them, or may', () => {
    const half = pair(`${experts}.0.gate_proj`, [2, 8], [6, 2]);
    const stored = [tensor(`${experts}.gate_up_proj`, [3, 8, 12])];
    for (const [modelType, message] of [
      ['gpt_oss', /gpt-oss interleaves them/],
      [null, /without the model_type of the base's config\.json/],
    ] as const) {
      const [names, said] = refusedOf(stored, half, {}, modelType);
      assert.deepEqual(names, [`${experts}.gate_up_proj`]);
      assert.match(said, message);
    }
    assert.deepEqual(refusedOf(stored, half, {}, 'llama4_text')[0], []);
  });

  it('leave out square matrices that nothing else tells the orientation of', () => {
    const square = [tensor(`${experts}.down_proj`, [3, 8, 8])];
    const [names, said] = refusedOf(square, pair(experts, [6, 8], [8, 6]), {
      targetParameters: ['experts.down_proj'],
    });
    assert.deepEqual(names, [`${experts}.down_proj`]);
    assert.match(said, /matrices are square, and nothing in the adapter tells/);
  });

  it('leave out parameters that no shape tells apart, and those without factors', () => {
    const stored = [tensor(`${experts}.w1`, [3, 8, 6]), tensor(`${experts}.w3`, [3, 8, 6])];
    const targetParameters = ['experts.w1', 'experts.w3'];
    const wraps = [...pair(experts, [6, 6], [8, 6]), ...pair(`${experts}.base_layer`, [6, 6], [8, 6])];
    const [names, said] = refusedOf(stored, wraps, { targetParameters });
    assert.deepEqual(
      names,
      targetParameters.map((name) => `${layer(0)}.mlp.${name}`),
    );
    assert.match(said, /cannot be told apart/);
    assert.equal(refusedOf(stored, [], { targetParameters })[0].length, 2);
  });

  it('leave out what holds the adapted module fused or split', () => {
    const attention = `${layer(0)}.self_attn`;
    const factors = pair(`${attention}.q_proj`, [2, 8], [8, 2]);
    const [names, said] = refusedOf([tensor(`${attention}.qkv_proj.weight`, [24, 8])], factors);
    assert.deepEqual(names, [`${attention}.qkv_proj.weight`]);
    assert.match(said, /holds model\.layers\.0\.self_attn\.q_proj, which the adapter changes, fused/);
  });

  it('leave out packed weights, and name the unquantised base', () => {
    const name = `${layer(0)}.self_attn.q_proj.weight`;
    const factors = pair(`${layer(0)}.self_attn.q_proj`, [2, 8], [8, 2]);
    const packed = { ...tensor(name, [32, 1]), dtype: 'U8' as const };
    const state = { ...tensor(`${name}.quant_state.bitsandbytes__nf4`, [20]), dtype: 'U8' as const };
    const [names, said] = refusedOf([packed, state], factors);
    assert.deepEqual(names, [name]);
    assert.match(
      said,
      /packed to 4 bits by bitsandbytes \(nf4\) in the base.*compare with the unquantised base/,
    );
    const gptq = { ...tensor(name.replace('weight', 'qweight'), [1, 8]), dtype: 'I32' as const };
    assert.deepEqual(refusedOf([gptq], factors)[0], [gptq.name]);
    const blocks = { ...tensor(`${experts}.gate_up_proj_blocks`, [3, 12, 1, 16]), dtype: 'U8' as const };
    const mxfp4 = refusedOf([blocks], pair(experts, [6, 8], [12, 6]), {
      targetParameters: ['experts.gate_up_proj'],
    });
    assert.deepEqual(mxfp4[0], [blocks.name]);
    assert.match(mxfp4[1], /packed in MXFP4/);
  });
});
