// The bounds on matrices that wait or are decomposed, and the order in which reads under way are finished.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MatrixQueue } from '../../../src/engine/analysis/matrixQueue.ts';
import { planAnalysis } from '../../../src/engine/analysis/plan.ts';
import { ReadAhead } from '../../../src/engine/analysis/readAhead.ts';
import type { StreamTotals } from '../../../src/engine/kernels/tensorStreamer.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { fakeTotals, matrix, pairOf } from './fakes.ts';

describe('matrix queue', () => {
  it('keeps all that is held within the budget, and what waits within its own bound', async () => {
    const queue = new MatrixQueue<number>(100, 40);
    await queue.reserve(30);
    assert.ok(queue.fits(10));
    assert.ok(!queue.fits(11), 'more than may wait');
    queue.put(1, 30);
    assert.equal(await queue.take(), 1);
    assert.ok(queue.fits(40));
    assert.ok(!queue.fits(41), 'one is decomposed: another may wait, but no larger one');
    queue.release(30);
    assert.ok(queue.fits(1000), 'nothing is held: one larger than the budget');
  });

  it('never holds more than the budget, however little waits', async () => {
    const queue = new MatrixQueue<number>(100, 90);
    await queue.reserve(80);
    queue.put(1, 80);
    await queue.take();
    assert.ok(queue.fits(20));
    assert.ok(!queue.fits(21));
  });

  it('lets a matrix of any size within the budget come to a lane that stands still', async () => {
    const queue = new MatrixQueue<number>(100, 20);
    await queue.reserve(50);
    queue.put(1, 50);
    await queue.take();
    let reserved = false;
    const reader = queue.reserve(50).then(() => (reserved = true));
    await Promise.resolve();
    assert.equal(reserved, false, 'the only lane is busy');
    const taker = queue.take();
    await reader;
    assert.ok(!queue.fits(1), 'the budget is full');
    queue.put(2, 50);
    assert.equal(await taker, 2);
  });

  it('wakes the reader when a waiting matrix is taken, not only when one is through', async () => {
    const queue = new MatrixQueue<number>(100, 20);
    await queue.reserve(20);
    queue.put(1, 20);
    let reserved = false;
    const next = queue.reserve(20).then(() => (reserved = true));
    await Promise.resolve();
    assert.equal(reserved, false);
    await queue.take();
    await next;
    assert.equal(queue.peakBytes, 40);
  });

  it('gives back what was reserved for nothing', async () => {
    const queue = new MatrixQueue<number>(100, 20);
    await queue.reserve(20);
    queue.cancel(20);
    assert.ok(queue.fits(20));
    assert.ok(queue.fits(200));
  });
});

describe('reads under way', () => {
  const { steps } = planAnalysis(
    {
      pairs: Array.from({ length: 5 }, (_, layer) => pairOf(matrix(layer, 'q', 4, 4))),
      notCompared: [],
      elements: 80,
      notes: [],
    },
    defaultOptions,
    { totalMemoryBytes: 2 ** 34 },
  );
  const totals: StreamTotals = fakeTotals(matrix(0, 'q', 4, 4));

  it('are finished in the order in which they were started, however they end', async () => {
    const finished: number[] = [];
    const reads = new ReadAhead(
      async ({ index, outcome }) => {
        await outcome;
        finished.push(index);
      },
      { streamMs: 0 },
    );
    for (const [index, step] of steps.entries()) {
      const found = { totals, sides: null, adapter: null, factors: null };
      const outcome = new Promise<typeof found>((resolve) => {
        setTimeout(resolve, 5 * (steps.length - index), found);
      });
      reads.add({ index, step, elements: 16, outcome });
      await reads.finishUntil(48);
    }
    assert.deepEqual(finished, [0, 1, 2]);
    await reads.finishUntil(0);
    assert.deepEqual(finished, [0, 1, 2, 3, 4]);
  });

  it('never let what needs no reading wait for more', async () => {
    const finished: number[] = [];
    const reads = new ReadAhead(
      ({ index }) => {
        finished.push(index);
        return Promise.resolve();
      },
      { streamMs: 0 },
    );
    for (const [index, step] of steps.entries()) {
      const outcome = { totals, adapter: null, parts: null, engine: null };
      reads.add({ index, step, elements: 0, outcome });
      await reads.finishUntil(1e6);
      assert.equal(finished.length, index + 1);
    }
  });
});
