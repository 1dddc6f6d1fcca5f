// The command line's texts as values: the catalogue's ranges, and what a refusal says.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, type Option } from 'commander';
import { catalogueOption } from '../../../src/cli/sharedOptions.ts';
import { optionNames, optionCatalogue, type OptionName } from '../../../src/shared/options/catalogue.ts';

/** What commander makes of `--flag text`, by the option's own name. */
function parsed(option: Option, ...args: string[]): unknown {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  command.addOption(option).parse(args, { from: 'user' });
  return command.opts<Record<string, unknown>>()[option.attributeName()];
}

describe('an option of the catalogue on the command line', () => {
  it('is its default where it is not given', () => {
    const told = optionNames.filter((name) => optionCatalogue[name].flag !== null);
    for (const name of told) {
      const { default: value } = optionCatalogue[name];
      // A flag that turns something on is undefined until it is given; so is what has no default.
      const absent = value === null || value === false ? undefined : value;
      assert.deepEqual(parsed(catalogueOption(name)), absent, name);
    }
    assert.equal(parsed(catalogueOption('rank', { unset: true })), undefined);
  });

  const taken: [OptionName, string, string, unknown][] = [
    ['rank', '--rank', '8000', 8000],
    ['alpha', '--alpha', '0.005', 0.005],
    ['eta', '--eta', '0', 0],
    ['memoryBytes', '--memory', '0.5', 2 ** 29],
    ['gates', '--gates', 'precision,anchor', ['anchor', 'precision']],
    ['match', '--match', 'q_proj$', 'q_proj$'],
    ['sample', '--sample', '2%', 0.02],
    ['sample', '--sample', '0.05', 0.05],
    ['alpha', '--alpha', '30 %', 0.3],
  ];
  for (const [name, flag, text, value] of taken) {
    it(`takes ${flag} ${text}`, () => {
      assert.deepEqual(parsed(catalogueOption(name), flag, text), value);
    });
  }

  const refused: [OptionName, string, string, RegExp][] = [
    ['rank', '--rank', '0', / It must be a whole number of at least 1\.$/],
    ['alpha', '--alpha', '1', / It must lie between 0 and 1\.$/],
    ['eta', '--eta', '1', / It must be at least 0 and below 1\.$/],
    ['eta', '--eta', 'x', / It must be a number\.$/],
    ['threads', '--threads', '1.5', / It must be a whole number of at least 1\.$/],
    ['memoryBytes', '--memory', '0', / It must be at least 0\.015625\.$/],
    ['gates', '--gates', 'kl', / "kl" is no gate; the gates are anchor, geometry, precision\.$/],
    ['engine', '--engine', 'cuda', / Allowed choices are auto, native, wasm\.$/],
  ];
  for (const [name, flag, text, message] of refused) {
    it(`refuses ${flag} ${text}`, () => {
      assert.throws(() => parsed(catalogueOption(name), flag, text), message);
    });
  }
});
