// How long files are, so that each is read at a sitting; and that no test is skipped. How long functions are, and how many
// parameters they take, is ESLint's to say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { globSync } from '../../../.ci/glob.mjs';

process.chdir(resolve(import.meta.dirname, '../../..'));

const mostLines = 400;

interface Measured {
  file: string;
  lines: number;
}

function measured(folders: string[]): Measured[] {
  return folders
    .flatMap((folder) => ['.ts', '.mjs', '.css'].flatMap((ending) => globSync(folder, ending)))
    .filter((file) => !file.includes('node_modules'))
    .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
    .sort((left, right) => left.lines - right.lines);
}

/** Lines of the file below which this share of them is. */
function quantile(files: readonly Measured[], share: number): number {
  return files[Math.floor(share * (files.length - 1))]?.lines ?? assert.fail('no files');
}

describe('files', () => {
  const code = measured(['src', 'webview', '.ci']);
  const tests = measured(['test']);

  it('are found', () => {
    assert.ok(code.length > 400 && tests.length > 150);
  });

  it('of the code are of about a hundred lines, and few are longer than two hundred', () => {
    const median = quantile(code, 0.5);
    assert.ok(median >= 60 && median <= 120, `the median is ${median} lines`);
    const long = quantile(code, 0.9);
    assert.ok(long <= 200, `a tenth is longer than ${long} lines`);
  });

  it(`are never over ${mostLines} lines`, () => {
    assert.deepEqual(
      [...code, ...tests].filter(({ lines }) => lines > mostLines),
      [],
    );
  });
});

describe('tests', () => {
  it('are never skipped, nor alone', () => {
    const marks = /\b(?:it|test|describe)\.(?:skip|todo|only)\b|\b(?:skip|todo): |\bt(?:est)?\.skip\(/;
    const found = globSync('test', '.test.ts').filter((file) => marks.test(readFileSync(file, 'utf8')));
    assert.deepEqual(found, []);
  });
});
