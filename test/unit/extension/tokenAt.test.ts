// What is under the mouse: quoted strings anywhere, bare words where the language has them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenAt } from '../../../src/extension/hovers/tokenAt.ts';

/** The token at the `|` in a line. */
function at(marked: string, allowBare: boolean): string | null {
  const character = marked.indexOf('|');
  return tokenAt(marked.replace('|', ''), character, allowBare)?.text ?? null;
}

describe('the token under the mouse', () => {
  const cases: [string, boolean, string | null][] = [
    ['model = "Qwen/Qw|en2.5"', false, 'Qwen/Qwen2.5'],
    ["load('../ba|se', x)", false, '../base'],
    ['"a": "b|"', false, 'b'],
    ['"a \\" b|c"', false, 'a \\" bc'],
    ['mod|el = "x"', false, null],
    ['path: ../../ba|se', true, '../../base'],
    ['pa|th: ../../base', true, null],
    ['- ./check|point-100  # note', true, './checkpoint-100'],
    ['train --model=acme/na|no \\', true, 'acme/nano'],
    ['|- x', true, null],
    ['""|', true, null],
  ];
  for (const [marked, allowBare, expected] of cases) {
    it(`in ${marked}`, () => {
      assert.equal(at(marked, allowBare), expected);
    });
  }

  it('is not looked for in endless lines', () => {
    assert.equal(tokenAt(`"${'x'.repeat(10_000)}"`, 5, false), null);
  });

  it('has the columns of its text', () => {
    assert.deepEqual(tokenAt('a: "bc"', 5, true), { text: 'bc', start: 4, end: 6 });
  });
});
