// Well-formed files: every dtype, odd shapes, odd but legal headers, and layouts of folders.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dtypes } from '../../../src/engine/checkpoint/dtype.ts';
import { listCheckpoint } from '../../../src/engine/opening/listCheckpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import type { MemoryFiles } from '../checkpoint/support/memoryFileSystem.ts';
import { indexJson, safetensors, withHeader } from '../checkpoint/support/safetensorsBytes.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

const path = '/run/model.safetensors';
const openBytes = (file: Uint8Array) => openCheckpoint(memoryFileSystem({ [path]: file }), path);

describe('well-formed files', () => {
  it('reads every dtype of the format', async () => {
    const names = Object.keys(dtypes) as DtypeName[];
    assert.equal(names.length, 22);
    const file = safetensors(
      Object.fromEntries(names.map((dtype) => [`t.${dtype}`, { dtype, shape: [3, 8] }])),
    );
    const { tensors, unreadable, problems, info } = await openBytes(file);
    assert.deepEqual({ unreadable, problems }, { unreadable: [], problems: [] });
    assert.deepEqual(
      [...tensors.values()].map(({ dtype, bytes }) => [dtype, bytes]),
      names.map((dtype) => [dtype, (24 * dtypes[dtype].bits) / 8]),
    );
    assert.deepEqual(info.dtypes, Object.fromEntries(names.map((dtype) => [dtype, 24])));
    const last = [...tensors.values()][names.length - 1];
    assert.ok(last);
    assert.equal(last.offset + last.bytes, file.length);
  });

  it('reads scalars, empty tensors and a file without tensors', async () => {
    const file = safetensors({
      scalar: { dtype: 'F64', shape: [] },
      none: { dtype: 'F32', shape: [0, 7] },
      alsoNone: { dtype: 'BF16', shape: [4, 0] },
      some: { dtype: 'U8', shape: [1] },
    });
    const { tensors } = await openBytes(file);
    assert.deepEqual(
      [...tensors.values()].map(({ name, elements, bytes, shape }) => [name, elements, bytes, shape]),
      [
        ['scalar', 1, 8, []],
        ['none', 0, 0, [0, 7]],
        ['alsoNone', 0, 0, [4, 0]],
        ['some', 1, 1, [1]],
      ],
    );
    const empty = await openBytes(withHeader('{}'));
    assert.equal(empty.info.parameters, 0);
    const zeroFirst = withHeader(
      '{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}',
    );
    assert.equal((await openBytes(zeroFirst)).tensors.get('a')?.elements, 0);
  });

  it('accepts what the reader of the format accepts', async () => {
    const entry = '{"extra":[1.5,{"x":null}],"data_offsets":[0,4],"shape":[1],"dtype":"F32"}';
    const accepted = [
      `{"a":${entry}}       `,
      ` \n\t{ "a" : ${entry} }\r\n`,
      `{"__metadata__":null,"a":${entry}}`,
      `{"__metadata__":{"format":"pt","__proto__":"x"},"a":${entry}}`,
    ];
    for (const header of accepted) {
      const { tensors, problems } = await openBytes(withHeader(header, 4));
      assert.deepEqual([...tensors.keys()], ['a'], header);
      assert.deepEqual(problems, []);
    }
    const { metadata } = await openBytes(withHeader(accepted[3]!, 4));
    assert.deepEqual(Object.entries(metadata), [
      ['format', 'pt'],
      ['__proto__', 'x'],
    ]);
  });

  it('reads names with escapes, other scripts and prototype keys', async () => {
    const entry = (start: number): string =>
      `{"dtype":"U8","shape":[1],"data_offsets":[${start},${start + 1}]}`;
    const header = `{"a\\"\\u00e9\\ud83d\\ude00":${entry(0)},"Ŵ😀":${entry(1)},"__proto__":${entry(2)},"constructor":${entry(3)}}`;
    const { tensors } = await openBytes(withHeader(header, 4));
    assert.deepEqual([...tensors.keys()], ['a"é😀', 'Ŵ😀', '__proto__', 'constructor']);
  });

  it('orders tensors by their bytes, whatever the order in the header', async () => {
    const header =
      '{"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}';
    const { tensors } = await openBytes(withHeader(header, 5));
    assert.deepEqual([...tensors.keys()], ['a', 'b']);
    const at = 8 + header.length;
    assert.deepEqual(
      [...tensors.values()].map(({ offset }) => offset),
      [at, at + 3],
    );
  });
});

describe('folders', () => {
  const one = safetensors({ a: { dtype: 'F32', shape: [2] } }, { format: 'pt' });
  const two = safetensors({ b: { dtype: 'BF16', shape: [2, 2] } });
  const open = async (files: MemoryFiles, at: string) => {
    const checkpoint = await openCheckpoint(memoryFileSystem(files), at);
    const { files: names, label, step, format } = checkpoint.info;
    return { tensors: [...checkpoint.tensors.keys()], names, label, step, format, notes: checkpoint.notes };
  };

  it('opens shards through the folder and through the index', async () => {
    const files = {
      '/m/qwen/model.safetensors.index.json': indexJson({
        'x-10.safetensors': ['b'],
        'x-9.safetensors': ['a'],
      }),
      '/m/qwen/x-9.safetensors': one,
      '/m/qwen/x-10.safetensors': two,
    };
    const wanted = {
      tensors: ['a', 'b'],
      names: ['x-9.safetensors', 'x-10.safetensors'],
      label: 'qwen',
      step: null,
      format: 'safetensors, 2 shards',
      notes: [],
    };
    assert.deepEqual(await open(files, '/m/qwen'), wanted);
    assert.deepEqual(await open(files, '/m/qwen/model.safetensors.index.json'), wanted);
  });

  it('opens shards in a subfolder of the index', async () => {
    const files = {
      '/m/model.safetensors.index.json': indexJson({ 'sub/x.safetensors': ['a'] }),
      '/m/sub/x.safetensors': one,
    };
    assert.deepEqual((await open(files, '/m')).names, ['sub/x.safetensors']);
  });

  it('takes shards without an index together, and says so', async () => {
    const files = {
      '/m/model-00001-of-00002.safetensors': one,
      '/m/model-00002-of-00002.safetensors': two,
      '/m/consolidated.safetensors': one,
    };
    const found = await open(files, '/m');
    assert.deepEqual(found.tensors, ['a', 'b']);
    assert.equal(found.format, 'safetensors, 2 of 2 shards without index');
    assert.deepEqual(found.notes, ['The shards in /m have no index; their tensors are taken together.']);
  });

  it('prefers the whole file to shards beside it, as transformers does', async () => {
    const found = await open(
      { '/m/model.safetensors': one, '/m/model-00001-of-00002.safetensors': two },
      '/m',
    );
    assert.deepEqual(found.tensors, ['a']);
    assert.deepEqual(found.notes, [
      'model.safetensors is read; beside it model-00001-of-00002.safetensors is not.',
    ]);
  });

  it('says that a shard given by itself is only a shard', async () => {
    const files = {
      '/m/q/model-00001-of-00002.safetensors': one,
      '/m/q/model-00002-of-00002.safetensors': two,
    };
    const found = await open(files, '/m/q/model-00001-of-00002.safetensors');
    assert.deepEqual(found.notes, [
      'Only the shard model-00001-of-00002.safetensors of 2 is read, as it was given by itself.',
    ]);
    assert.equal(found.label, 'q/model-00001-of-00002.safetensors');
  });

  for (const [trainer, folder, below, label, step] of [
    ['the Hugging Face trainer', '/out/grpo/checkpoint-500', '', 'grpo/checkpoint-500', 500],
    ['verl', '/ck/exp/global_step_40', 'actor/huggingface/', 'exp/global_step_40', 40],
    ['verl with Megatron', '/ck/exp/global_step_8', 'actor/model/huggingface/', 'exp/global_step_8', 8],
    ['a run folder with one checkpoint', '/out/sft', 'checkpoint-256/', 'sft/checkpoint-256', 256],
    ['a deeper run folder', '/out/run', 'ckpts/last/step_12/', 'last/step_12', 12],
  ] as const) {
    it(`opens the folder of ${trainer}`, async () => {
      const files: MemoryFiles = {
        [`${folder}/${below}model.safetensors`]: one,
        [`${folder}/optimizer.pt`]: '',
        [`${folder}/actor/model_world_size_2_rank_0.pt`]: '',
      };
      if (below !== '') files[`${folder}/critic/huggingface/model.safetensors`] = two;
      const found = await open(files, folder);
      assert.deepEqual(found.tensors, ['a']);
      assert.deepEqual({ label: found.label, step: found.step }, { label, step });
      assert.deepEqual(found.names, [`${below}model.safetensors`]);
      // Where the checkpoint lies, and that the value model beside it is not read.
      assert.equal(found.notes.length, below === '' ? 0 : 2);
      if (below !== '') assert.ok(found.notes[1]?.startsWith(`${folder} holds critic beside the policy`));
    });
  }

  it('reads config, trainer state and the named base, in the order of their trust', async () => {
    const beside = {
      '/m/tuned/config.json': JSON.stringify({
        architectures: ['Qwen2ForCausalLM'],
        model_type: 'qwen2',
        tie_word_embeddings: true,
        _name_or_path: 'from/config',
      }),
      // Python writes NaN, which JSON.parse refuses.
      '/m/tuned/trainer_state.json':
        '{"best_global_step": 7, "log_history": [{"loss": NaN, "step": 3}], "global_step": 42}',
      '/m/tuned/model.safetensors': one,
    };
    const readme = '---\nlicense: mit\nbase_model:\n- from/readme\ntags: [trl]\n---\n# Card\n';
    const info = async (files: MemoryFiles) =>
      (await openCheckpoint(memoryFileSystem({ ...beside, ...files }), '/m/tuned')).info;
    const plain = await info({});
    assert.deepEqual([plain.architecture, plain.modelType, plain.step], ['Qwen2ForCausalLM', 'qwen2', 42]);
    assert.deepEqual(plain.namedBase, { name: 'from/config', from: 'config.json' });
    const card = await info({ '/m/tuned/README.md': readme });
    assert.deepEqual(card.namedBase, { name: 'from/readme', from: 'README.md' });
    const adapter = await info({
      '/m/tuned/README.md': readme,
      '/m/tuned/adapter_config.json': '{"base_model_name_or_path":"from/adapter"}',
    });
    assert.deepEqual(adapter.namedBase, { name: 'from/adapter', from: 'adapter_config.json' });
    const merge = await info({
      '/m/tuned/README.md': '---\nbase_model: [a/b, c/d]\n---\n',
      '/m/tuned/config.json': '{"_name_or_path":"/x/tuned"}',
    });
    assert.equal(merge.namedBase, null);
  });

  it('lists F8 weights with their scales, and unreadable tensors as problems', async () => {
    const file = safetensors({
      'q.weight': { dtype: 'F8_E4M3', shape: [2, 4] },
      'q.weight_scale_inv': { dtype: 'F32', shape: [1, 1] },
      'k.weight': { dtype: 'F8_E4M3', shape: [2, 4] },
    });
    const files = memoryFileSystem({ '/m/run/sub/model.safetensors': file });
    const { tensors, problems, info } = await listCheckpoint(files, '/m/run');
    assert.deepEqual(
      tensors.map(({ name, file: where }) => [name, where]),
      [
        ['q.weight', 'sub/model.safetensors'],
        ['q.weight_scale_inv', 'sub/model.safetensors'],
      ],
    );
    assert.deepEqual(
      problems.map(({ message }) => message),
      [
        'Tensor "k.weight" of /m/run/sub/model.safetensors is stored in F8_E4M3, and no scale lies beside it (such as "k.weight_scale_inv"), though the checkpoint is quantised.',
      ],
    );
    assert.equal(info.parameters, 8);
  });
});
