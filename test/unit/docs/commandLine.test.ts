// The block of commands and the exit statuses of docs/command-line.md against the command line: every flag, no other, and their defaults.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { advise } from '../../../src/cli/commands/advise.ts';
import { analyze } from '../../../src/cli/commands/analyze.ts';
import { apply } from '../../../src/cli/commands/apply.ts';
import { check } from '../../../src/cli/commands/check.ts';
import { diff } from '../../../src/cli/commands/diff.ts';
import { hash } from '../../../src/cli/commands/hash.ts';
import { inspect } from '../../../src/cli/commands/inspect.ts';
import { mask } from '../../../src/cli/commands/mask.ts';
import { mcp } from '../../../src/cli/commands/mcp.ts';
import { merge } from '../../../src/cli/commands/merge.ts';
import { runs } from '../../../src/cli/commands/runs.ts';
import { status } from '../../../src/cli/commands/status.ts';
import { retry, submit } from '../../../src/cli/commands/submit.ts';
import { exitStatus } from '../../../src/cli/exitStatus.ts';
import { defaultOptions, optionCatalogue, type OptionName } from '../../../src/shared/options/catalogue.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/command-line.md'), 'utf8');
const block = /## Commands\n\n```\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

/** What the block says of a command, its several usages together. */
function usageOf(name: string): string {
  const usages = block.split(/^(?=three-gate )/mu);
  return usages.filter((usage) => usage.startsWith(`three-gate ${name} `)).join('');
}

describe('the page of the command line', () => {
  const commands = [
    analyze,
    check,
    hash,
    submit,
    status,
    retry,
    merge,
    inspect,
    advise,
    mask,
    runs,
    diff,
    apply,
    mcp,
  ];
  for (const { name, options } of commands) {
    it(`has every flag of ${name}, and no other`, () => {
      const told = [...usageOf(name).matchAll(/--[a-z]+(?:-[a-z]+)*/gu)].map(([flag]) => flag);
      const known = options.map(({ long }) => long ?? '');
      assert.ok(block.includes(`three-gate ${name}`));
      assert.deepEqual([...new Set(told)].sort(), known.sort());
    });
  }

  it('has the defaults and the words of the catalogue', () => {
    const usage = usageOf('analyze');
    for (const name of ['rank', 'alpha', 'eta'] as const) {
      assert.equal(Number(new RegExp(`--${name} (\\S+)`, 'u').exec(usage)?.[1]), defaultOptions[name], name);
    }
    assert.ok(usage.includes(`--engine ${defaultOptions.engine}`));
    const worded: OptionName[] = ['rank', 'alpha', 'eta', 'match', 'threads', 'fullSpectrum', 'useCache'];
    for (const name of worded) {
      const [flag = '', phrase = ''] = optionCatalogue[name].flag ?? [];
      const line = usage.split('\n').find((each) => each.trim().startsWith(flag.split(' ')[0] ?? ' '));
      assert.ok(line?.endsWith(phrase), `${name}: ${String(line)}`);
    }
  });

  it('has every exit status', () => {
    const table = /\| exit status \|[^\n]*\n\|[^\n]*\n((?:\|[^\n]*\n)+)/u.exec(page)?.[1] ?? '';
    const told = table
      .trimEnd()
      .split('\n')
      .map((row) => Number(row.split('|')[1]));
    assert.deepEqual(told, Object.values(exitStatus));
  });
});
