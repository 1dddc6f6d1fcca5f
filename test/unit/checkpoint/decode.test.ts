// The scalar decoders against numpy's values (test/fixtures/dtypes), bit for bit.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { applyScales, decodeToFloat64 } from '../../../src/engine/checkpoint/decode.ts';
import { dtypes } from '../../../src/engine/checkpoint/dtype.ts';
import { scaleLayout } from '../../../src/engine/checkpoint/scales.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

interface Expected {
  f16: [number, string][];
  bf16: [number, string][];
  e5m2: string[];
  e4m3: string[];
  block: {
    rows: number;
    columns: number;
    scales: string[];
    scaleShape: number[];
    picks: [row: number, column: number, stored: number, value: string][];
  };
}

const path = join(import.meta.dirname, '../../fixtures/dtypes/expected.json');
const expected = JSON.parse(readFileSync(path, 'utf8')) as Expected;

/** Python's float.hex(), exactly. */
function fromHex(text: string): number {
  if (text === 'nan') return NaN;
  if (text.endsWith('inf')) return text.startsWith('-') ? -Infinity : Infinity;
  const match = /^(-?)0x([01])\.([0-9a-f]*)p([+-]\d+)$/.exec(text);
  assert.ok(match, text);
  const [, sign, lead, fraction = '', exponent] = match;
  const significand = Number.parseInt(`${lead}${fraction}`, 16) / 16 ** fraction.length;
  return (sign === '-' ? -1 : 1) * significand * 2 ** Number(exponent);
}

function assertSame(actual: ArrayLike<number>, wanted: string[]): void {
  assert.equal(actual.length, wanted.length);
  wanted.forEach((text, index) => {
    assert.ok(
      Object.is(actual[index], fromHex(text)),
      `element ${index}: ${String(actual[index])} ≠ ${text}`,
    );
  });
}

describe('scalar decoders', () => {
  for (const [dtype, pairs] of [
    ['F16', expected.f16],
    ['BF16', expected.bf16],
  ] as const) {
    it(`decodes ${dtype} as numpy does`, () => {
      const bytes = new Uint8Array(Uint16Array.from(pairs, ([bits]) => bits).buffer);
      const wanted = pairs.map(([, value]) => value);
      assert.ok(pairs.length > 1700);
      assertSame(decodeToFloat64(dtype, bytes), wanted);
    });
  }

  it('decodes all 256 values of both F8 formats', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    assertSame(decodeToFloat64('F8_E5M2', bytes), expected.e5m2);
    assertSame(decodeToFloat64('F8_E4M3', bytes), expected.e4m3);
    assert.equal(decodeToFloat64('F8_E4M3', bytes)[0x7e], 448);
  });

  it('decodes F32 and F64 from any offset, F64 without loss', () => {
    const values = [0, -0, 1e-45, 0.1, -Infinity, NaN, Number.MIN_VALUE, 1 + 2 ** -52];
    const shifted = new Uint8Array(8 * values.length + 3);
    shifted.set(new Uint8Array(Float64Array.from(values).buffer), 3);
    assert.deepEqual([...decodeToFloat64('F64', shifted.subarray(3))], values);
    shifted.set(new Uint8Array(Float32Array.from(values).buffer), 1);
    assert.deepEqual(
      [...decodeToFloat64('F32', shifted.subarray(1, 1 + 4 * values.length))],
      [...Float32Array.from(values)],
    );
  });

  it('refuses every dtype that is not a comparable float, and never gives zeros', () => {
    for (const dtype of Object.keys(dtypes) as DtypeName[]) {
      if (dtypes[dtype].kind === 'float') continue;
      assert.throws(() => decodeToFloat64(dtype, new Uint8Array(16)), {
        message: `Values of dtype ${dtype} are not comparable as numbers.`,
      });
    }
  });
});

describe('F8 block scales', () => {
  it('multiplies each block by its own scale, also from a row in the middle', () => {
    const { rows, columns, scales, scaleShape, picks } = expected.block;
    const layout = scaleLayout([rows, columns], scaleShape);
    assert.ok(layout !== null);
    const scaleValues = scales.map(fromHex);
    for (const [row, column, stored, wanted] of picks) {
      const values = new Float64Array(columns);
      values[column] = decodeToFloat64('F8_E4M3', Uint8Array.of(stored))[0]!;
      applyScales(values, columns, row, scaleValues, layout);
      assert.ok(Object.is(values[column], fromHex(wanted)), `row ${row}, column ${column}`);
    }
  });

  it('knows one scale, one per row, blocks of 128 and blocks that divide', () => {
    const block = { blockRows: 128, blockColumns: 128, scaleRows: 2, scaleColumns: 3, matrixRows: 200 };
    assert.deepEqual(scaleLayout([200, 300], [2, 3]), block);
    assert.deepEqual(scaleLayout([5, 200, 300], [5, 2, 3]), block);
    const perRow = { blockRows: 1, blockColumns: 300, scaleRows: 200, scaleColumns: 1, matrixRows: 200 };
    assert.deepEqual(scaleLayout([200, 300], [200, 1]), perRow);
    assert.deepEqual(scaleLayout([200, 300], [200]), perRow);
    const whole = { blockRows: 200, blockColumns: 300, scaleRows: 1, scaleColumns: 1, matrixRows: 200 };
    assert.deepEqual(scaleLayout([200, 300], []), whole);
    assert.deepEqual(scaleLayout([200, 300], [1, 1]), whole);
    assert.deepEqual(scaleLayout([64, 64], [2, 4]), {
      blockRows: 32,
      blockColumns: 16,
      scaleRows: 2,
      scaleColumns: 4,
      matrixRows: 64,
    });
    // One scale per expert of a stack.
    assert.deepEqual(scaleLayout([4, 6, 8], [4, 1, 1]), {
      blockRows: 6,
      blockColumns: 8,
      scaleRows: 1,
      scaleColumns: 1,
      matrixRows: 6,
    });
  });

  it('refuses scales that do not fit', () => {
    for (const shape of [[3, 3], [2, 4], [201], [0, 3], [2, 3, 1], [7, 2, 3]]) {
      assert.equal(scaleLayout([200, 300], shape), null, shape.join('×'));
    }
    assert.equal(scaleLayout([5, 200, 300], [4, 2, 3]), null);
  });
});
