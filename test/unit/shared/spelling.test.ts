// One spelling wherever people read: British, as in analyse, colour and normalise. Names that are typed or that others gave
// stay as they are: the commands `analyze` and "Analyze Checkpoint Pair…", flags of other tools, the media feature prefers-color-scheme.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../../..');

const stems = [
  'analyz(?:e[ds]|er|ing)',
  'behavior',
  'cancel(?:ed|ing)',
  'catalog\\b',
  'center',
  'color',
  'customiz',
  'diagonaliz',
  'factoriz',
  'favor',
  'fulfill',
  'generaliz',
  'gray',
  'honor',
  'initializ',
  'judgment',
  'label(?:ed|ing)\\b',
  'maximiz',
  'minimiz',
  'model(?:ed|ing)\\b',
  'neighbor',
  'normaliz',
  'organiz',
  'orthogonaliz',
  'prioritiz',
  'quantiz',
  'randomiz',
  'recogniz',
  'regulariz',
  'signal(?:ed|ing)\\b',
  'standardiz',
  'summariz',
  'synchroniz',
  'travel(?:ed|ing)\\b',
  'utiliz',
  'visualiz',
];
const american = new RegExp(`\\b(?:un|re|de)?(?:${stems.join('|')})\\w*`, 'giu');
const given = /prefers-color-scheme|--[\w-]+/gu;

function americanIn(text: string): string[] {
  return text.replaceAll(given, '').match(american) ?? [];
}

/** Texts of a program that hold several words: what a person reads, rather than a name. */
function sentencesOf(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.filter((text) => /\p{L},? \p{L}/u.test(text));
}

function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
}

describe('the spelling', () => {
  it('is told from the other one', () => {
    assert.deepEqual(americanIn('The normalized weights were analyzed; colored gray, unquantized.'), [
      'normalized',
      'analyzed',
      'colored',
      'gray',
      'unquantized',
    ]);
    assert.deepEqual(americanIn('Run three-gate analyze: it is analysed, labelled and recognised.'), []);
  });

  it('of messages, hovers, findings and labels is British', () => {
    const files = ['src', 'webview', '.ci'].flatMap((folder) => filesBelow(folder, /\.(?:ts|mjs)$/u));
    assert.equal(files.length > 400, true);
    for (const path of files) assert.deepEqual(sentencesOf(path).flatMap(americanIn), [], path);
    const named = Object.values(
      JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>,
    );
    assert.deepEqual(named.flatMap(americanIn), []);
  });

  it('of the documents is British', () => {
    const pages = [
      ...readdirSync(root)
        .filter((name) => name.endsWith('.md'))
        .map((name) => join(root, name)),
      ...filesBelow('docs', /\.md$/u),
    ];
    for (const path of pages) {
      const prose = readFileSync(path, 'utf8').replaceAll(/```[\s\S]*?```|`[^`]*`/gu, '');
      assert.deepEqual(americanIn(prose), [], path);
    }
  });
});
