// Products with W and Wᵀ, whatever copies of W there is room for: rows that are padded and rows that are not.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { block, randomBlock, transposeOf } from '../../../src/engine/linalg/block.ts';
import type { Gemm } from '../../../src/engine/linalg/gemm.ts';
import { gram64, tallGram } from '../../../src/engine/linalg/gramMatrix.ts';
import { layoutOf } from '../../../src/engine/linalg/layout.ts';
import { MatrixOperator } from '../../../src/engine/linalg/matrixOperator.ts';
import { paddedElements, paddedLength } from '../../../src/engine/linalg/padding.ts';
import { rowSource } from '../../../src/engine/linalg/rowSource.ts';
import { noRoom, type MatrixRoom } from '../../../src/engine/linalg/workspace.ts';
import { createGemm } from '../../../src/node/gemm/createGemm.ts';

const q = 3;

function rooms(rows: number, columns: number): MatrixRoom[] {
  // What was there before must not matter.
  const memory = (elements: number): Float32Array => new Float32Array(elements).fill(Number.NaN);
  const whole = (): Float32Array => memory(paddedElements(rows, columns));
  const transposed = (): Float32Array => memory(paddedElements(columns, rows));
  return [
    noRoom,
    { whole: whole(), transposed: null },
    { whole: null, transposed: transposed() },
    { whole: whole(), transposed: transposed() },
  ];
}

/** A·X for row-major A (m × k), X (k × q). */
function times(a: (i: number, j: number) => number, x: Float64Array, m: number, k: number): Float64Array {
  const result = new Float64Array(m * q);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < k; j++) {
      for (let c = 0; c < q; c++) {
        result[i * q + c] = (result[i * q + c] ?? 0) + a(i, j) * (x[j * q + c] ?? 0);
      }
    }
  }
  return result;
}

function near(found: ArrayLike<number>, expected: Float64Array, relative: number): void {
  assert.equal(found.length, expected.length);
  const size = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs((found[i] ?? Number.NaN) - value) <= relative * size, `${i}: ${found[i]}, ${value}`);
  }
}

it('pads rows that are a multiple of 4 KiB, and no others', () => {
  assert.deepEqual(
    [1, 1000, 1024, 1536, 4096].map((length) => paddedLength(length)),
    [1, 1000, 1056, 1536, 4128],
  );
  assert.deepEqual(
    [512, 1000, 1536].map((length) => paddedLength(length, 8)),
    [528, 1000, 1552],
  );
});

describe('a matrix operator', () => {
  let gemm: Gemm;
  before(async () => {
    gemm = (await createGemm('native', 2)).gemm;
  });
  after(() => gemm.close());

  for (const [rows, columns] of [
    [1024, 600],
    [600, 1024],
    [1024, 1024],
    [700, 530],
    [1100, 64],
  ] as const) {
    it(`multiplies with ${rows} × ${columns} from any copy`, async () => {
      const data = new Float32Array(randomBlock(rows, columns, 3).data);
      const at = (i: number, j: number): number => data[i * columns + j] ?? 0;
      const x = new Float32Array(randomBlock(columns, q, 5).data);
      const y = new Float32Array(randomBlock(rows, q, 7).data);
      const onX = times(at, new Float64Array(x), rows, columns);
      const onY = times((i, j) => at(j, i), new Float64Array(y), columns, rows);
      const [small, large] = [Math.min(rows, columns), Math.max(rows, columns)];
      const tall = rows >= columns;
      const layout = layoutOf(rows, columns, 128, false);
      const onSmall = tall ? x : y;
      const image = tall ? onX : onY;
      const gram = times((i, j) => (tall ? at(j, i) : at(i, j)), image, small, large);
      for (const room of rooms(rows, columns)) {
        const operator = new MatrixOperator(gemm, data, layout, room);
        await operator.prepare(layout.isVeryTall ? 'gram' : 'transposed');
        const stride = operator.stride;
        const asRows = new Float32Array(q * stride);
        for (let i = 0; i < small; i++) {
          for (let c = 0; c < q; c++) asRows[c * stride + i] = onSmall[i * q + c] ?? 0;
        }
        const applied = await operator.applyGram(asRows, q);
        near(applied.subarray(0, small * q), gram, 1e-5);
        assert.ok(applied.subarray(small * q).every((value) => value === 0));
        near(await operator.times(x, q), onX, 1e-5);
        near(await operator.transposedTimes(y, q), onY, 1e-5);
        near((await operator.toLarge64(block(small, q, new Float64Array(onSmall)))).data, image, 1e-13);
        near((await operator.toSmall64(block(large, q, image))).data, gram, 1e-13);
      }
    });
  }
});

for (const [rows, columns] of [
  [4099, 70],
  [2048, 300],
  [513, 257],
] as const) {
  it(`forms the Gram matrix of ${rows} × ${columns}`, async () => {
    const { gemm } = await createGemm('native', 2);
    const data = new Float32Array(randomBlock(rows, columns, 3).data);
    const expected = new Float64Array(columns * columns);
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < columns; i++) {
        const left = data[r * columns + i] ?? 0;
        for (let j = 0; j < columns; j++) {
          expected[i * columns + j] = (expected[i * columns + j] ?? 0) + left * (data[r * columns + j] ?? 0);
        }
      }
    }
    near(await tallGram(gemm, rowSource(data), rows, columns), expected, 1e-6);
    near(await gram64(gemm, rowSource(data), rows, columns), expected, 1e-13);
    const wide = new Float32Array(transposeOf(new Float64Array(data), rows, columns));
    near(await gram64(gemm, rowSource(wide), columns, rows), expected, 1e-13);
    await gemm.close();
  });
}
