// Limits as text: what is read, what is refused and where the refusal points, and that the schema agrees.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { parseLimitsFile, parsePairLimits, type Limit } from '../../../src/engine/limits/limitsFile.ts';

const schema = join(import.meta.dirname, '../../../media/limits.schema.json');
const matchesSchema = new Ajv().compile(JSON.parse(readFileSync(schema, 'utf8')) as object);

function only(line: string): Limit {
  const [limit, ...more] = parseLimitsFile(`limits:\n  - ${line}\n`, 'limits.yaml');
  assert.ok(limit !== undefined && more.length === 0);
  return limit;
}

/** Scope, pattern and what it asks for. */
function said(line: string): [string, string | null, string] {
  const { scope, pattern, asks } = only(line);
  return [scope, pattern?.source ?? null, asks];
}

describe('a limit', () => {
  const read: [string, ReturnType<typeof said>][] = [
    ['relativeDrift <= 0.01', ['whole', null, '≤ 0.01']],
    ['relativeDrift<=1e-2', ['whole', null, '≤ 0.01']],
    ['sparsityBf16 ≥ 37.3 %', ['whole', null, '≥ 37.3 %']],
    ['q_proj: sparsityBf16 >= 0.4  # every layer', ['tensor', 'q_proj', '≥ 40 %']],
    ["'(?:q|k)_proj: sparsityBf16 > 0.4'", ['tensor', '(?:q|k)_proj', '> 40 %']],
    ['"a: b: sparsityBf16 > 0.4"', ['tensor', 'a: b', '> 40 %']],
    ['tensor: sparsityBf16 > 0.4', ['tensor', null, '> 40 %']],
    ['tensor layer: sparsityBf16 > 0.4', ['tensor', 'layer', '> 40 %']],
    ['layers: sparsityBf16 > 0.4', ['tensor', 'layers', '> 40 %']],
    ['layer: rotationMeanDeg < 1°', ['layer', null, '< 1°']],
    ['layer 1|2: rotationMeanDeg < 1', ['layer', '^(?:1|2)$', '< 1°']],
    ['module o: principalLift <= ×0.95', ['module', '^(?:o)$', '≤ ×0.95']],
    ['counts.nonFinite = 0', ['whole', null, '= 0']],
    ['regime is not sft-range', ['whole', null, 'not sft-range']],
    ['geometry is off-principal or mixed', ['whole', null, 'off-principal or mixed']],
    ['rotationMeanDegBeyond is as random', ['whole', null, 'as random']],
  ];
  for (const [line, expected] of read) {
    it(`is read: ${line}`, () => {
      assert.deepEqual(said(line), expected);
      assert.ok(matchesSchema(parse(`limits:\n  - ${line}`)), JSON.stringify(matchesSchema.errors));
    });
  }

  it('knows what it allows, and where it stands', () => {
    const [first, second] = parseLimitsFile(
      'limits:\n- kl.last <= 0.1 or not measured\n-   q_proj: anchor is anchored\n',
      'x/limits.yaml',
    );
    assert.equal(first?.allowsUnmeasured, true);
    assert.equal(first.asks, '≤ 0.1');
    assert.equal(second?.allowsUnmeasured, false);
    assert.equal(second.text, 'q_proj: anchor is anchored');
    assert.deepEqual([second.file, second.line, second.column], ['x/limits.yaml', 3, 5]);
  });

  const refused: [string, string][] = [
    ['relativDrift <= 1', '2:5: "relativDrift" is no name of a report; the nearest one is "relativeDrift".'],
    [
      'q: relativdrift <= 1',
      '2:8: "relativdrift" is no name of a report; the nearest one is "relativeDrift".',
    ],
    ['kl <= 1', '2:5: "kl" is no name of a report; the nearest one is "kl.last".'],
    ['relativeDrift', '2:5: "relativeDrift" is no limit: write NAME OPERATOR VALUE,'],
    ['relativeDrift is 3', '2:19: relativeDrift is a number: compare it with <=, >=, <, >, =.'],
    ['relativeDrift <= three', '2:22: "three" is no number.'],
    ['relativeDrift <= 1 or 2', '2:22: relativeDrift is a number: it has one limit, not 2.'],
    ['relativeDrift <= not measured', '2:22: relativeDrift <= what? There is no value.'],
    ['rotationMeanDeg <= 1 %', '2:24: % belongs to a share, and this is none.'],
    ['relativeDrift <= 1°', '2:22: ° belongs to an angle, and this is none.'],
    ['relativeDrift <= 1e999', '2:22: 1e999 is too large.'],
    ['regime <= 3', '2:12: regime is a word, not a number: write "is" or "is not".'],
    ['regime is sft', '2:15: regime is never "sft" but one of rlvr-range, sft-range,'],
    [
      'q_proj: regime is mixed',
      '2:13: a tensor has no regime, but the whole model has: leave out the pattern.',
    ],
    ['gap < 3', '2:5: only a tensor has gap: say which, as in "PATTERN: gap …".'],
    ["'(: relativeDrift < 1'", '2:6: Invalid regular expression:'],
    ["': relativeDrift < 1'", '2:6: there is no pattern before the colon.'],
    ['3', '2:5: a limit is a text,'],
    ['{a: x, b: y}', '2:5: a limit is a text,'],
    ['[a]', '2:5: a limit is a text,'],
    ['"relativeDrift < 1', '3:1: Missing closing "quote.'],
  ];
  for (const [line, message] of refused) {
    it(`is refused, with its place: ${line}`, () => {
      assert.throws(
        () => only(line),
        (error: Error) => {
          assert.equal(error.name, 'ThreeGateError');
          assert.ok(error.message.startsWith(`limits.yaml:${message}`), error.message);
          return true;
        },
      );
    });
  }
});

describe('a limits file', () => {
  const refused: [string, RegExp][] = [
    ['', /^f:1:1: a limits file holds a map/],
    ['- a', /^f:1:1: a limits file holds a map/],
    ['limits: []', /^f:1:9: "limits" is empty: a guard that never looks\.$/],
    ['limits: 3', /^f:1:9: "limits" must be a list\.$/],
    ['{}', /^f:1:1: there is no "limits"\.$/],
    ['limit: [a]', /^f:1:1: "limit" is no key of a limits file; the nearest one is "limits"\.$/],
  ];
  for (const [text, message] of refused) {
    it(`is refused: ${text}`, () => {
      assert.throws(() => parseLimitsFile(text, 'f'), { name: 'ThreeGateError', message });
      assert.equal(matchesSchema(parse(text)), false);
    });
  }

  it('may be JSON, and may name its schema', () => {
    const text = '{"$schema": "x", "limits": [{"q_proj": "sparsityBf16 >= 0.4"}]}';
    assert.equal(parseLimitsFile(text, 'f')[0]?.text, 'q_proj: sparsityBf16 >= 0.4');
    assert.ok(matchesSchema(JSON.parse(text)));
  });

  it('is found in a pair file, as a list or a path, with the place of each limit', () => {
    const text = '{\n  "base": "a", "tuned": "b",\n  "limits": [\n    "relativeDrift <= 0.01"\n  ]\n}';
    const [limit] = parsePairLimits(text, 'x.threegate') ?? [];
    assert.ok(typeof limit === 'object');
    assert.deepEqual([limit.line, limit.column], [4, 5]);
    assert.equal(parsePairLimits('{"limits": "../limits.yaml"}', 'x'), '../limits.yaml');
    assert.equal(parsePairLimits('{"base": "a"}', 'x'), null);
    assert.throws(() => parsePairLimits('{"limits": ["drift < 1"]}', 'x'), {
      message: /^x:1:14: "drift" is no name/,
    });
  });
});
