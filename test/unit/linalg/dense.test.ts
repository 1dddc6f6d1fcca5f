// The dense building blocks on their edge cases: the definitions themselves are the oracle.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { block, innerProduct, orthonormalize, randomBlock } from '../../../src/engine/linalg/block.ts';
import type { Gemm } from '../../../src/engine/linalg/gemm.ts';
import { layoutOf } from '../../../src/engine/linalg/layout.ts';
import { magnitudeQuantileBits } from '../../../src/engine/linalg/magnitudeQuantile.ts';
import { MatrixOperator } from '../../../src/engine/linalg/matrixOperator.ts';
import { principalAnglesDeg } from '../../../src/engine/linalg/principalAngles.ts';
import { NormalGenerator } from '../../../src/engine/linalg/random.ts';
import { spectralNorm } from '../../../src/engine/linalg/spectralNorm.ts';
import { noRoom } from '../../../src/engine/linalg/workspace.ts';
import { createGemm } from '../../../src/node/gemm/createGemm.ts';
import { linalgKernels } from '../../support/geometryEngine.ts';
import { uniformMatrix } from '../../support/hashMatrix.ts';
import { withSpectrum } from '../../support/spectrum.ts';

const { dense, histograms } = linalgKernels();

function symmetric(n: number, seed: number): Float64Array {
  const a = uniformMatrix(n, n, seed);
  return a.map((value, at) => value + a[(at % n) * n + Math.floor(at / n)]!);
}

/** W⁺₂ₙ₊₁: |i − n| on the diagonal, ones beside it. Its largest eigenvalues agree in pairs to many digits. */
function wilkinson(i: number, j: number): number {
  if (i === j) return Math.abs(i - 30);
  return Math.abs(i - j) === 1 ? 1 : 0;
}

function largestDefect(a: Float64Array, n: number, values: Float64Array, vectors: Float64Array): number {
  let worst = 0;
  for (let v = 0; v < vectors.length / n; v++) {
    for (let i = 0; i < n; i++) {
      let image = 0;
      for (let j = 0; j < n; j++) image += a[i * n + j]! * vectors[v * n + j]!;
      worst = Math.max(worst, Math.abs(image - values[v]! * vectors[v * n + i]!));
    }
  }
  return worst;
}

describe('symmetric eigenproblem', () => {
  for (const n of [1, 2, 3, 7, 64, 129]) {
    it(`solves ${n} × ${n} to rounding`, () => {
      const a = symmetric(n, n);
      const { values, vectors } = dense.symmetricEigen(a, n, n);
      assert.ok(largestDefect(a, n, values, vectors) < 1e-14 * n * 4);
      assert.deepEqual(
        [...values].sort((x, y) => y - x),
        [...values],
      );
      assert.deepEqual(dense.symmetricEigenvalues(a, n).length, n);
    });
  }

  it('solves the zero matrix, the identity, a rank-one matrix and a diagonal with ties', () => {
    const n = 20;
    const zero = dense.symmetricEigen(new Float64Array(n * n), n, n);
    assert.ok(zero.values.every((value) => value === 0));
    const identity = new Float64Array(n * n).map((_, at) => (at % (n + 1) === 0 ? 1 : 0));
    assert.ok(dense.symmetricEigen(identity, n, n).values.every((value) => value === 1));
    const ones = new Float64Array(n * n).fill(1);
    const rankOne = dense.symmetricEigen(ones, n, n);
    assert.ok(Math.abs(rankOne.values[0]! - n) < 1e-13 && Math.abs(rankOne.values[1]!) < 1e-13);
    assert.ok(largestDefect(ones, n, rankOne.values, rankOne.vectors) < 1e-13);
    const ties = new Float64Array(n * n).map((_, at) => (at % (n + 1) === 0 ? Math.floor(at / n / 5) : 0));
    assert.deepEqual([...dense.symmetricEigenvalues(ties, n)].slice(0, 6), [3, 3, 3, 3, 3, 2]);
  });

  for (const [name, n, entry] of [
    ['a dense matrix', 300, null],
    ['the identity, all values one cluster', 40, (i: number, j: number) => (i === j ? 1 : 0)],
    ['a diagonal with ties', 60, (i: number, j: number) => (i === j ? Math.floor(i / 8) : 0)],
    ['a Wilkinson matrix, pairs closer than rounding', 61, wilkinson],
    ['rank one', 50, () => 1],
    ['zero', 12, () => 0],
    [
      'a head of 1e8 over a bulk of 1',
      200,
      (i: number, j: number) => (i === j ? (i < 3 ? 1e8 : 1 + i / 200) : 1e-3),
    ],
  ] as const) {
    it(`gives a few leading vectors of ${name} as it gives all`, () => {
      const a =
        entry === null
          ? symmetric(n, 8)
          : Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n));
      const count = Math.floor(n / 3);
      const few = dense.symmetricEigen(a, n, count);
      const all = dense.symmetricEigen(a, n, n);
      const scale = Math.max(...all.values.map(Math.abs));
      few.values.forEach((value, i) => {
        assert.ok(Math.abs(value - all.values[i]!) <= 1e-13 * scale, `${value} and ${all.values[i]}`);
      });
      assert.equal(few.vectors.length, count * n);
      assert.ok(largestDefect(a, n, few.values, few.vectors) <= 1e-13 * n * scale);
      for (let i = 0; i < count; i++) {
        for (let j = 0; j <= i; j++) {
          let inner = 0;
          for (let c = 0; c < n; c++) inner += few.vectors[i * n + c]! * few.vectors[j * n + c]!;
          assert.ok(Math.abs(inner - (i === j ? 1 : 0)) < 1e-10, `${i}, ${j}: ${inner}`);
        }
      }
    });
  }

  it('gives the last coordinates of the vectors without the vectors', () => {
    const n = 90;
    const a = symmetric(n, 4);
    const { values, vectors } = dense.symmetricEigen(a, n, n);
    const found = dense.eigenTails(dense.reduce(a, n), 7);
    for (let i = 0; i < n; i++) {
      assert.ok(Math.abs(found.values[i]! - values[i]!) < 1e-12);
      const sign = Math.sign(found.tails[i * 7]! * vectors[i * n + n - 7]!);
      for (let j = 0; j < 7; j++) {
        assert.ok(Math.abs(sign * found.tails[i * 7 + j]! - vectors[i * n + n - 7 + j]!) < 1e-11);
      }
    }
  });

  it('keeps relative accuracy over sixteen decades of scale', () => {
    const n = 30;
    for (const scale of [1e-12, 1, 1e12]) {
      const a = symmetric(n, 5).map((value) => value * scale);
      const { values, vectors } = dense.symmetricEigen(a, n, n);
      assert.ok(largestDefect(a, n, values, vectors) < 1e-12 * scale);
    }
  });

  it('refuses a Gram matrix that is not positive definite', () => {
    assert.equal(dense.choleskyInverse(Float64Array.of(1, 0, 0, -1), 2, 1e-14), null);
    assert.equal(dense.choleskyInverse(Float64Array.of(1, 0, 1, 1), 2, 1e-14), null);
    const inverse = dense.choleskyInverse(Float64Array.of(4, 0, 2, 5), 2, 1e-14);
    assert.deepEqual([...(inverse ?? [])], [0.5, 0, -0.25, 0.5]);
  });
});

describe('blocks over GEMM', () => {
  let gemm: Gemm;
  before(async () => {
    ({ gemm } = await createGemm('native', 2));
  });
  after(() => gemm.close());

  it('makes dependent, zero and badly scaled columns orthonormal', async () => {
    const x = randomBlock(50, 8, 2);
    for (let i = 0; i < 50; i++) {
      x.data[i * 8 + 1] = x.data[i * 8]! * 3;
      x.data[i * 8 + 2] = 0;
      x.data[i * 8 + 3]! *= 1e-150;
    }
    const given = x.data.slice();
    const result = await orthonormalize(gemm, dense, x, 3);
    assert.deepEqual(x.data, given, 'the argument is left alone');
    const gram = await innerProduct(gemm, result, result);
    gram.data.forEach((value, at) => {
      assert.ok(Math.abs(value - (at % 9 === 0 ? 1 : 0)) < 1e-12, `${at}: ${value}`);
    });
  });

  it('resolves angles from 1e-6 to 90 degrees in one pair of subspaces', async () => {
    const wanted = [1e-6, 0.01, 20, 90];
    const x = block(8, 4);
    const y = block(8, 4);
    wanted.forEach((angle, c) => {
      x.data[c * 4 + c] = 1;
      y.data[c * 4 + c] = Math.cos((angle * Math.PI) / 180);
      y.data[(c + 4) * 4 + c] = Math.sin((angle * Math.PI) / 180);
    });
    const found = await principalAnglesDeg(gemm, dense, x, y);
    wanted.forEach((angle, c) => {
      assert.ok(Math.abs(found[c]! - angle) < 1e-6 * 0.02 + 1e-9 * angle, `${found[c]} instead of ${angle}`);
    });
  });

  for (const [rows, columns] of [
    [40, 30],
    [700, 560],
    [560, 700],
  ] as const) {
    it(`finds the spectral norm of ${rows} × ${columns}`, async () => {
      const sigma = Array.from({ length: 30 }, (_, i) => 2 / (1 + i / 40));
      const { base } = withSpectrum(rows, columns, sigma, null);
      const operator = new MatrixOperator(gemm, base, layoutOf(rows, columns, 1, false), noRoom);
      const found = await spectralNorm(operator, gemm, dense, 1);
      assert.ok(Math.abs(found - 2) < 1e-5, `${found}`);
    });
  }

  it('finds the spectral norm where several singular values are equal to it', async () => {
    const sigma = Array.from({ length: 40 }, (_, i) => (i < 3 ? 2 : 1.99 / (1 + i / 40)));
    const { base } = withSpectrum(700, 560, sigma, null);
    const operator = new MatrixOperator(gemm, base, layoutOf(700, 560, 1, false), noRoom);
    const found = await spectralNorm(operator, gemm, dense, 1);
    assert.ok(Math.abs(found - 2) < 1e-5, `${found}`);
  });
});

describe('products', () => {
  for (const choice of ['native', 'wasm'] as const) {
    it(`are added to a matrix where one is given: ${choice}`, async () => {
      const { gemm } = await createGemm(choice, 2);
      const [m, n, k] = [7, 3, 5];
      const whole = (length: number, step: number): number[] =>
        Array.from({ length }, (_, i) => ((i * step) % 11) - 5);
      const [a, b, d] = [whole(m * k, 3), whole(k * n, 7), whole(m * n, 5)];
      const expected = d.map((value, at) => {
        let sum = value;
        for (let i = 0; i < k; i++) sum += a[Math.floor(at / n) * k + i]! * b[i * n + (at % n)]!;
        return sum;
      });
      const single = [a, b, d].map((values) => Float32Array.from(values));
      const double = [a, b, d].map((values) => Float64Array.from(values));
      const out = { single: new Float32Array(m * n), double: new Float64Array(m * n) };
      await gemm.multiply32({ m, n, k }, single[0]!, single[1]!, out.single, single[2]);
      await gemm.multiply64({ m, n, k }, double[0]!, double[1]!, out.double, double[2]);
      assert.deepEqual([...out.single], expected);
      assert.deepEqual([...out.double], expected);
      assert.deepEqual([...single[2]!], d, 'what is added stays as it is');
      const none = new Float64Array(0);
      const alone = await gemm.multiply64({ m, n, k: 0 }, none, none, out.double, double[2]);
      assert.deepEqual([...alone], d);
      await gemm.close();
    });
  }
});

describe('magnitude quantile', () => {
  const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!;
  const values = new Float32Array(uniformMatrix(40, 50, 9).map((value, i) => (i % 10 === 0 ? 0.25 : value)));
  const panels = (visit: (panel: Float32Array) => void): Promise<void> => {
    for (let from = 0; from < values.length; from += 300) visit(values.subarray(from, from + 300));
    return Promise.resolve();
  };

  for (const count of [1, 2, 599, 600, 1999, 2000]) {
    it(`finds element ${count} from either end as sorting does`, async () => {
      const sorted = [...values].map(Math.abs).sort((a, b) => a - b);
      assert.equal(
        await magnitudeQuantileBits(histograms, panels, count, 'smallest'),
        bitsOf(sorted[count - 1]!),
      );
      assert.equal(
        await magnitudeQuantileBits(histograms, panels, count, 'largest'),
        bitsOf(sorted[sorted.length - count]!),
      );
    });
  }
});

describe('seeded normals', () => {
  it('repeat for a seed, differ between seeds, and have mean 0 and variance 1', () => {
    const draw = (seed: number): number[] => {
      const random = new NormalGenerator(seed);
      return Array.from({ length: 20_000 }, () => random.normal());
    };
    const first = draw(1);
    assert.deepEqual(first, draw(1));
    assert.notDeepEqual(first.slice(0, 4), draw(2).slice(0, 4));
    const mean = first.reduce((a, b) => a + b, 0) / first.length;
    const variance = first.reduce((a, b) => a + b * b, 0) / first.length;
    assert.ok(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.05);
  });
});
