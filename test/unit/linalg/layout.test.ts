// How matrices of the shapes that models have are treated, and what that takes in bytes.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { layoutOf, rankFor, type MatrixLayout } from '../../../src/engine/linalg/layout.ts';

type Told = [
  rows: number,
  columns: number,
  ...of: [
    triplets: MatrixLayout['triplets'],
    norm: MatrixLayout['norm'],
    widening: MatrixLayout['widening'],
    isCopied: boolean,
    lane: MatrixLayout['lane'],
  ],
];

const packed: Told[] = [
  // A gate of experts, a key of few heads, an MLP's side in either orientation.
  [64, 2048, 'whole', 'whole', 'whole', false, 'own'],
  [256, 1536, 'whole', 'whole', 'whole', false, 'worker'],
  // Solved whole, while its norm is searched.
  [1024, 2816, 'whole', 'transposed', 'whole', true, 'worker'],
  [8960, 1536, 'transposed', 'transposed', 'whole', true, 'worker'],
  [1536, 8960, 'transposed', 'transposed', 'whole', true, 'worker'],
  // Embeddings: of a small model, of a large one, and of one whose Gram matrix costs more than products do.
  [151_936, 1536, 'gram', 'gram', 'panels', false, 'own'],
  [151_936, 4096, 'gram', 'direct', 'panels', false, 'own'],
  [152_064, 8192, 'direct', 'direct', 'whole', false, 'own'],
  [131_072, 256, 'whole', 'whole', 'panels', false, 'own'],
  // Very tall, but small; and an embedding that is stored transposed.
  [16_000, 1000, 'whole', 'gram', 'panels', true, 'worker'],
  [1536, 151_936, 'direct', 'direct', 'whole', false, 'worker'],
];

for (const [rows, columns, ...told] of packed) {
  it(`treats a packed pair of ${rows} × ${columns} in one way`, () => {
    const { triplets, norm, widening, transposedElements, lane } = layoutOf(rows, columns, 128, true);
    assert.deepEqual([triplets, norm, widening, transposedElements > 0, lane], told);
  });
}

it('makes no transposed copy for the few products of a low rank', () => {
  assert.equal(layoutOf(2048, 2048, 9, true).triplets, 'direct');
  assert.equal(layoutOf(2048, 2048, 10, true).triplets, 'transposed');
  assert.equal(layoutOf(2048, 2048, 9, true).norm, 'transposed');
});

it('widens nothing of float32 sides, which take twice as much', () => {
  const [single, words] = [layoutOf(4000, 3000, 128, false), layoutOf(4000, 3000, 128, true)];
  assert.deepEqual([single.widening, single.wholeElements, single.widenedBytes], ['none', 0, 0]);
  assert.equal(single.sidesBytes, 2 * words.sidesBytes);
  assert.equal(words.widenedBytes, 4 * 4000 * 3000);
  assert.equal(single.copyBytes, words.copyBytes);
});

it('counts the padding of copies', () => {
  const { wholeElements, transposedElements } = layoutOf(4096, 1024, 128, true);
  assert.deepEqual([wholeElements, transposedElements], [4096 * 1056, 1024 * 4128]);
});

it('uses no more than a quarter of the directions', () => {
  assert.deepEqual([rankFor(4096, 4096, 128), rankFor(100, 4096, 128), rankFor(2, 300, 128)], [128, 25, 1]);
});
