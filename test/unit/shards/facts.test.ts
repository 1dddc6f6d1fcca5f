// Why two plans are not one, in words: every cause is named.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { differences, type PlanFacts } from '../../../src/engine/shards/facts.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';

const file = { name: 'model.safetensors', bytes: 1000, state: '2026-01-01T00:00:00.000Z' };
const facts: PlanFacts = {
  version: '1.2.3',
  shards: 16,
  options: defaultOptions,
  base: { path: '/base', files: [file] },
  tuned: { path: '/tuned', files: [file] },
  tensors: 3,
  tensorsHash: 'a',
  hash: '1',
};

function against(change: Partial<PlanFacts>): string[] {
  return differences(facts, { ...facts, hash: '2', ...change });
}

describe('two plans', () => {
  it('with one hash do not differ, wherever the checkpoints lie', () => {
    assert.deepEqual(differences(facts, { ...facts, base: { ...facts.base, path: '/elsewhere' } }), []);
  });

  it('differ in what is named', () => {
    const changed = { ...file, bytes: 2000 };
    assert.deepEqual(against({ version: '1.3.0', shards: 8 }), [
      'Three-Gate 1.2.3 against 1.3.0',
      '16 shards against 8',
    ]);
    assert.deepEqual(against({ options: { ...defaultOptions, match: 'q_proj' } }), [
      'option match is null against "q_proj"',
    ]);
    assert.deepEqual(against({ base: { path: '/base', files: [changed] } }), [
      'model.safetensors of the base checkpoint is 1.00 kB of 2026-01-01T00:00:00.000Z against 2.00 kB of 2026-01-01T00:00:00.000Z',
    ]);
    assert.deepEqual(against({ tuned: { path: '/other', files: [] } }), [
      'model.safetensors of the tuned checkpoint (/tuned) against none (/other)',
    ]);
    assert.deepEqual(against({ tensors: 4 }), ['3 tensors against 4']);
    assert.deepEqual(against({ tensorsHash: 'b' }), ['tensors of other names, shapes or dtypes']);
  });
});
