// The settings as options of an analysis: defaults where nothing says, and a refusal that names the setting and its range.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { optionsOfSettings } from '../../../src/extension/settings/optionsOfSettings.ts';
import { settingsTable } from '../../../src/extension/settings/settingsTable.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';

function read(settings: Record<string, unknown>): ReturnType<typeof optionsOfSettings> {
  return optionsOfSettings((key) => settings[key]);
}

describe('the settings of an analysis', () => {
  it('are the catalogue’s defaults where nothing says, and as VS Code has them', () => {
    assert.deepEqual(read({}), defaultOptions);
    const asShown = Object.fromEntries(settingsTable.map(({ key, schema }) => [key, schema['default']]));
    assert.deepEqual(read(asShown), defaultOptions);
  });

  it('are read under their own names, memory in gigabytes', () => {
    const options = read({
      rank: 8000,
      memoryGigabytes: 0.5,
      cache: false,
      'thresholds.rotationMeanDeg.holds': 0,
      'thresholds.coverage': 1,
    });
    assert.equal(options.rank, 8000);
    assert.equal(options.memoryBytes, 2 ** 29);
    assert.equal(options.useCache, false);
    assert.deepEqual(options.thresholds.rotationMeanDeg, { holds: 0, broken: 5 });
    assert.equal(options.thresholds.coverage, 1);
  });

  const refused: [string, unknown, string][] = [
    ['rank', 0, 'a whole number of at least 1'],
    ['rank', '64', 'a whole number of at least 1'],
    ['alpha', 1, 'a share between 0 and 1'],
    ['eta', 1, 'a number of at least 0 and below 1'],
    ['engine', 'cuda', '"auto", "native" or "wasm"'],
    ['threads', 0, 'a whole number of at least 1, or null'],
    ['memoryGigabytes', 0, 'a number of gigabytes of at least 0.015625, or null'],
    ['cache', 'yes', 'true or false'],
    ['thresholds.sparsityBf16.holds', 36, 'a number from 0 to 1'],
    ['thresholds.beyondRotation', 0, 'a number of at least 1'],
    ['thresholds.coverage', 90, 'a share from 0 to 1'],
  ];
  for (const [key, value, words] of refused) {
    it(`refuse ${key} = ${String(value)}`, () => {
      const message = `The setting threeGate.${key} must be ${words}.`;
      assert.throws(() => read({ [key]: value }), { name: 'ThreeGateError', message });
    });
  }
});
