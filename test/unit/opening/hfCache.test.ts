import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  cacheRoots,
  listCachedRepositories,
  parseRepositoryId,
  resolveRepository,
} from '../../../src/engine/opening/hfCache.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { safetensors } from '../checkpoint/support/safetensorsBytes.ts';

const one = 'a'.repeat(40);
const two = 'b'.repeat(40);
const weights = safetensors({ a: { dtype: 'F32', shape: [2] } });
const hub = '/home/me/.cache/huggingface/hub';
const environment = { variables: {}, homeDirectory: '/home/me' };
const files = memoryFileSystem({
  [`${hub}/models--Qwen--Qwen2.5-7B/refs/main`]: `${two}\n`,
  [`${hub}/models--Qwen--Qwen2.5-7B/refs/pr/1`]: one,
  [`${hub}/models--Qwen--Qwen2.5-7B/snapshots/${one}/model.safetensors`]: weights,
  [`${hub}/models--Qwen--Qwen2.5-7B/snapshots/${two}/model.safetensors`]: weights,
  [`${hub}/models--gpt2/snapshots/${one}/model.safetensors`]: weights,
  [`${hub}/models--x--unsure/snapshots/${one}/model.safetensors`]: weights,
  [`${hub}/models--x--unsure/snapshots/${two}/model.safetensors`]: weights,
  [`${hub}/models--x--gone/refs/main`]: one,
  [`${hub}/datasets--x--y/refs/main`]: one,
  '/home/me/.netrc': one,
});

describe('the Hugging Face cache', () => {
  for (const [variables, root] of [
    [{}, hub],
    [{ XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub'],
    [{ HF_HOME: '~/hf', XDG_CACHE_HOME: '/x' }, '/home/me/hf/hub'],
    [{ HF_HOME: '$DATA/hf', DATA: '/data' }, '/data/hf/hub'],
    [{ HUGGINGFACE_HUB_CACHE: '/old', HF_HOME: '/hf' }, '/old'],
    [{ HF_HUB_CACHE: '${DATA}/hub', DATA: '/d', HUGGINGFACE_HUB_CACHE: '/old' }, '/d/hub'],
    [{ HF_HUB_CACHE: '', HF_HOME: '$UNSET/x' }, '/$UNSET/x/hub'],
  ] as const) {
    it(`lies in ${root} for ${JSON.stringify(variables)}`, () => {
      assert.equal(cacheRoots(files, { variables, homeDirectory: '/home/me' })[0], root);
    });
  }

  it('lists the models in it', async () => {
    const found = await listCachedRepositories(files, environment);
    assert.deepEqual(
      found.map(({ id, commits }) => [id, commits]),
      [
        ['Qwen/Qwen2.5-7B', [one, two]],
        ['gpt2', [one]],
        ['x/gone', []],
        ['x/unsure', [one, two]],
      ],
    );
    assert.deepEqual(await listCachedRepositories(files, { variables: {}, homeDirectory: '/nobody' }), []);
  });

  it('resolves branches, nested refs and commits', async () => {
    const folder = `${hub}/models--Qwen--Qwen2.5-7B/snapshots`;
    assert.equal(await resolveRepository(files, environment, 'Qwen/Qwen2.5-7B'), `${folder}/${two}`);
    assert.equal(await resolveRepository(files, environment, 'Qwen/Qwen2.5-7B', 'pr/1'), `${folder}/${one}`);
    assert.equal(await resolveRepository(files, environment, 'Qwen/Qwen2.5-7B', one), `${folder}/${one}`);
  });

  it('takes the only snapshot without a ref, and never one of several', async () => {
    assert.equal(await resolveRepository(files, environment, 'gpt2'), `${hub}/models--gpt2/snapshots/${one}`);
    await assert.rejects(resolveRepository(files, environment, 'x/unsure'), {
      message: `${hub}/models--x--unsure holds no snapshot for the revision "main"; it has ${one}, ${two}.`,
    });
  });

  it('names what is not there', async () => {
    await assert.rejects(resolveRepository(files, environment, 'no/thing'), {
      message: `no/thing is not in the Hugging Face cache ${hub}.`,
    });
    await assert.rejects(resolveRepository(files, environment, 'gpt2', 'v2'), {
      message: `${hub}/models--gpt2 holds no snapshot for the revision "v2"; it has ${one}.`,
    });
    await assert.rejects(
      resolveRepository(files, environment, 'gpt2', '../../../../../.netrc'),
      /holds no snapshot/,
    );
  });

  it('looks into the cache that transformers is told to use as well', async () => {
    const variables = { TRANSFORMERS_CACHE: '~/own', HF_HOME: '/hf' };
    const elsewhere = { variables, homeDirectory: '/home/me' };
    assert.deepEqual(cacheRoots(files, elsewhere), ['/hf/hub', '/home/me/own']);
    const own = memoryFileSystem({
      [`/home/me/own/models--a--b/snapshots/${one}/model.safetensors`]: weights,
      [`/hf/hub/models--a--c/snapshots/${one}/model.safetensors`]: weights,
    });
    const found = await resolveRepository(own, elsewhere, 'a/b');
    assert.equal(found, `/home/me/own/models--a--b/snapshots/${one}`);
    const listed = await listCachedRepositories(own, elsewhere);
    assert.deepEqual(
      listed.map(({ id }) => id),
      ['a/c', 'a/b'],
    );
    await assert.rejects(resolveRepository(own, elsewhere, 'a/d'), {
      message: 'a/d is not in the Hugging Face cache /hf/hub or /home/me/own.',
    });
  });

  it('says of a snapshot that was not fetched whole how to fetch the rest', async () => {
    const snapshot = `${hub}/models--a--part/snapshots/${one}`;
    const hint = 'The Hugging Face cache holds only a part of a/part; "hf download a/part" fetches the rest.';
    const config = memoryFileSystem({ [`${snapshot}/config.json`]: '{}' });
    await assert.rejects(openCheckpoint(config, snapshot), {
      message: `${snapshot} holds no .safetensors file. ${hint}`,
    });
    const map = { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' };
    const half = memoryFileSystem({
      [`${snapshot}/model.safetensors.index.json`]: JSON.stringify({ weight_map: map }),
      [`${snapshot}/model-00001-of-00002.safetensors`]: weights,
    });
    const { problems } = await openCheckpoint(half, snapshot);
    assert.deepEqual(
      problems.map(({ message }) => message),
      [`${snapshot}/model-00002-of-00002.safetensors is missing. ${hint}`],
    );
  });

  it('opens a repository folder by its main snapshot', async () => {
    const { info, notes } = await openCheckpoint(files, `${hub}/models--Qwen--Qwen2.5-7B`);
    assert.equal(info.label, 'Qwen/Qwen2.5-7B');
    assert.deepEqual(notes, [`${hub}/models--Qwen--Qwen2.5-7B holds its checkpoint in snapshots/${two}.`]);
  });

  it('knows a repository id from other text', () => {
    assert.deepEqual(parseRepositoryId('Qwen/Qwen2.5-7B'), { id: 'Qwen/Qwen2.5-7B', revision: 'main' });
    assert.deepEqual(parseRepositoryId('gpt2@v1.0'), { id: 'gpt2', revision: 'v1.0' });
    for (const text of ['', '/abs/path', './x', '../x', 'a/b/c', 'a b', 'a--b', 'a/../b', 'a/b@']) {
      assert.equal(parseRepositoryId(text), null, text);
    }
  });
});
