// Values read by position: stacks of matrices with their F8 scales as numpy applies them, tensors cut over several files,
// every dtype, and the bf16 view rounded once.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';
import { decodeToFloat64 } from '../../../src/engine/checkpoint/decode.ts';
import { roundToBf16, TensorValues } from '../../../src/engine/checkpoint/tensorValues.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { seeded } from '../../support/random.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

const scratch = mkdtempSync(join(tmpdir(), 'three-gate-values-'));
const values = new TensorValues(nodeFileSystem);
let files = 0;

after(async () => {
  await values.close();
  rmSync(scratch, { recursive: true });
});

/** Bytes at an odd offset of a file of their own. */
function stored(dtype: DtypeName, shape: number[], data: Uint8Array): StoredTensor {
  const file = join(scratch, `${(files += 1)}.bin`);
  writeFileSync(file, Buffer.concat([Buffer.alloc(7, 0xff), data]));
  const elements = shape.reduce((product, size) => product * size, 1);
  return { name: 'weight', dtype, shape, elements, file, offset: 7, bytes: data.length, scale: null };
}

async function float32(tensor: StoredTensor, first = 0, count = tensor.elements): Promise<number[]> {
  const out = new Float32Array(count);
  await values.readFloat32(tensor, first, out);
  return [...out];
}

interface Case {
  name: string;
  shape: number[];
  base: { dtype: DtypeName; data: string };
  scales: ({ shape: number[]; data: string } | null)[] | null;
}
const cases = JSON.parse(readFileSync('test/fixtures/kernels/cases.json', 'utf8')) as Case[];

describe('F8 weights in stacks', () => {
  const found = cases.filter(({ shape, scales }) => shape.length === 3 && (scales?.[0] ?? null) !== null);
  assert.equal(found.length, 3);
  for (const { name, shape, base, scales } of found) {
    it(`have the values that numpy gives them: ${name}`, async () => {
      const bytes = Buffer.from(base.data, 'base64');
      const scale = scales?.[0] ?? assert.fail();
      const scaleBytes = new Uint8Array(Buffer.from(scale.data, 'base64'));
      const tensor = {
        ...stored(base.dtype, shape, bytes),
        scale: stored('F32', scale.shape, scaleBytes),
      };
      const [count = 0, rows = 0, columns = 0] = shape;
      const [, scaleRows = 1, scaleColumns = 1] = scale.shape;
      const factors = new Float32Array(scaleBytes.buffer);
      const raw = decodeToFloat64(base.dtype, bytes);
      // Blocks of 16 in these cases, one per row, or one for everything.
      const blockOf = (size: number, blocks: number): number =>
        blocks === 1 ? size : blocks === size ? 1 : 16;
      const [high, wide] = [blockOf(rows, scaleRows), blockOf(columns, scaleColumns)];
      const expected = [...raw].map((value, at) => {
        const matrix = scale.shape[0] === 1 ? 0 : Math.floor(at / (rows * columns));
        const row =
          scale.shape[0] === 1 ? 0 : Math.floor(Math.floor((at % (rows * columns)) / columns) / high);
        const column = Math.floor((at % columns) / wide);
        return Math.fround(value * (factors[(matrix * scaleRows + row) * scaleColumns + column] ?? NaN));
      });
      assert.equal(count * rows * columns, expected.length);
      assert.deepEqual(await float32(tensor), expected);
      // Whole rows from the middle of the second matrix into the third.
      const first = (rows + 7) * columns;
      assert.deepEqual(
        await float32(tensor, first, 50 * columns),
        expected.slice(first, first + 50 * columns),
      );
      assert.deepEqual(
        await values.readBf16(tensor, first, columns),
        roundToBf16(Float32Array.from(expected.slice(first, first + columns))),
      );
    });
  }

  it('are refused in anything but whole rows, by name', async () => {
    const tensor = {
      ...stored('F8_E4M3', [4, 6], new Uint8Array(24)),
      scale: stored('F32', [4, 1], new Uint8Array(16)),
    };
    await assert.rejects(float32(tensor, 3, 6), /The scales of weight in .* do not fit what was asked/);
  });
});

describe('a tensor cut over several files', () => {
  it('reads like one in a single stretch, over any range', async () => {
    const [rows, columns] = [6, 10];
    const random = seeded(3);
    const data = Float32Array.from({ length: rows * columns }, () => random.between(-1, 1));
    const whole = stored('F32', [2, 3, columns], new Uint8Array(data.buffer));
    // Cut along the last dimension: 3, 5 and 2 columns.
    const parts = (
      [
        [0, 3],
        [3, 8],
        [8, 10],
      ] as const
    ).map(([from, to]) => {
      const part = Float32Array.from({ length: rows * (to - from) }, (_, at) => {
        const row = Math.floor(at / (to - from));
        return data[row * columns + from + (at % (to - from))] ?? NaN;
      });
      const { file, offset } = stored('F32', [rows, to - from], new Uint8Array(part.buffer));
      return { file, offset, columns: to - from };
    });
    const { file = '', offset = 0 } = parts[0] ?? {};
    const cut: StoredTensor = { ...whole, file, offset, pieces: { rows, parts } };
    for (const [first, count] of [
      [0, 60],
      [2, 1],
      [2, 2],
      [9, 3],
      [17, 26],
      [59, 1],
    ] as const) {
      assert.deepEqual(
        await float32(cut, first, count),
        [...data.slice(first, first + count)],
        `${first}+${count}`,
      );
      assert.deepEqual(await values.readBf16(cut, first, count), await values.readBf16(whole, first, count));
    }
  });
});

describe('every float dtype', () => {
  it('is decoded as its formula says', async () => {
    for (const dtype of ['BF16', 'F16', 'F8_E4M3', 'F8_E5M2', 'F64'] as const) {
      const width = { BF16: 2, F16: 2, F8_E4M3: 1, F8_E5M2: 1, F64: 8 }[dtype];
      const random = seeded(width);
      const bytes =
        dtype === 'F64'
          ? new Uint8Array(Float64Array.from({ length: 40 }, () => random.between(-2, 2)).buffer)
          : Uint8Array.from({ length: 512 }, () => random.integer(256));
      const tensor = stored(dtype, [bytes.length / width], bytes);
      const wanted = decodeToFloat64(dtype, bytes);
      assert.deepEqual(await float32(tensor), [...wanted].map(Math.fround), dtype);
      const bits = await values.readBf16(tensor, 0, tensor.elements);
      [...wanted].forEach((value, at) => {
        if (!Number.isNaN(value)) assert.equal(bits[at], nearestBf16(value), `${dtype} ${value}`);
      });
    }
  });

  it('is rounded to bf16 once: a double tie through float32 goes the other way', () => {
    // 1 + 2⁻⁸ is a tie of bf16; a hair above it float32 cannot hold, so rounding twice would go to the even side.
    const hair = 1 + 2 ** -8 + 2 ** -40;
    assert.equal(roundToBf16(new Float64Array([hair]))[0], 0x3f81);
    assert.equal(roundToBf16(new Float32Array([hair]))[0], 0x3f80);
  });
});

/** By search among the neighbours, in float64: nearest, ties to the even mantissa. */
function nearestBf16(value: number): number {
  if (!Number.isFinite(value)) return value > 0 ? 0x7f80 : 0xff80;
  const wide = new DataView(new ArrayBuffer(4));
  wide.setFloat32(0, value);
  const high = wide.getUint16(0);
  let best = high;
  for (const bits of [high - 1, high, high + 1]) {
    if (bits < 0 || bits > 0xffff) continue;
    const [one, two] = [distance(bits, value), distance(best, value)];
    if (one < two || (one === two && bits % 2 === 0)) best = bits;
  }
  return best;
}

function distance(bits: number, value: number): number {
  const wide = new DataView(new ArrayBuffer(4));
  wide.setUint16(0, bits);
  const found = wide.getFloat32(0);
  return Number.isFinite(found) ? Math.abs(found - value) : Infinity;
}
