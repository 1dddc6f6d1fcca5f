// The documents as a reader meets them: links that lead somewhere, a README of one sitting, numbers that were measured.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { factPages, facts, withFacts } from './facts.ts';

const root = resolve(import.meta.dirname, '../../..');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gmu)].map(([, title = '']) => title);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('the documents', () => {
  for (const page of pages) {
    it(`${page} links to what is there`, () => {
      const text = read(page).replaceAll(/```[\s\S]*?```/gu, '');
      const links = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/gu)].map(
        ([, link, source]) => link ?? source ?? '',
      );
      for (const link of links.filter((each) => !/^[a-z]+:/u.test(each))) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        assert.equal(existsSync(join(root, target)), true, `${page}: ${link}`);
        if (anchor === undefined) continue;
        assert.equal(anchorsOf(read(target)).has(anchor), true, `${page}: ${link}`);
      }
    });
  }

  it('begin with a README of at most 700 words', () => {
    const words = read('README.md')
      .replaceAll(/<[^>]+>|[|`*_]|-{3,}/gu, ' ')
      .split(/\s+/u)
      .filter((word) => /[\p{L}\p{N}]/u.test(word));
    assert.equal(words.length <= 700, true, `${words.length} words`);
  });

  it('state the version that is built, and the day of its release', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    const [newest = ''] = /^## .*$/mu.exec(read('CHANGELOG.md')) ?? [];
    assert.match(newest, new RegExp(`^## ${version.replaceAll('.', '\\.')} - \\d{4}-\\d{2}-\\d{2}$`, 'u'));
    for (const page of pages) {
      for (const [, stated] of read(page).matchAll(/three-gate-(\d+\.\d+\.\d+)\.tgz/gu)) {
        assert.equal(stated, version, page);
      }
    }
  });

  it('state numbers as they are measured (`npm run docs` writes them)', () => {
    execFileSync(process.execPath, ['--import', 'tsx', 'test/support/writeDemoNoise.ts'], { cwd: root });
    const known = facts();
    const plain = (text: string): string => text.replaceAll(/ +|-{3,}/gu, (run) => run[0] ?? '');
    for (const page of factPages) {
      const text = read(page);
      assert.match(text, /<!-- fact /u, page);
      assert.equal(plain(withFacts(text, known)), plain(text), page);
    }
  });
});
