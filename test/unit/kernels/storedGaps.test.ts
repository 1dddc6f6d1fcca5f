// Gaps between elements that differ as stored: against a plain walk over the elements, whatever their width, with gaps of every
// length of LEB128 and across chunks; and what sending genuine updates takes, against numpy's encodings (test/fixtures/sync).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';
import { dtypes } from '../../../src/engine/checkpoint/dtype.ts';
import { syncCost } from '../../../src/engine/analysis/syncCost.ts';
import { chunkElements } from '../../../src/engine/kernels/chunkPlan.ts';
import type { StoredGaps } from '../../../src/engine/kernels/storedGaps.ts';
import type { TensorStreamer } from '../../../src/engine/kernels/tensorStreamer.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import type { SyncCost } from '../../../src/shared/report/syncCost.ts';
import { allHere } from '../../support/allHere.ts';
import { seeded } from '../../support/random.ts';
import { dist, pairOf, scratchFolder, writeTensor } from './streamed.ts';

const scratch = scratchFolder();
after(() => {
  scratch.remove();
});

async function withStreamer(use: (streamer: TensorStreamer) => Promise<void>): Promise<void> {
  const streamer = await createWorkerStreamer({ threads: 2, folder: dist, bytes: allHere });
  try {
    await use(streamer);
  } finally {
    await streamer.close();
  }
}

const options = { eta: 1e-3, wantMatrices: false };
const { signal } = new AbortController();

/** Places of elements that differ, so that every length of a gap comes up: from none to more than three bytes of LEB128. */
function places(elements: number): number[] {
  const random = seeded(11);
  const found: number[] = [];
  let at = -1;
  for (;;) {
    const length = random.next();
    const most = length < 0.4 ? 1 : length < 0.8 ? 40 : length < 0.95 ? 700 : length < 0.99 ? 40_000 : 3e6;
    at += 1 + Math.floor(random.next() * most);
    if (at >= elements) return found;
    found.push(at);
  }
}

function walked(changed: readonly number[]): StoredGaps {
  let varintBytes = 0;
  let wide = 0;
  for (const [index, place] of changed.entries()) {
    const gap = place - (changed[index - 1] ?? -1) - 1;
    varintBytes += gap < 2 ** 7 ? 1 : gap < 2 ** 14 ? 2 : gap < 2 ** 21 ? 3 : 4;
    if (gap >= 2 ** 16) wide += 1;
  }
  return { changed: changed.length, varintBytes, wide };
}

describe('gaps between elements that differ', () => {
  const shape = [Math.floor((2.2 * chunkElements) / 1001), 1001];
  const elements = shape.reduce((product, size) => product * size, 1);
  const changed = places(elements);
  const expected = walked(changed);

  it('come up in every length', () => {
    assert.ok(expected.wide > 3 && expected.varintBytes > expected.changed * 1.1, JSON.stringify(expected));
  });

  for (const dtype of ['U8', 'BF16', 'F32', 'F64'] as DtypeName[]) {
    it(`are those of a walk over ${dtype}`, async () => {
      const width = dtypes[dtype].bits / 8;
      const data = Buffer.alloc(elements * width, 0x3c);
      const base = writeTensor(scratch.path, 'base', dtype, shape, data);
      for (const place of changed) data[place * width] = 0x3d;
      const tuned = writeTensor(scratch.path, 'tuned', dtype, shape, data);
      await withStreamer(async (streamer) => {
        const { totals } = await streamer.stream(pairOf(base, tuned), options, signal);
        assert.deepEqual(totals.stored, expected);
        const same = await streamer.stream(pairOf(base, base), options, signal);
        assert.deepEqual(same.totals.stored, { changed: 0, varintBytes: 0, wide: 0 });
      });
    });
  }

  it('are unknown where the sides differ in dtype', async () => {
    const base = writeTensor(scratch.path, 'base', 'BF16', [4], Buffer.alloc(8));
    const tuned = writeTensor(scratch.path, 'tuned', 'F16', [4], Buffer.alloc(8));
    await withStreamer(async (streamer) => {
      assert.equal((await streamer.stream(pairOf(base, tuned), options, signal)).totals.stored, null);
    });
  });
});

describe('what sending an update takes', () => {
  const root = resolve(import.meta.dirname, '../../fixtures');
  const runs = JSON.parse(readFileSync(join(root, 'sync/expected.json'), 'utf8')) as Record<
    string,
    Record<string, SyncCost>
  >;
  for (const [run, expected] of Object.entries(runs)) {
    it(`is what numpy's encodings of ${run} take`, async () => {
      const base = await openCheckpoint(nodeFileSystem, join(root, 'nano/base'));
      const tuned = await openCheckpoint(nodeFileSystem, join(root, 'nano', run));
      await withStreamer(async (streamer) => {
        for (const [name, tensor] of base.tensors) {
          const pair = pairOf(tensor, tuned.tensors.get(name) ?? assert.fail(name));
          const { stored } = (await streamer.stream(pair, options, signal)).totals;
          assert.deepEqual(syncCost('BF16', tensor.elements, stored), expected[name], name);
        }
      });
    });
  }

  it('counts indices of 64 bits beyond 2³¹ elements, gaps of 32 where one is long, and all where dtypes differ', () => {
    const gaps = { changed: 10, varintBytes: 13, wide: 1 };
    const { indices, gaps: long, varints } = syncCost('BF16', 2 ** 31 + 1, gaps);
    assert.deepEqual([indices, long, varints], [100, 60, 33]);
    const { dense, ...sparse } = syncCost('F32', 100, null);
    assert.equal(dense, 400);
    assert.deepEqual(sparse, { changed: 100, indices: 400, gaps: 400, varints: 400, bitmap: 400 });
  });
});
