// The catalogue of options against what is written by hand: the schema of pair files, the schema of a report, the README.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defaultOptions, optionCatalogue, optionNames } from '../../../src/shared/options/catalogue.ts';
import { accepts, ruleWords, valueWords, type Rule } from '../../../src/shared/options/rule.ts';
import { ruleSchema } from '../../../src/shared/options/ruleSchema.ts';
import { thresholdCatalogue } from '../../../src/shared/options/thresholds.ts';

const thresholdNames = Object.keys(thresholdCatalogue) as (keyof typeof thresholdCatalogue)[];

const root = join(import.meta.dirname, '../../..');

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: string[];
  description?: string;
  properties?: Record<string, Schema>;
}
interface PairSchema extends Schema {
  properties: { options: { properties: Record<string, Schema> } } & Record<string, Schema>;
  definitions: Record<string, Schema>;
}

function parsed(file: string): unknown {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

describe('the schema of pair files', () => {
  const schema = parsed('media/pairFile.schema.json') as PairSchema;
  const { thresholds, ...options } = schema.properties.options.properties;
  /** A definition that is referred to, in its place. */
  const whole = ({ $ref, ...rest }: Schema): Schema => ({
    ...($ref === undefined ? {} : schema.definitions[$ref.replace('#/definitions/', '')]),
    ...rest,
  });

  it('has the options of the catalogue, with their limits and words', () => {
    const wanted = optionNames.map((name) => {
      const { rule, explanation } = optionCatalogue[name];
      return [name, { ...ruleSchema(rule), description: explanation }] as const;
    });
    assert.deepEqual(options, Object.fromEntries(wanted));
  });

  it('has the thresholds of the catalogue, with their limits and words', () => {
    const found = Object.entries(thresholds?.properties ?? {}).map(([name, each]) => [name, whole(each)]);
    const wanted = thresholdNames.map((name) => {
      const { rule, measure } = thresholdCatalogue[name];
      return [name, { ...ruleSchema(rule), description: measure }] as const;
    });
    assert.deepEqual(Object.fromEntries(found), Object.fromEntries(wanted));
  });
});

describe('the schema of a report', () => {
  it('has the options and thresholds of the catalogue, with their types', () => {
    const { definitions } = parsed('dist/report.schema.json') as { definitions: Record<string, Schema> };
    const { thresholds, ...options } = definitions['AnalysisOptions']?.properties ?? {};
    assert.ok(thresholds);
    assert.deepEqual(Object.keys(options).sort(), [...optionNames].sort());
    assert.deepEqual(
      Object.keys(definitions['Thresholds']?.properties ?? {}).sort(),
      [...thresholdNames].sort(),
    );
    const typeOf = (schema: Schema): Schema => {
      const name = schema.$ref?.replace('#/definitions/', '');
      const { type, enum: names } = name === undefined ? schema : (definitions[name] ?? {});
      return { ...(type && { type }), ...(names && { enum: names }) };
    };
    for (const name of optionNames) {
      const { type, enum: names } = ruleSchema(optionCatalogue[name].rule) as Schema;
      const plain = [type ?? []].flat().map((each) => (each === 'integer' ? 'number' : each));
      const { type: found, enum: foundNames } = typeOf(options[name] ?? {});
      assert.deepEqual([[found ?? []].flat(), foundNames], [plain, names], name);
    }
  });
});

describe('a rule', () => {
  const words: [Rule, string][] = [
    [{ kind: 'integer', noun: 'whole number', least: 0, most: 9 }, 'a whole number from 0 to 9'],
    [{ kind: 'number', noun: 'number', above: 0 }, 'a positive number'],
    [{ kind: 'number', noun: 'number', above: 1 }, 'a number above 1'],
    [{ kind: 'number', noun: 'number', above: 0, most: 1 }, 'a number above 0 and at most 1'],
    [{ kind: 'number', noun: 'number', most: 1 }, 'a number of at most 1'],
    [{ kind: 'number', noun: 'number' }, 'a number'],
    [{ kind: 'list', of: ['a', 'b', 'c'] }, 'a list of "a", "b" and "c"'],
  ];
  for (const [rule, said] of words) {
    it(`says ${said}`, () => {
      assert.equal(ruleWords(rule), said);
      assert.equal(valueWords(rule), said);
    });
  }

  it('takes the ends that belong to its range, and no others', () => {
    const closed: Rule = { kind: 'number', noun: 'number', least: 0, most: 1 };
    const open: Rule = { kind: 'number', noun: 'number', above: 0, below: 1 };
    assert.deepEqual(
      [0, 1].map((value) => accepts(closed, value)),
      [true, true],
    );
    assert.deepEqual(
      [0, 0.5, 1].map((value) => accepts(open, value)),
      [false, true, false],
    );
    assert.deepEqual(
      [Number.NaN, '0', null].map((value) => accepts(closed, value)),
      [false, false, false],
    );
    assert.ok(accepts({ ...closed, orNull: true }, null));
  });

  it('takes every default of the catalogue', () => {
    for (const name of optionNames)
      assert.ok(accepts(optionCatalogue[name].rule, defaultOptions[name]), name);
    for (const name of thresholdNames) {
      const entry = thresholdCatalogue[name];
      assert.ok(accepts(entry.rule, entry.default), name);
      if (!('holding' in entry)) continue;
      assert.equal(entry.holding === 'lower', entry.default.holds < entry.default.broken, name);
    }
  });
});
