// An F8 matrix is compared by its numbers alone only where nothing can be its scale: whatever a companion is called, it is
// applied or it is named as not understood.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { seeded, type Random } from '../../support/random.ts';
import { memoryFileSystem } from './support/memoryFileSystem.ts';
import { safetensors } from './support/safetensorsBytes.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

type Tensors = Record<string, [DtypeName, number[]]>;

function open(tensors: Tensors, config: object = {}): Promise<Checkpoint> {
  const specs = Object.entries(tensors).map(([name, [dtype, shape]]) => [name, { dtype, shape }] as const);
  const file = safetensors(Object.fromEntries(specs));
  const files = memoryFileSystem({ '/m/model.safetensors': file, '/m/config.json': JSON.stringify(config) });
  return openCheckpoint(files, '/m');
}

const module = 'model.layers.3.self_attn.q_proj';
const weight = `${module}.weight`;
const matrix: Tensors = {
  'model.embed_tokens.weight': ['BF16', [96, 64]],
  [weight]: ['F8_E4M3', [96, 64]],
  [`${module}.bias`]: ['BF16', [96]],
  'model.layers.3.input_layernorm.weight': ['BF16', [64]],
};

/** Either scaled, or not among what is compared; never as stored. */
function assertNeverRaw({ tensors, unreadable }: Checkpoint, of: string): void {
  const read = tensors.get(weight);
  if (read !== undefined) assert.notEqual(read.scale, null, of);
  else
    assert.ok(
      unreadable.some(({ name }) => name === weight),
      of,
    );
}

describe('companions of F8 matrices', () => {
  it('by any name never let one through raw', async () => {
    const random = seeded(8);
    for (let round = 0; round < 400; round++) {
      const name = placed(word(random), random);
      if (name in matrix) continue;
      const dtype = pick(random, ['F32', 'BF16', 'F16', 'F8_E8M0', 'U8'] as const);
      const shape = pick(random, [[], [1], [1, 1], [96], [96, 1], [3, 2], [96, 2], [1, 64], [6, 4]]);
      const checkpoint = await open({ ...matrix, [name]: [dtype, [...shape]] });
      assertNeverRaw(checkpoint, `${name} ${dtype} [${shape.join(', ')}]`);
    }
  });

  it('that are not known are named', async () => {
    const { unreadable } = await open({ ...matrix, [`${module}.quantizer_amax`]: ['F32', [96]] });
    assert.deepEqual(
      unreadable.map(({ elements, reason }) => [elements, reason.code, reason.message]),
      [
        [
          96 * 64,
          'dtype-scale-missing',
          `Tensor "${weight}" of /m/model.safetensors is stored in F8_E4M3, and what "${module}.quantizer_amax" beside it means is not known.`,
        ],
      ],
    );
    const second = await open({
      ...matrix,
      [`${weight}_scale`]: ['F32', [1]],
      [`${module}.pre_quant_scale`]: ['F32', [64]],
    });
    assert.match(second.unreadable[0]?.reason.message ?? '', /what ".*pre_quant_scale" beside it means/);
  });

  it('by every name in use are applied, and leave the list with the ranges of activations', async () => {
    const names = [
      `${weight}_scale_inv`,
      `${weight}_scale`,
      `${module}.scale`,
      `${module}.scale_weight`,
      `${weight}.scale`,
      `${module}._scale`,
    ];
    for (const name of names) {
      const { tensors, unreadable } = await open({
        ...matrix,
        [name]: ['F8_E8M0', [3, 2]],
        [`${module}.input_scale`]: ['F32', []],
        'model.layers.3.self_attn.k_scale': ['F32', [1]],
      });
      assert.deepEqual(unreadable, [], name);
      assert.equal(tensors.get(weight)?.scale?.name, name);
      assert.deepEqual([...tensors.keys()].sort(), Object.keys(matrix).sort());
    }
  });

  it('are not missed where nothing speaks of a scale: a cast is what is stored', async () => {
    const cast: Tensors = {
      'double_blocks.0.img_attn.qkv.weight': ['F8_E4M3', [96, 64]],
      'double_blocks.0.img_attn.qkv.bias': ['F8_E4M3', [96]],
      'double_blocks.0.img_attn.norm.query_norm.scale': ['F8_E4M3', [96]],
      'double_blocks.0.img_attn.norm.key_norm.scale': ['BF16', [96]],
    };
    cast['text_encoder.logit_scale'] = ['F32', []];
    cast['double_blocks.1.img_attn.qkv.weight'] = ['F8_E4M3', [96, 64]];
    const { tensors, unreadable } = await open(cast);
    assert.deepEqual(unreadable, []);
    assert.deepEqual([...tensors.keys()], Object.keys(cast));
    const quantised = await open(cast, { quantization_config: { quant_method: 'fp8' } });
    assert.deepEqual(
      quantised.unreadable.map(({ name }) => name),
      ['double_blocks.0.img_attn.qkv.weight', 'double_blocks.1.img_attn.qkv.weight'],
    );
  });
});

function pick<T>(random: Random, of: readonly T[]): T {
  return of[random.integer(of.length)] ?? assert.fail();
}

function word(random: Random): string {
  const syllables = [
    'sc',
    'ale',
    'inv',
    'q',
    'zp',
    'amax',
    'w',
    '_',
    'fac',
    'tor',
    'x',
    'norm',
    'weight',
    '1',
  ];
  return Array.from({ length: 1 + random.integer(4) }, () => pick(random, syllables)).join('');
}

/** In the module, beside the weight, beside the module, or anywhere. */
function placed(leaf: string, random: Random): string {
  return pick(random, [
    `${module}.${leaf}`,
    `${weight}_${leaf}`,
    `${weight}.${leaf}`,
    `${module}_${leaf}`,
    `scales.${leaf}`,
    `s_${leaf}`,
  ]);
}
