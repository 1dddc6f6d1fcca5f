// Adapted tensors whose update is refused by name: each becomes a tensor that cannot be read, and the others stay.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adaptCheckpoint } from '../../../src/engine/adapters/adaptCheckpoint.ts';
import type { AdapterSettings } from '../../../src/engine/checkpoint/adapterUpdate.ts';
import type { StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';
import { checkpoint, settings, tensor } from './headers.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

const weight = 'model.layers.0.mlp.up_proj.weight';
const module = 'base_model.model.model.layers.0.mlp.up_proj';

const factors = (a: number[] = [2, 6], b: number[] = [8, 2], dtype: DtypeName = 'F32'): StoredTensor[] => [
  tensor(`${module}.lora_A.weight`, a, dtype),
  tensor(`${module}.lora_B.weight`, b, dtype),
];

/** What is refused of a base and an adapter, and what is left of the base. */
function refused(
  base: StoredTensor,
  adapter: readonly StoredTensor[],
  changed: Partial<AdapterSettings> = {},
): { message: string; code: string; left: string[] } {
  const other = tensor('model.norm.weight', [6]);
  const contents = { settings: { ...settings, ...changed }, initial: null };
  const made = adaptCheckpoint(checkpoint('/base', [base, other]), checkpoint('/adapter', adapter), contents);
  assert.equal(made.unreadable.length, 1);
  const { name, elements, reason } = made.unreadable[0] ?? assert.fail();
  assert.deepEqual([name, elements], [base.name, base.elements]);
  assert.ok(reason.message.includes(`"${base.name}"`) && reason.message.includes(settings.file));
  return { message: reason.message, code: reason.code, left: [...made.tensors.keys()] };
}

describe('an adapter is refused where its update is not understood', () => {
  it('has an update where it is', () => {
    const base = checkpoint('/base', [tensor(weight, [8, 6])]);
    const made = adaptCheckpoint(base, checkpoint('/adapter', factors()), { settings, initial: null });
    assert.deepEqual(made.unreadable, []);
    assert.equal(made.tensors.get(weight)?.adapter?.kind, 'low-rank');
  });

  it('on a convolution', () => {
    const { message, code, left } = refused(
      tensor(weight, [8, 6, 3, 3]),
      factors([2, 6, 3, 3], [8, 2, 1, 1]),
    );
    assert.equal(code, 'adapter-unsupported');
    assert.match(message, /is a convolution or a stack of matrices \(8 × 6 × 3 × 3\)/);
    assert.deepEqual(left, ['model.norm.weight']);
  });

  it('on a stack of expert matrices', () => {
    assert.equal(refused(tensor(weight, [4, 8, 6]), factors()).code, 'adapter-unsupported');
  });

  it('with rows of an embedding that the settings do not place', () => {
    const embedding = tensor('model.embed_tokens.weight', [10, 6]);
    const name = 'base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta';
    const cases: [AdapterSettings['tokenIndices'], number[], RegExp][] = [
      [[], [3, 6], /trainable_token_indices does not say which they are/],
      [{ lm_head: [1, 2, 3] }, [3, 6], /trainable_token_indices does not say which they are/],
      [[1, 2], [3, 6], /of 3 × 6, which 2 indices into 10 × 6 do not fit/],
      [[1, 2, 3], [3, 5], /of 3 × 5, which 3 indices into 10 × 6 do not fit/],
      [[1, 2, 10], [3, 6], /row 10 lies beyond its 10: give the base with the vocabulary/],
      [[1, 2, 1], [3, 6], /names one twice/],
      [[1, 2, 3], [0], /are empty \(0\): it was saved under DeepSpeed ZeRO-3 without gathering/],
    ];
    for (const [tokenIndices, shape, message] of cases) {
      assert.match(refused(embedding, [tensor(name, shape)], { tokenIndices }).message, message);
    }
    assert.match(
      refused(embedding, [], { tokenIndices: [1] }).message,
      /is named in trainable_token_indices, but the adapter holds nothing of it/,
    );
  });

  it('with empty factors, as ZeRO-3 leaves them', () => {
    const { message, code } = refused(tensor(weight, [8, 6]), factors([0], [0]));
    assert.equal(code, 'adapter-empty');
    assert.match(message, /has empty factors in the adapter \(A 0, B 0\).*ZeRO-3 without gathering/);
    assert.match(message, /zero_to_fp32\.py.*stage3_gather_16bit_weights_on_model_save/);
    const whole = refused(tensor('model.layers.0.mlp.up_proj.weight', [8, 6]), [
      tensor(`${module}.weight`, [0]),
    ]);
    assert.match(whole.message, /is empty in the adapter: it was saved under DeepSpeed ZeRO-3/);
  });

  it('with two factors of one name', () => {
    const other = tensor(`${module}.lora_A.other.weight`, [2, 6]);
    assert.match(
      refused(tensor(weight, [8, 6]), [...factors(), other]).message,
      /its factor A more than once/,
    );
  });

  it('with a DoRA magnitude over a weight that is stored transposed', () => {
    const magnitude = tensor(`${module}.lora_magnitude_vector`, [8]);
    const { message, code } = refused(tensor(weight, [6, 8]), [...factors(), magnitude], {
      dora: true,
      fanInFanOut: true,
    });
    assert.equal(code, 'adapter-unsupported');
    assert.match(message, /DoRA magnitude over a transposed weight/);
  });

  it('with a DoRA magnitude that the settings do not speak of, or without one that they ask for', () => {
    const magnitude = tensor(`${module}.lora_magnitude_vector`, [8]);
    const base = tensor(weight, [8, 6]);
    for (const [adapter, dora] of [
      [[...factors(), magnitude], false],
      [factors(), true],
    ] as const) {
      assert.match(
        refused(base, adapter, { dora }).message,
        /DoRA magnitude where the settings say otherwise/,
      );
    }
  });

  it('on a base in F64 or of integers', () => {
    for (const dtype of ['F64', 'I8'] as const) {
      const { message, code } = refused(tensor(weight, [8, 6], dtype), factors());
      assert.equal(code, 'adapter-unsupported');
      assert.match(message, new RegExp(`is stored in ${dtype}`));
    }
  });

  it('with factors of another shape, of a dtype that is none, or with one of the two', () => {
    const base = tensor(weight, [8, 6]);
    assert.equal(refused(base, factors([2, 7])).code, 'shape-mismatch');
    assert.equal(refused(base, factors([2, 6], [8, 2], 'F8_E4M3')).code, 'dtype-unsupported');
    assert.match(refused(base, factors().slice(0, 1)).message, /only one of its two LoRA factors/);
  });
});
