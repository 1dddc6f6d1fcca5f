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
] as const) {
  it(`transposes ${rows} × ${columns}`, () => {
    const source = Float32Array.from({ length: rows * columns }, (_, at) => at);
    const target = new Float32Array(rows * columns).fill(-1);
    transposeInto(target, source, rows, columns);
    const expected = Array.from(target.keys(), (at) => (at % rows) * columns + Math.floor(at / rows));
    assert.deepEqual([...target], expected);
  });
}
