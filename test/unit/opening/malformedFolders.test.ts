// Folders and indexes that hold no checkpoint, or only part of one, each with the exact sentence.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { asProblem } from '../../../src/shared/errors.ts';
import type { ProblemCode } from '../../../src/shared/errors.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import type { MemoryFiles } from '../checkpoint/support/memoryFileSystem.ts';
import { counting, indexJson, safetensors, withHeader } from '../checkpoint/support/safetensorsBytes.ts';

const index = '/run/model.safetensors.index.json';
const one = safetensors({ a: { dtype: 'F32', shape: [2] } });
const shardOf = (name: string): string => `/run/model-0000${name}.safetensors`;
const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';

type Case = [what: string, files: MemoryFiles, code: ProblemCode, message: string];

const refused: Case[] = [
  ['a path where nothing is', { '/elsewhere/x': '' }, 'not-found', '/run does not exist.'],
  [
    'a folder without weights',
    { '/run/config.json': '{}' },
    'not-a-checkpoint',
    '/run holds no .safetensors file.',
  ],
  [
    'a folder of empty torch shards',
    { '/run/config.json': '{}', '/run/pytorch_model-00001-of-00002.bin': '' },
    'not-a-checkpoint',
    '/run/pytorch_model-00001-of-00002.bin is no file of torch.save: it is not a zip archive.',
  ],
  [
    'rank files that are empty',
    { '/run/model_world_size_8_rank_0.pt': '', '/run/huggingface/config.json': '{}' },
    'not-a-checkpoint',
    '/run/model_world_size_8_rank_0.pt is no file of torch.save: it is not a zip archive.',
  ],
  [
    'rank files of two runs',
    { '/run/model_world_size_8_rank_0.pt': '', '/run/model_world_size_4_rank_0.pt': '' },
    'not-a-checkpoint',
    '/run holds rank files of runs on 4 and 8 processes; name a file of the run to read, model_world_size_4_rank_0.pt or model_world_size_8_rank_0.pt.',
  ],
  [
    'several files of torch without a known name',
    { '/run/a.pt': '', '/run/b.pt': '' },
    'not-a-checkpoint',
    '/run holds 2 files of torch (a.pt, b.pt); name the one to read.',
  ],
  [
    'an empty torch file beside an unrelated model',
    { '/run/pytorch_model.bin': '', '/run/draft/model.safetensors': one },
    'not-a-checkpoint',
    '/run/pytorch_model.bin is no file of torch.save: it is not a zip archive.',
  ],
  [
    'adapter weights without their settings',
    { '/run/adapter_model.safetensors': one },
    'adapter-unsupported',
    '/run holds adapter weights without an adapter_config.json, which alone says how they are scaled.',
  ],
  [
    'adapter settings without weights',
    { '/run/adapter_config.json': '{}' },
    'adapter-unsupported',
    '/run holds an adapter_config.json without adapter weights beside it.',
  ],
  [
    'several checkpoints',
    { '/run/checkpoint-50/model.safetensors': one, '/run/checkpoint-100/model.safetensors': one },
    'not-a-checkpoint',
    '/run holds 2 checkpoints (checkpoint-50, checkpoint-100); name the one to read.',
  ],
  ['an empty index', { [index]: '' }, 'index-json', `${index} is not JSON: it ends too early.`],
  [
    'an index that is a Git LFS pointer',
    { [index]: pointer },
    'git-lfs-pointer',
    `${index} is a Git LFS pointer, not the file itself; fetch it with "git lfs pull".`,
  ],
  [
    'an index that is not JSON',
    { [index]: '{]' },
    'index-json',
    `${index} is not JSON: unexpected "]" at character 1.`,
  ],
  [
    'an index without a map',
    { [index]: '{"metadata":{"total_size":8}}' },
    'index-json',
    `${index} has no "weight_map" object, so it is not a shard index.`,
  ],
  ['an index without tensors', { [index]: '{"weight_map":{}}' }, 'index-json', `${index} lists no tensors.`],
  [
    'an index that names no file',
    { [index]: '{"weight_map":{"a":1}}' },
    'index-json',
    `${index} names no file for tensor "a".`,
  ],
  [
    'an index that lists a tensor twice',
    { [index]: '{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}' },
    'index-json',
    `${index} lists the tensor "a" twice.`,
  ],
  ...[
    '../x.safetensors',
    '/etc/passwd',
    'C:\\x.safetensors',
    '\\\\server\\x',
    'a/../../x',
    'a//x',
    './x',
    'x\0',
    '',
  ].map((shard): Case => [
    `the shard path ${JSON.stringify(shard)}`,
    { [index]: JSON.stringify({ weight_map: { a: shard } }) },
    'shard-path',
    `${index} places tensor "a" in ${JSON.stringify(shard)}, which is not a file inside its folder.`,
  ]),
  [
    'an index whose only shard is missing',
    { [index]: indexJson({ 'x.safetensors': ['a'] }) },
    'shard-missing',
    '/run/x.safetensors is missing.',
  ],
  [
    'an index whose only shard is a Git LFS pointer',
    { [index]: indexJson({ 'x.safetensors': ['a'] }), '/run/x.safetensors': pointer },
    'git-lfs-pointer',
    '/run/x.safetensors is a Git LFS pointer, not the file itself; fetch it with "git lfs pull".',
  ],
];

describe('folders that hold no checkpoint', () => {
  for (const [what, files, code, message] of refused) {
    it(`refuses ${what}`, async () => {
      const thrown = await openCheckpoint(memoryFileSystem(files), '/run').then(
        () => assert.fail('it opened'),
        (error: unknown) => asProblem(error),
      );
      assert.deepEqual({ code: thrown.code, message: thrown.message }, { code, message });
    });
  }

  it('refuses an empty torch file and an adapter that are given by name', async () => {
    const files = memoryFileSystem({ '/run/model.pt': '', '/run/adapter_model.safetensors': one });
    await assert.rejects(
      openCheckpoint(files, '/run/model.pt'),
      /^ThreeGateError: \/run\/model\.pt is no file of torch\.save/,
    );
    await assert.rejects(
      openCheckpoint(files, '/run/adapter_model.safetensors'),
      /^ThreeGateError: \/run holds adapter weights without an adapter_config\.json/,
    );
  });
});

interface Partly {
  tensors: string[];
  unreadable: [name: string, elements: number | null, code: ProblemCode, message: string][];
  problems: [code: ProblemCode, message: string][];
}

async function openPartly(files: MemoryFiles): Promise<Partly> {
  const { tensors, unreadable, problems } = await openCheckpoint(memoryFileSystem(files), '/run');
  return {
    tensors: [...tensors.keys()],
    unreadable: unreadable.map(({ name, elements, reason }) => [name, elements, reason.code, reason.message]),
    problems: problems.map(({ code, message }) => [code, message]),
  };
}

describe('checkpoints that can be read in part', () => {
  const two = safetensors({ b: { dtype: 'F32', shape: [2] }, c: { dtype: 'BF16', shape: [3] } });
  const twoShards = indexJson({ 'x.safetensors': ['a'], 'y.safetensors': ['b', 'c'] });

  it('names a missing shard and every tensor in it', async () => {
    assert.deepEqual(await openPartly({ [index]: twoShards, '/run/x.safetensors': one }), {
      tensors: ['a'],
      unreadable: ['b', 'c'].map((name) => [
        name,
        null,
        'shard-missing',
        `Tensor "${name}" cannot be read: /run/y.safetensors is missing.`,
      ]),
      problems: [['shard-missing', '/run/y.safetensors is missing.']],
    });
  });

  it('names a shard that is a web page', async () => {
    const files = { [index]: twoShards, '/run/x.safetensors': one, '/run/y.safetensors': '<html>429</html>' };
    const sentence =
      '/run/y.safetensors is a web page, not the file itself; the download probably answered with an error page.';
    assert.deepEqual(await openPartly(files), {
      tensors: ['a'],
      unreadable: ['b', 'c'].map((name) => [
        name,
        null,
        'html-page',
        `Tensor "${name}" cannot be read: ${sentence}`,
      ]),
      problems: [['html-page', sentence]],
    });
  });

  it('keeps what lies before the cut of a truncated shard', async () => {
    const cut = two.subarray(0, two.length - 1);
    const end = two.length;
    assert.deepEqual(
      await openPartly({ [index]: twoShards, '/run/x.safetensors': one, '/run/y.safetensors': cut }),
      {
        tensors: ['a', 'b'],
        unreadable: [
          [
            'c',
            3,
            'file-truncated',
            `/run/y.safetensors is truncated: tensor "c" ends at byte ${end}, the file at byte ${end - 1}.`,
          ],
        ],
        problems: [
          ['file-truncated', '/run/y.safetensors is truncated: 1 of its tensors lie beyond its end.'],
        ],
      },
    );
  });

  it('names a tensor that its shard lacks', async () => {
    const listing = indexJson({ 'x.safetensors': ['a', 'z'], 'y.safetensors': ['b', 'c'] });
    assert.deepEqual(
      await openPartly({ [index]: listing, '/run/x.safetensors': one, '/run/y.safetensors': two }),
      {
        tensors: ['a', 'b', 'c'],
        unreadable: [
          ['z', null, 'shard-tensor-missing', `${index} places tensor "z" in x.safetensors, which lacks it.`],
        ],
        problems: [],
      },
    );
  });

  it('reads a tensor from the shard it is really in, and says so', async () => {
    const listing = indexJson({ 'x.safetensors': ['a', 'b'], 'y.safetensors': ['c'] });
    assert.deepEqual(
      await openPartly({ [index]: listing, '/run/x.safetensors': one, '/run/y.safetensors': two }),
      {
        tensors: ['a', 'c', 'b'],
        unreadable: [],
        problems: [
          [
            'shard-tensor-missing',
            `${index} places tensor "b" in x.safetensors, but it is in /run/y.safetensors.`,
          ],
        ],
      },
    );
  });

  it('reads tensors that the index does not list, and says so', async () => {
    const listing = indexJson({ 'x.safetensors': ['a'], 'y.safetensors': ['b'] });
    assert.deepEqual(
      await openPartly({ [index]: listing, '/run/x.safetensors': one, '/run/y.safetensors': two }),
      {
        tensors: ['a', 'b', 'c'],
        unreadable: [],
        problems: [
          [
            'shard-extra',
            `/run/y.safetensors holds tensor "c" without an entry in ${index}; what it holds is read all the same.`,
          ],
        ],
      },
    );
  });

  it('names a shard that the index does not list, and does not read it', async () => {
    const files = { [index]: twoShards, '/run/x.safetensors': one, '/run/y.safetensors': two };
    assert.deepEqual((await openPartly({ ...files, '/run/old.safetensors': one })).problems, [
      ['shard-extra', '/run/old.safetensors is not listed in model.safetensors.index.json and is not read.'],
    ]);
  });

  it('names the gap in shards without an index', async () => {
    const files = { [shardOf('1-of-00003')]: one, [shardOf('3-of-00003')]: two };
    assert.deepEqual(await openPartly(files), {
      tensors: ['a', 'b', 'c'],
      unreadable: [],
      problems: [['shard-missing', '/run/model-00002-of-00003.safetensors is missing.']],
    });
  });

  it('does not choose between two files that hold the same name', async () => {
    const files = {
      [shardOf('1-of-00002')]: one,
      [shardOf('2-of-00002')]: safetensors({
        a: { dtype: 'F32', shape: [2] },
        b: { dtype: 'U8', shape: [1] },
      }),
    };
    assert.deepEqual(await openPartly(files), {
      tensors: ['b'],
      unreadable: [
        [
          'a',
          2,
          'header-duplicate',
          'Tensor "a" is in both /run/model-00001-of-00002.safetensors and /run/model-00002-of-00002.safetensors, and no index says which one counts.',
        ],
      ],
      problems: [],
    });
  });

  it('makes an unknown dtype a row and reads the tensors around it', async () => {
    const header =
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F5_E3M1","shape":[8,2],"data_offsets":[4,14]},' +
      '"c":{"dtype":"F32","shape":[1],"data_offsets":[14,18]}}';
    assert.deepEqual(await openPartly({ '/run/model.safetensors': withHeader(header, counting(18)) }), {
      tensors: ['a', 'c'],
      unreadable: [
        [
          'b',
          16,
          'dtype-unsupported',
          'Tensor "b" of /run/model.safetensors is not comparable: unknown dtype "F5_E3M1".',
        ],
      ],
      problems: [],
    });
  });

  it('opens weights beside a broken config and model card', async () => {
    const files = {
      '/run/model.safetensors': one,
      '/run/config.json': '{',
      '/run/README.md': '---\nbase_model: [\n---\n',
    };
    assert.deepEqual((await openPartly(files)).problems, [
      ['config-syntax', '/run/config.json is not JSON.'],
    ]);
  });
});
