// An index left over from an earlier save: what is read in its place, and what the error says where that is not clear.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { memoryFileSystem, type MemoryFiles } from '../checkpoint/support/memoryFileSystem.ts';
import { indexJson, safetensors } from '../checkpoint/support/safetensorsBytes.ts';

const shard = (name: string): Uint8Array => safetensors({ [name]: { dtype: 'F32', shape: [2] } });
const stale = {
  '/run/model.safetensors.index.json': indexJson({
    'model-00001-of-00004.safetensors': ['a', 'b'],
    'model-00002-of-00004.safetensors': ['c'],
  }),
};
const open = (files: MemoryFiles) => openCheckpoint(memoryFileSystem(files), '/run');

describe('a stale index', () => {
  it('gives way to one whole set of shards beside it, and that is said', async () => {
    const { tensors, info, notes, problems } = await open({
      ...stale,
      '/run/model-00001-of-00002.safetensors': shard('a'),
      '/run/model-00002-of-00002.safetensors': shard('b'),
    });
    assert.deepEqual([[...tensors.keys()], problems], [['a', 'b'], []]);
    assert.equal(info.format, 'safetensors, 2 shards beside a stale index');
    assert.match(
      notes.join(),
      /has a stale index: none of the 2 shards .* \(model-00001-of-00004.safetensors first\)/,
    );
  });

  it('is an error that names what lies there, where that is no whole set', async () => {
    for (const names of [
      ['model-00001-of-00002'],
      ['model-00001-of-00002', 'model-00002-of-00002', 'other'],
      ['odd'],
    ]) {
      const files = Object.fromEntries(names.map((name) => [`/run/${name}.safetensors`, shard(name)]));
      await assert.rejects(open({ ...stale, ...files }), ({ message }: Error) => {
        assert.match(message, /stale index/);
        for (const name of names) assert.ok(message.includes(name), message);
        assert.match(message, /Delete or rename model.safetensors.index.json/);
        return true;
      });
    }
  });

  it('is none where some of its shards are there: what is missing stays missing', async () => {
    const { tensors, problems } = await open({
      ...stale,
      '/run/model-00002-of-00004.safetensors': shard('c'),
      '/run/model-00001-of-00002.safetensors': shard('a'),
    });
    assert.deepEqual([...tensors.keys()], ['c']);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['shard-extra', 'shard-missing'],
    );
  });
});
