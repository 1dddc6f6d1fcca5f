// What the pages about the house say: the drawing is that of the table, every file that they name exists, links are
// relative, and every invariant names the check that holds it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { globSync } from '../../../.ci/glob.mjs';
import { drawing, drawnIn } from './drawing.ts';

process.chdir(resolve(import.meta.dirname, '../../..'));

const decisions = globSync('docs/decisions', '.md');
const pages = ['ARCHITECTURE.md', 'CONTRIBUTING.md', ...decisions];
const architecture = readFileSync('ARCHITECTURE.md', 'utf8');

describe('the pages about the house', () => {
  it('draw the table of rooms', () => {
    assert.equal(drawnIn(architecture), drawing(), 'node --import tsx test/unit/architecture/redraw.ts');
  });

  it('name only files that exist', () => {
    for (const page of pages) {
      const named = [...readFileSync(page, 'utf8').matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name);
      const paths = named.filter((name) => /^(?:src|test|webview|docs|\.ci)\//.test(name));
      for (const path of paths) assert.ok(existsSync(path), `${page}: ${path}`);
    }
  });

  it('link to pages that exist, by relative links', () => {
    for (const page of pages) {
      for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)]+)\)/g)) {
        assert.ok(!target.startsWith('/') && !target.includes(':'), `${page}: ${target}`);
        assert.ok(existsSync(join(dirname(page), target)), `${page}: ${target}`);
      }
    }
  });

  it('name a check behind every invariant', () => {
    const section = /## Invariants\n([^]*?)\n## /.exec(architecture)?.[1] ?? assert.fail('no invariants');
    const invariants = section.split(/^- /m).slice(1);
    assert.ok(invariants.length > 15);
    for (const invariant of invariants) {
      assert.match(invariant, /: *\n? *`(?:test\/|eslint\.config|\.ci\/)/, invariant);
    }
  });

  it('list every decision, which has its context, what was decided and what holds it', () => {
    assert.ok(decisions.length >= 20);
    for (const [at, path] of decisions.entries()) {
      assert.match(path, new RegExp(`/${String(at + 1).padStart(3, '0')}-[a-z0-9-]+\\.md$`));
      assert.ok(architecture.includes(`](${path})`), `${path} is not linked`);
      const text = readFileSync(path, 'utf8');
      for (const heading of ['Context', 'Decision', 'Held by']) {
        assert.ok(text.includes(`\n## ${heading}\n`), `${path} has no ${heading}`);
      }
    }
  });

  it('are not packaged', () => {
    const packaged = readFileSync('.ci/vsixFiles.json', 'utf8');
    assert.doesNotMatch(packaged, /docs\/|ARCHITECTURE|CONTRIBUTING/);
    assert.match(readFileSync('.vscodeignore', 'utf8'), /^docs\/\*\*$/m);
  });
});
