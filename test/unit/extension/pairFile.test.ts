// Pair files: what is read, what is refused and how it is said, what an edit keeps.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import Ajv from 'ajv';
import { editPair, formatPair, parsePair, type Pair } from '../../../src/shared/pairFile.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';

const schemaPath = join(import.meta.dirname, '../../../media/pairFile.schema.json');
const schema = JSON.parse(readFileSync(schemaPath, 'utf8')) as object;
const matchesSchema = new Ajv({ allowUnionTypes: true }).compile(schema);

describe('a pair file', () => {
  it('is read with its options', () => {
    const options = { rank: 64, thresholds: { coverage: 0.5 } };
    const text = JSON.stringify({ base: 'a', tuned: '../b', config: 'run.yaml', options });
    assert.deepEqual(parsePair(text, 'x.threegate'), {
      base: 'a',
      tuned: '../b',
      config: ['run.yaml'],
      options,
    });
  });

  it('needs only two paths', () => {
    assert.deepEqual(parsePair('{"base":"a","tuned":"b"}', 'x'), {
      base: 'a',
      tuned: 'b',
      config: null,
      options: {},
    });
  });

  it('comes back from its own text', () => {
    const pair: Pair = { base: 'a', tuned: 'b', config: ['c', 'd'], options: { alpha: 0.2 } };
    assert.deepEqual(parsePair(formatPair(pair), 'x'), pair);
  });

  it('keeps its limits, in its own text and in its schema', () => {
    for (const limits of ['limits.yaml', ['relativeDrift <= 1', { q_proj: 'sparsityBf16 >= 0.4' }]]) {
      const pair: Pair = { base: 'a', tuned: 'b', config: null, options: {}, limits };
      assert.deepEqual(parsePair(formatPair(pair), 'x'), pair);
      assert.ok(matchesSchema(JSON.parse(formatPair(pair))), JSON.stringify(matchesSchema.errors));
    }
    assert.equal(matchesSchema({ base: 'a', tuned: 'b', limits: [] }), false);
  });

  const refused: [string, string, RegExp][] = [
    ['text that is no JSON', '{', /^x\.threegate is not valid JSON: /],
    ['a list', '[]', /must hold a JSON object/],
    ['a missing side', '{"base":"a"}', /"tuned" must be the path of a checkpoint/],
    ['an empty path', '{"base":" ","tuned":"b"}', /"base" must be the path/],
    [
      'a config that is a number',
      '{"base":"a","tuned":"b","config":3}',
      /"config" must be a path or a list of paths/,
    ],
    [
      'an option that does not exist',
      '{"base":"a","tuned":"b","options":{"rnak":3}}',
      /options has no "rnak"/,
    ],
    [
      'a fractional rank',
      '{"base":"a","tuned":"b","options":{"rank":1.5}}',
      /options\.rank must be a whole number/,
    ],
    [
      'a share above one',
      '{"base":"a","tuned":"b","options":{"alpha":1.2}}',
      /options\.alpha must be a share/,
    ],
    [
      'an unknown gate',
      '{"base":"a","tuned":"b","options":{"gates":["kl"]}}',
      /options\.gates must be a list of/,
    ],
    [
      'a broken pattern',
      '{"base":"a","tuned":"b","options":{"match":"("}}',
      /options\.match must be a regular expression/,
    ],
    [
      'a half threshold',
      '{"base":"a","tuned":"b","options":{"thresholds":{"rotationMeanDeg":{"holds":1}}}}',
      /options\.thresholds\.rotationMeanDeg/,
    ],
  ];
  for (const [what, text, message] of refused) {
    it(`refuses ${what}, by name`, () => {
      assert.throws(() => parsePair(text, 'x.threegate'), { name: 'ThreeGateError', message });
    });
  }

  it('takes every option that an analysis has, and so does its schema', () => {
    const content = { base: 'a', tuned: 'b', options: defaultOptions };
    assert.deepEqual(parsePair(JSON.stringify(content), 'x').options, defaultOptions);
    assert.ok(matchesSchema(content), JSON.stringify(matchesSchema.errors));
  });

  it('has a schema that refuses what the reader refuses', () => {
    for (const [what, text] of refused) {
      if (what === 'text that is no JSON' || what === 'an empty path' || what === 'a broken pattern')
        continue;
      assert.equal(matchesSchema(JSON.parse(text)), false, what);
    }
  });

  it('keeps what an edit does not touch', () => {
    const edited = editPair('{"note":"mine","base":"a","tuned":"b"}', 'x', { base: 'b', tuned: 'a' });
    assert.deepEqual(JSON.parse(edited), { note: 'mine', base: 'b', tuned: 'a' });
  });
});
