// What of a repository can be opened: all of a checkpoint, and each file by itself, by names and sizes alone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listWeightFiles } from '../../../src/engine/opening/listWeightFiles.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';

const files = {
  '/r/model-00002-of-00010.safetensors': 'xx',
  '/r/model-00010-of-00010.safetensors': 'xxx',
  '/r/model.safetensors.index.json': 'x',
  '/r/optimizer.pt': 'x',
  '/r/README.md': 'x',
  '/r/checkpoint-5/pytorch_model.bin': 'x',
  '/loose/a.safetensors': 'x',
  '/loose/b.safetensors': 'x',
};

describe('listing files of weights', () => {
  it('gives whole checkpoints and single files in natural order, without reading a byte', async () => {
    const system = memoryFileSystem(files);
    assert.deepEqual(await listWeightFiles(system, '/r'), {
      checkpoints: ['/r', '/r/checkpoint-5'],
      files: [
        { path: '/r/checkpoint-5/pytorch_model.bin', bytes: 1 },
        { path: '/r/model-00002-of-00010.safetensors', bytes: 2 },
        { path: '/r/model-00010-of-00010.safetensors', bytes: 3 },
      ],
    });
    assert.equal(system.bytesRead.size, 0);
  });

  it('names each of unrelated files once', async () => {
    const { checkpoints, files: single } = await listWeightFiles(memoryFileSystem(files), '/loose');
    assert.deepEqual(checkpoints, []);
    assert.deepEqual(
      single.map(({ path }) => path),
      ['/loose/a.safetensors', '/loose/b.safetensors'],
    );
  });

  it('gives a file itself, and nothing of what is not there', async () => {
    const path = '/loose/a.safetensors';
    assert.deepEqual(await listWeightFiles(memoryFileSystem(files), path), {
      checkpoints: [],
      files: [{ path, bytes: 1 }],
    });
    assert.deepEqual(await listWeightFiles(memoryFileSystem(files), '/gone'), { checkpoints: [], files: [] });
  });
});
