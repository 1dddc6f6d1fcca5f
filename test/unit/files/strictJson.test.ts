// The strict reader agrees with JSON.parse on all that both accept, and never fails in any but its own way.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readSafetensorsHeader } from '../../../src/engine/formats/safetensors/safetensorsHeader.ts';
import { JsonFraction, parseStrictJson, StrictJsonError } from '../../../src/engine/files/strictJson.ts';
import type { JsonValue } from '../../../src/engine/files/strictJson.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { safetensors } from '../checkpoint/support/safetensorsBytes.ts';

/** The value as JSON.parse would give it. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonFraction) return Number(value.text);
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return value;
}

const seed = 20_251_108;

describe('the strict JSON reader', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'grapheme' }), fc.nat(4), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        assert.deepEqual(plain(parseStrictJson(spaced)), JSON.parse(spaced));
      }),
      { seed, numRuns: 500 },
    );
  });

  it('accepts nothing that JSON.parse refuses', () => {
    const alphabet = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\u00e9"',
      '0',
      '-1',
      '1.5e3',
      '01',
      'true',
      'nul',
      ' ',
      '\t',
      '\0',
      "'",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alphabet), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let value: JsonValue;
        try {
          value = parseStrictJson(text);
        } catch (thrown) {
          assert.ok(thrown instanceof StrictJsonError, String(thrown));
          if (thrown.kind === 'syntax') assert.throws(() => JSON.parse(text), SyntaxError);
          return;
        }
        assert.deepEqual(plain(value), JSON.parse(text));
      }),
      { seed, numRuns: 5000 },
    );
  });

  it('keeps integers exact and tells them from fractions', () => {
    assert.equal(parseStrictJson('9007199254740991'), 9007199254740991);
    assert.equal(parseStrictJson('9007199254740993'), 9007199254740993n);
    assert.deepEqual(
      parseStrictJson('[1.0,-0,1e2]'),
      ['1.0', '-0', '1e2'].map((text) => new JsonFraction(text)),
    );
  });
});

describe('headers with flipped bytes', () => {
  it('open, or fail with a sentence: never in another way', async () => {
    const file = safetensors(
      {
        'a.weight': { dtype: 'BF16', shape: [3, 4] },
        b: { dtype: 'F32', shape: [] },
        c: { dtype: 'U8', shape: [0] },
      },
      { format: 'pt' },
    );
    const headerEnd = file.length - 28;
    const flips = fc.array(fc.tuple(fc.nat(headerEnd - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const broken = file.slice();
        for (const [at, value] of changes) broken[at] = value;
        const source = await memoryFileSystem({ '/x.safetensors': broken }).open('/x.safetensors');
        try {
          const { tensors } = await readSafetensorsHeader(source);
          for (const { offset, bytes } of tensors) assert.ok(offset + bytes <= broken.length);
        } catch (thrown) {
          assert.ok(thrown instanceof ThreeGateError, String(thrown));
          assert.ok(thrown.message.includes('/x.safetensors'), thrown.message);
          failed += 1;
        }
      }),
      { seed, numRuns: 2000 },
    );
    assert.ok(failed > 1000, `only ${failed} of 2000 failed`);
  });
});
