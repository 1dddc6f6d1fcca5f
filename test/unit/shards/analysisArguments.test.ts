// What the tasks of a cluster are told of an analysis: every option that has a flag, and no other.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { argumentsOf, optionsWithFlags } from '../../../src/shared/options/analysisArguments.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { defaultThresholds } from '../../../src/shared/options/thresholds.ts';

describe('the options of an analysis as arguments', () => {
  it('are those that are not the default', () => {
    assert.deepEqual(argumentsOf(defaultOptions), []);
    const options = { ...defaultOptions, rank: 8, gates: ['anchor', 'precision'] as const, match: 'q|k' };
    assert.deepEqual(
      argumentsOf({ ...options, gates: [...options.gates], profile: 'published', useCache: false }),
      [
        ...['--rank', '8', '--gates', 'anchor,precision', '--match', 'q|k', '--profile', 'published'],
        '--no-cache',
      ],
    );
    assert.deepEqual(argumentsOf({ ...defaultOptions, memoryBytes: 3 * 2 ** 30 }), ['--memory', '3']);
  });

  it('leave out what has no flag, and what is the own of every machine', () => {
    const thresholds = { ...defaultThresholds, coverage: 0.5 };
    const own = { threads: 3, memoryBytes: 2 ** 30, residualTolerance: 1e-3, thresholds };
    assert.deepEqual(optionsWithFlags({ ...defaultOptions, rank: 8, ...own }), {
      ...defaultOptions,
      rank: 8,
    });
  });
});
