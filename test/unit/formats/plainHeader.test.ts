// The scan of plain headers gives what the strict reader gives, or leaves the header to it: over good headers, and over
// ones that are broken, doubled, nested, escaped and overflowing at random places.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseStrictJson } from '../../../src/engine/files/strictJson.ts';
import type { JsonValue } from '../../../src/engine/files/strictJson.ts';
import { scanPlainHeader } from '../../../src/engine/formats/safetensors/plainHeader.ts';
import type { HeaderMembers } from '../../../src/engine/formats/safetensors/plainHeader.ts';

const seed = 20_251_108;

const nameArbitrary = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '.', '0', '1', ' ', '_', 'é', '𝄞'), maxLength: 8 }),
  fc.constantFrom('__proto__', 'dtype', 'layers.0.weight'),
);
const metadataArbitrary = fc.dictionary(
  nameArbitrary,
  fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', '}', '[', ']', '\n') }),
);
const entryArbitrary = fc.record(
  {
    dtype: fc.constantFrom('BF16', 'F32', 'X', ''),
    shape: fc.array(fc.constantFrom(0, 1, 2, 4096, 94_906_267), { maxLength: 3 }),
    data_offsets: fc.tuple(fc.nat(), fc.nat()),
  },
  { noNullPrototype: true },
);
/** The text of a good header, its members in any order. */
const headerArbitrary = fc
  .tuple(fc.array(fc.tuple(nameArbitrary, entryArbitrary), { maxLength: 4 }), fc.option(metadataArbitrary))
  .chain(([entries, metadata]) => {
    const members = entries.map((entry): [string, unknown] => entry);
    if (metadata !== null) members.push(['__metadata__', metadata]);
    return fc.shuffledSubarray(members, { minLength: members.length });
  })
  .chain((members) => fc.constantFrom(undefined, 1, '\t').map((indent) => textOf(members, indent)));

function textOf(members: readonly [string, unknown][], indent: string | number | undefined): string {
  const texts = members.map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value, null, indent)}`,
  );
  return `{${texts.join(',')}}${indent === undefined ? '' : '  '}`;
}

const breakages = [
  ...['', '"', '{', '}', '[', ']', ',', ':', ' ', '\n', '\0', '\u00a0', '\\', '\\u0061', '\\ud800', '\\"'],
  ...['-', '-0', '0', '01', '1e3', '.5', '9007199254740993', '9'.repeat(400), 'null', 'true', '[]', '{}'],
  ...[
    '"dtype":"F32",',
    ',"shape":[1]',
    '"a":{},',
    '"__metadata__":{"a":"b"},',
    '"__metadata__":null,',
    '{}{',
  ],
  ...['['.repeat(200), '{"a":'.repeat(200), '"x":{"dtype":"F32","shape":[],"data_offsets":[0,4]},'],
];
const brokenArbitrary = fc
  .tuple(
    headerArbitrary,
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...breakages)), { maxLength: 2 }),
  )
  .map(([text, edits]) =>
    edits.reduce((edited, [place, removed, added]) => {
      const at = place % (edited.length + 1);
      return edited.slice(0, at) + added + edited.slice(at + removed);
    }, text),
  );

/** What the strict reader's values say; throws where they are no header. */
function strictMembers(text: string): HeaderMembers {
  const document = objectOf(parseStrictJson(text));
  const metadata = document.get('__metadata__');
  document.delete('__metadata__');
  const entries = [...document].map(([name, value]) => {
    const entry = objectOf(value);
    assert.deepEqual([...entry.keys()], ['dtype', 'shape', 'data_offsets']);
    const dtype = entry.get('dtype');
    assert.ok(typeof dtype === 'string', 'dtype is text');
    const shape = integersOf(entry.get('shape'));
    const [start = -1, end = -1, ...more] = integersOf(entry.get('data_offsets'));
    assert.deepEqual(more, []);
    const elements = shape.reduce((product, size) => product * size, 1);
    return { name, dtype, shape, elements, start, end };
  });
  const texts = metadata === undefined ? [] : [...objectOf(metadata)];
  const named = texts.map(([key, value]): [string, string] => {
    assert.ok(typeof value === 'string', 'metadata are text');
    return [key, value];
  });
  return { entries, metadata: Object.fromEntries(named) };
}

function objectOf(value: JsonValue | undefined): Map<string, JsonValue> {
  assert.ok(value instanceof Map, 'it is an object');
  return value;
}

function integersOf(value: JsonValue | undefined): number[] {
  assert.ok(Array.isArray(value), 'it is a list');
  return value.map((item) => {
    assert.ok(typeof item === 'number' && item >= 0, 'it is a whole number');
    return item;
  });
}

function checkAgreement(text: string): boolean {
  const found = scanPlainHeader(text);
  if (found === null) return false;
  const { entries, metadata } = found;
  assert.deepEqual({ entries, metadata }, strictMembers(text), text);
  assert.ok(
    entries.every(({ elements }) => Number.isSafeInteger(elements)),
    'elements are counted exactly',
  );
  return true;
}

describe('the scan of plain headers', () => {
  it('reads what writers write, as the strict reader does', () => {
    const entry = '{"dtype":"BF16","shape":[2,4],"data_offsets":[0,16]}';
    const plain = [
      `{"a":${entry}}`,
      `{"__metadata__":{"format":"pt","json":"{\\"a\\":[1]}"},"a":${entry},"é":${entry.replace('2,4', '')}}   `,
      `{\n "a": ${entry.replaceAll(':', ' : ').replaceAll(',', ' , ')},\t"b":${entry}\r\n}`,
    ];
    for (const text of plain) assert.equal(checkAgreement(text), true, text);
  });

  it('agrees with the strict reader on all that it takes', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(headerArbitrary, brokenArbitrary), (text) => {
        if (checkAgreement(text)) taken += 1;
      }),
      { seed, numRuns: 20_000 },
    );
    assert.equal(taken > 2000, true, `only ${taken} headers were taken`);
  });

  it('leaves what is repeated, escaped, nested or too large to the strict reader', () => {
    const entry = '{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}';
    const left = [
      `{"a":${entry},"a":${entry}}`,
      `{"__metadata__":{},"a":${entry},"__metadata__":{}}`,
      `{"__metadata__":{"a":"1","a":"2"},"a":${entry}}`,
      `{"__metadata__":{"a":{"b":"c"}},"a":${entry}}`,
      `{"__metadata__":${entry}}`,
      `{"\\u0061":${entry}}`,
      `{"a\0":${entry}}`,
      `{"a":${entry.replace('[2]', '[94906267,94906267,0]')}}`,
      `{"a":${entry.replace('4]', '9007199254740993]')}}`,
      `{"a":${entry.replace('[2]', '[02]')}}`,
      `{"a":${entry}}x`,
      `\u00a0{"a":${entry}}`,
    ];
    for (const text of left) assert.equal(scanPlainHeader(text), null, text);
  });

  it('keeps nothing to come back to of a name or a stretch of spaces of any length', () => {
    const long = 30_000_000;
    assert.equal(scanPlainHeader(`{"${'a'.repeat(long)}":1}`), null);
    assert.equal(scanPlainHeader(`{${' '.repeat(long)}`), null);
  });
});
