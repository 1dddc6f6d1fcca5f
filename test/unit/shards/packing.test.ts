// How a plan is divided: every unit in exactly one shard whatever their number, near to the least that is possible, and on the
// shapes of real models within five per cent of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pack } from '../../../src/engine/shards/packing.ts';
import { unitsOf, type Unit } from '../../../src/engine/shards/units.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { imbalance } from '../../support/imbalance.ts';
import { largeModels, planOfShapes } from '../../support/largeModels.ts';

const items = fc.array(
  fc.record({
    cost: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    file: fc.constantFrom('a', 'b', 'c'),
  }),
  { maxLength: 60 },
);
const counts = fc.integer({ min: 1, max: 80 });

describe('packing', () => {
  it('puts every item into exactly one shard, in order', () => {
    fc.assert(
      fc.property(items, counts, (all, count) => {
        const shards = pack(all, count);
        assert.equal(shards.length, count);
        for (const shard of shards)
          assert.deepEqual(
            shard,
            [...shard].sort((one, other) => one - other),
          );
        assert.deepEqual(
          shards.flat().sort((one, other) => one - other),
          all.map((_, place) => place),
        );
      }),
    );
  });

  it('is never worse than the bound of longest first, 4/3 of the best, and one per cent', () => {
    fc.assert(
      fc.property(items, counts, (all, count) => {
        assert.ok(imbalance(all, pack(all, count)) <= 1.01 * 2 - 1);
      }),
    );
  });

  it('keeps what lies in one file together where that costs nothing', () => {
    const all = ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'].map((file) => ({ cost: 1, file }));
    const files = pack(all, 2).map((shard) => new Set(shard.map((place) => all[place]?.file)).size);
    assert.deepEqual(files, [1, 1]);
  });
});

describe('the units of large models', () => {
  for (const [model, shapes] of Object.entries(largeModels)) {
    it(`of ${model} are packed within five per cent of the best, on 1 to 64 nodes`, () => {
      const { steps } = planOfShapes(shapes(), defaultOptions);
      for (const nodes of [1, 2, 3, 4, 8, 12, 16, 24, 32, 48, 64]) {
        const units = unitsOf(steps, defaultOptions, nodes);
        const found = imbalance(units, pack(units, nodes));
        assert.ok(found < 0.05, `${nodes} nodes: ${(100 * found).toFixed(2)} %`);
      }
    });

    it(`of ${model} are every tensor and every matrix of a stack exactly once`, () => {
      const { steps } = planOfShapes(shapes(), defaultOptions);
      const byStep = new Map<number, Unit['part'][]>();
      for (const { step, part } of unitsOf(steps, defaultOptions, 64)) {
        byStep.set(step, [...(byStep.get(step) ?? []), part]);
      }
      for (const [index, { matrices }] of steps.entries()) {
        const [first, ...parts] = byStep.get(index) ?? [];
        if (first === 'whole') assert.deepEqual(parts, []);
        else {
          assert.equal(first, 'sums');
          const taken = parts.flatMap((part) => (typeof part === 'string' ? [] : [part]));
          assert.equal(
            taken.reduce((end, { from, to }) => (from === end ? to : NaN), 0),
            matrices?.count,
          );
        }
      }
    });
  }
});
