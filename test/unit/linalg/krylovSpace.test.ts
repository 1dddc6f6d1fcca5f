// The block Krylov space on the cases that break Lanczos processes: exhausted spaces, multiple singular values, wide and
// tall shapes; its residuals against the vectors it forms, and the formed Gram matrix against the direct products.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { block, innerProduct, randomBlock } from '../../../src/engine/linalg/block.ts';
import type { Gemm } from '../../../src/engine/linalg/gemm.ts';
import { KrylovSpace } from '../../../src/engine/linalg/krylovSpace.ts';
import { layoutOf } from '../../../src/engine/linalg/layout.ts';
import { leadingTriplets, type Triplets } from '../../../src/engine/linalg/leadingTriplets.ts';
import { MatrixOperator } from '../../../src/engine/linalg/matrixOperator.ts';
import { noRoom } from '../../../src/engine/linalg/workspace.ts';
import { createGemm } from '../../../src/node/gemm/createGemm.ts';
import { denseKernels, searchedLayout } from '../../support/geometryEngine.ts';
import { hashWeights, uniformMatrix } from '../../support/hashMatrix.ts';
import { withSpectrum } from '../../support/spectrum.ts';

const dense = denseKernels();
const falling = Array.from({ length: 200 }, (_, i) => 3 / (1 + i / 10));

describe('block Krylov space', () => {
  let gemm: Gemm;
  before(async () => {
    ({ gemm } = await createGemm('native', 2));
  });
  after(() => gemm.close());

  const operatorOf = (data: Float32Array, rows: number, columns: number): MatrixOperator =>
    new MatrixOperator(gemm, data, searchedLayout(layoutOf(rows, columns, 40, false)), noRoom);
  const spaceOf = (data: Float32Array, rows: number, columns: number, width: number): KrylovSpace => {
    const operator = operatorOf(data, rows, columns);
    return new KrylovSpace(operator, gemm, dense, 5, randomBlock(operator.small, width, 5), 8 * width);
  };

  it('tells the residuals of its Ritz vectors before it forms them', async () => {
    const [rows, columns] = [300, 220];
    const data = hashWeights(rows, columns, 9);
    const space = spaceOf(data, rows, columns, 8);
    while (space.columns < 96) await space.grow();
    const { theta, residuals } = space.check(12);
    const vectors = await space.ritzVectors(12);
    const operator = operatorOf(data, rows, columns);
    const v = block(columns, 12, new Float64Array(vectors));
    const image = await operator.toSmall64(await operator.toLarge64(v));
    for (let j = 0; j < 12; j++) {
      let sum = 0;
      for (let i = 0; i < columns; i++) {
        sum += (image.data[i * 12 + j]! - theta[j]! * v.data[i * 12 + j]!) ** 2;
      }
      const direct = Math.sqrt(sum / theta[j]!);
      const rounding = 1e-6 * Math.sqrt(theta[0]!);
      assert.ok(
        Math.abs(direct - residuals[j]!) <= rounding + 1e-4 * direct,
        `${j}: ${direct}, ${residuals[j]}`,
      );
    }
  });

  it('stays orthonormal and finds nothing that is not there when the matrix has less rank than the space', async () => {
    const { base } = withSpectrum(200, 180, [5, 4, 3, 2, 1], null);
    const space = spaceOf(base, 200, 180, 16);
    for (let i = 0; i < 8; i++) await space.grow();
    const vectors = await space.ritzVectors(space.columns);
    const v = block(180, space.columns, new Float64Array(vectors));
    const gram = await innerProduct(gemm, v, v);
    gram.data.forEach((value, at) => {
      assert.ok(Math.abs(value - (at % (v.columns + 1) === 0 ? 1 : 0)) < 2e-5, `${at}: ${value}`);
    });
    const found = [...space.check(6).theta.subarray(0, 6)].map(Math.sqrt);
    [5, 4, 3, 2, 1, 0].forEach((sigma, i) => {
      assert.ok(Math.abs(found[i]! - sigma) < (sigma > 0 ? 1e-5 : 5e-3), `${found[i]} instead of ${sigma}`);
    });
  });

  it('ends at the whole space without residual', async () => {
    const space = spaceOf(hashWeights(70, 50, 3), 70, 50, 16);
    for (let i = 0; i < 4; i++) await space.grow();
    assert.equal(space.columns, 50);
    assert.ok(space.check(50).residuals.every((value) => value === 0));
  });

  const search = { seed: 2, tolerance: 1e-6, start: null };
  const decompose = (data: Float32Array, rows: number, columns: number): Promise<Triplets> =>
    leadingTriplets(operatorOf(data, rows, columns), gemm, dense, search);

  it('finds every copy of a singular value that is repeated more often than a block is wide', async () => {
    const sigma = Array.from({ length: 600 }, (_, i) => (i < 30 ? 4 : 2 / (1 + i / 50)));
    const { base } = withSpectrum(640, 600, sigma, null);
    const found = await decompose(base, 640, 600);
    sigma.slice(0, 40).forEach((value, i) => {
      assert.ok(Math.abs(found.sigma[i]! - value) < 1e-5, `${i}: ${found.sigma[i]} instead of ${value}`);
    });
  });

  it('keeps its accuracy under a head a hundred times the rest', async () => {
    const sigma = Array.from({ length: 560 }, (_, i) => (i < 3 ? 100 / (1 + i) : 1 / (1 + i / 40)));
    const { base } = withSpectrum(600, 560, sigma, null);
    const found = await decompose(base, 600, 560);
    assert.ok(found.residual <= 1e-6, `${found.residual}`);
    sigma.slice(0, 40).forEach((value, i) => {
      // The stored float32 matrix itself is off by its rounding, relative to the head.
      assert.ok(Math.abs(found.sigma[i]! - value) < 2e-5, `${i}: ${found.sigma[i]} instead of ${value}`);
    });
  });

  it('finds the triplets of a very tall matrix from its Gram matrix', async () => {
    const [rows, columns] = [20_000, 530];
    // A known fall on the small side, times noise, so that nothing is exact.
    const factor = withSpectrum(columns, columns, falling, null).base;
    const noise = new Float32Array(uniformMatrix(rows, columns, 4).map((value) => value / 80));
    const data = await gemm.multiply32({ m: rows, n: columns, k: columns }, noise, factor);
    const operator = operatorOf(data, rows, columns);
    const found = await leadingTriplets(operator, gemm, dense, search);
    assert.ok(operator.formsGram, 'the shape calls for the Gram matrix');
    assert.ok(found.residual <= 1e-6, `${found.residual}`);
    const exact = dense.symmetricEigenvalues(await operator.gram64(), columns);
    for (let i = 0; i < 40; i++) {
      const value = Math.sqrt(exact[i]!);
      assert.ok(Math.abs(found.sigma[i]! - value) <= 1e-9 * value, `${i}: ${found.sigma[i]} and ${value}`);
    }
  });
});
