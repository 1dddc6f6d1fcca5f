// How many matrices are decomposed side by side: by the threads and the memory there are, on machines from 2 to 128 cores.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planLanes } from '../../../src/engine/analysis/lanes.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { largeModels, planOfShapes } from '../../support/largeModels.ts';

const steps = (model: string): Parameters<typeof planLanes>[0] =>
  planOfShapes(largeModels[model]?.() ?? [], defaultOptions).steps;

describe('lanes', () => {
  it('are as many as threads where memory holds them, and at most 32', () => {
    const lanes = [1, 2, 8, 32, 64, 128].map((threads) => planLanes(steps('7B (Qwen2.5)'), threads, 2 ** 40));
    assert.deepEqual(lanes, [1, 2, 8, 32, 32, 32]);
  });

  it('are as many as memory holds, and leave few threads idle', () => {
    // Most of 70B lies in matrices of 8192 × 28,672: a word an element for both sides, and float32 of one that is widened.
    const usual = 8 * 8192 * 28_800;
    assert.equal(planLanes(steps('70B (Llama 3)'), 64, 2.1 * usual), 2);
    assert.equal(
      planLanes(steps('70B (Llama 3)'), 64, 11 * usual),
      8,
      '8 lanes of 8 threads use 64, 11 of 5 only 55',
    );
    assert.equal(planLanes(steps('70B (Llama 3)'), 64, 1000), 1);
    assert.equal(planLanes([], 4, 1000), 4);
  });
});
