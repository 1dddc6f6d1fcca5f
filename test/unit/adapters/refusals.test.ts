// Adapted tensors whose update is refused by name: each becomes a tensor that cannot be read, and the others stay.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adaptCheckpoint } from '../../../src/engine/adapters/adaptCheckpoint.ts';
import type { AdapterSettings } from '../../../src/engine/adapters/adapter.ts';
import type { Checkpoint, DtypeName, StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';

const settings: AdapterSettings = {
  file: '/adapter/adapter_config.json',
  rank: 2,
  alpha: 4,
  rankStabilized: false,
  dora: false,
  fanInFanOut: false,
  rankPatterns: [],
  alphaPatterns: [],
  initialization: 'true',
  baseChange: 'none',
};
const weight = 'model.layers.0.mlp.up_proj.weight';
const module = 'base_model.model.model.layers.0.mlp.up_proj';

function tensor(name: string, shape: number[], dtype: DtypeName = 'F32'): StoredTensor {
  const elements = shape.reduce((product, size) => product * size, 1);
  return { name, dtype, shape, elements, file: '/file', offset: 0, bytes: 4 * elements, scale: null };
}

function checkpoint(folder: string, tensors: readonly StoredTensor[]): Checkpoint {
  const info = {
    ...{ path: folder, label: folder, format: 'safetensors', files: [], bytes: 0, parameters: 0, tensors: 0 },
    ...{ dtypes: {}, architecture: null, modelType: null, step: null, namedBase: null },
  };
  const rest = { unreadable: [], tiesEmbeddings: null, notes: [], metadata: {}, problems: [] };
  return { info, folder, tensors: new Map(tensors.map((each) => [each.name, each])), ...rest };
}

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

  it('with rows of an embedding trained by themselves', () => {
    const embedding = tensor('model.embed_tokens.weight', [10, 6]);
    for (const name of [
      'base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta',
      'base_model.model.model.embed_tokens.trainable_tokens_delta',
    ]) {
      const { message, code } = refused(embedding, [tensor(name, [3, 6])]);
      assert.equal(code, 'adapter-unsupported');
      assert.match(message, /rows trained by themselves \(trainable_tokens_delta\)/);
    }
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
