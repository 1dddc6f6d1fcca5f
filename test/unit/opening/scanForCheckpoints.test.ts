import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultScanLimits, scanForCheckpoints } from '../../../src/engine/opening/scanForCheckpoints.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';

const files = {
  '/w/base/model.safetensors': 'x',
  '/w/runs.v2/grpo/checkpoint-50/model.safetensors.index.json': 'x',
  '/w/runs.v2/grpo/checkpoint-400/model-00001-of-00002.safetensors': 'x',
  '/w/lora/adapter_config.json': 'x',
  '/w/loose/a.safetensors': 'x',
  '/w/loose/b.safetensors': 'x',
  '/w/node_modules/pkg/model.safetensors': 'x',
  '/w/.git/model.safetensors': 'x',
  '/w/src/main.py': 'x',
  '/w/notes.txt': 'x',
};

describe('scanning for checkpoints', () => {
  it('finds every kind, nearest first, in natural order, without reading a byte', async () => {
    const system = memoryFileSystem(files);
    const { found, complete } = await scanForCheckpoints(system, '/w');
    assert.deepEqual(
      found.map(({ path, kind, depth }) => [path, kind, depth]),
      [
        ['/w/base', 'single', 1],
        ['/w/loose/a.safetensors', 'file', 1],
        ['/w/loose/b.safetensors', 'file', 1],
        ['/w/lora', 'adapter', 1],
        ['/w/runs.v2/grpo/checkpoint-50', 'indexed', 3],
        ['/w/runs.v2/grpo/checkpoint-400', 'series', 3],
      ],
    );
    assert.equal(complete, true);
    assert.equal(system.bytesRead.size, 0);
    assert.ok(!system.asked.some((path) => /node_modules|\.git|main\.py|notes\.txt/.test(path)));
  });

  it('stops at its limits and says that it did', async () => {
    const system = memoryFileSystem(files);
    const shallow = await scanForCheckpoints(system, '/w', { ...defaultScanLimits, maxDepth: 1 });
    assert.equal(shallow.found.length, 4);
    const few = await scanForCheckpoints(system, '/w', { ...defaultScanLimits, maxResults: 1 });
    assert.deepEqual([few.found.length, few.complete], [1, false]);
    const none = await scanForCheckpoints(system, '/w', { ...defaultScanLimits, maxEntries: 3 });
    assert.deepEqual([none.found.length, none.complete], [0, false]);
  });

  it('finds nothing where nothing is, and passes over what it may not read', async () => {
    const system = memoryFileSystem(files);
    assert.deepEqual(await scanForCheckpoints(system, '/nowhere'), { found: [], complete: true });
    const closed = {
      ...system,
      list: (path: string) =>
        path.endsWith('/base') ? Promise.reject(new Error('denied')) : system.list(path),
    };
    const { found } = await scanForCheckpoints(closed, '/w');
    assert.equal(found.length, 5);
  });
});
