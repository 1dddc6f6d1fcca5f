// Transposed copies, at the edges of blocks and tiles.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { transposeInto } from '../../../src/engine/linalg/transpose.ts';

for (const [rows, columns] of [
  [1, 1],
  [3, 7],
  [4, 4],
  [33, 35],
  [64, 130],
  [130, 66],
] as const) {
  it(`transposes ${rows} × ${columns}`, () => {
    const source = Float32Array.from({ length: rows * columns }, (_, at) => at);
    const target = new Float32Array(rows * columns).fill(-1);
    transposeInto({ data: target, stride: rows }, { data: source, stride: columns }, rows, columns);
    const expected = Array.from(target.keys(), (at) => (at % rows) * columns + Math.floor(at / rows));
    assert.deepEqual([...target], expected);
    const [wide, tall] = [columns + 3, rows + 5];
    const padded = new Float32Array(rows * wide).fill(-2);
    for (let i = 0; i < rows; i++) {
      padded.set(source.subarray(i * columns, (i + 1) * columns), i * wide);
    }
    const into = new Float32Array(columns * tall).fill(-1);
    transposeInto({ data: into, stride: tall }, { data: padded, stride: wide }, rows, columns);
    const between = Array.from(into, (_, at) =>
      at % tall < rows ? (at % tall) * columns + Math.floor(at / tall) : -1,
    );
    assert.deepEqual([...into], between);
  });
}
