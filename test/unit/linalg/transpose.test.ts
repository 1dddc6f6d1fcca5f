// Transposed copies, at the edges of blocks and tiles, in any memory and in the kernels' own.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { transposeInto, type Strided } from '../../../src/engine/linalg/transpose.ts';
import { denseKernels } from '../../support/geometryEngine.ts';

type Transpose = typeof transposeInto;

/** By the kernel: both matrices are copied into a room of its own. */
const inPlace: Transpose = (target, source, rows, columns) => {
  const room = denseKernels().panels.ownRoom(source.data.length, target.data.length);
  assert.ok(room.whole !== null && room.transposed !== null && room.transpose !== undefined);
  room.whole.set(source.data);
  room.transposed.set(target.data);
  const copies: [Strided, Strided] = [
    { ...target, data: room.transposed },
    { ...source, data: room.whole },
  ];
  room.transpose(...copies, rows, columns);
  target.data.set(room.transposed);
};

/** The source in the kernels' memory, the target elsewhere. */
const acrossMemories: Transpose = (target, source, rows, columns) => {
  const room = denseKernels().panels.ownRoom(source.data.length, 0);
  assert.ok(room.whole !== null && room.transpose !== undefined);
  room.whole.set(source.data);
  room.transpose(target, { ...source, data: room.whole }, rows, columns);
};

for (const [rows, columns] of [
  [1, 1],
  [3, 7],
  [4, 4],
  [33, 35],
  [64, 130],
  [130, 66],
] as const) {
  for (const [name, transpose] of Object.entries({ transposeInto, inPlace, acrossMemories })) {
    it(`transposes ${rows} × ${columns}: ${name}`, () => {
      const source = Float32Array.from({ length: rows * columns }, (_, at) => at);
      const target = new Float32Array(rows * columns).fill(-1);
      transpose({ data: target, stride: rows }, { data: source, stride: columns }, rows, columns);
      const expected = Array.from(target.keys(), (at) => (at % rows) * columns + Math.floor(at / rows));
      assert.deepEqual([...target], expected);
      const [wide, tall] = [columns + 3, rows + 5];
      const padded = new Float32Array(rows * wide).fill(-2);
      for (let i = 0; i < rows; i++) {
        padded.set(source.subarray(i * columns, (i + 1) * columns), i * wide);
      }
      const into = new Float32Array(columns * tall).fill(-1);
      transpose({ data: into, stride: tall }, { data: padded, stride: wide }, rows, columns);
      const between = Array.from(into, (_, at) =>
        at % tall < rows ? (at % tall) * columns + Math.floor(at / tall) : -1,
      );
      assert.deepEqual([...into], between);
    });
  }
}
