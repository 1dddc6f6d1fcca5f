// Numbers as text: those that were measured have their digits, those that somebody chose have the digits that were given.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatNumber, formatSetting } from '../../../src/shared/text/format.ts';

describe('a number that somebody chose', () => {
  it('has up to three digits and no zeros behind them, beside a measured one that keeps them', () => {
    for (const [value, chosen, measured] of [
      [5e-6, '5e-6', '5.0e-6'],
      [4.9999873e-6, '5e-6', '5.0e-6'],
      [2.75e-5, '2.75e-5', '2.8e-5'],
      [0.001, '0.001', '0.00100'],
      [0, '0', '0'],
      [null, '–', '–'],
    ] as const) {
      assert.equal(formatSetting(value), chosen);
      assert.equal(formatNumber(value), measured);
    }
  });
});
