// An update known as a product against the same update known by its elements, in float64, and Gate II both ways.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { analyzeMatrix, type GeometryEngine, type MatrixPair } from '../../../src/engine/gates/geometry.ts';
import { measureLowRank, type LowRankUpdate } from '../../../src/engine/gates/lowRankUpdate.ts';
import { block, orthonormalize, type Block } from '../../../src/engine/linalg/block.ts';
import { geometryEngine, geometryOptions, matrixPair } from '../../support/geometryEngine.ts';
import { seeded } from '../../support/random.ts';

let engine: GeometryEngine;
before(async () => {
  engine = await geometryEngine('auto');
});
after(async () => {
  await engine.gemm.close();
});

const random = seeded(12);

function uniform(length: number, size = 1): Float64Array {
  return Float64Array.from({ length }, () => random.between(-size, size));
}

/** A·B by the definition; A m × k, B k × n. */
function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const result = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let l = 0; l < k; l++) result[i * n + j]! += a[i * k + l]! * b[l * n + j]!;
    }
  }
  return result;
}

function transpose(a: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(
    { length: a.length },
    (_, at) => a[(at % rows) * columns + Math.floor(at / rows)]!,
  );
}

function energyOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

function orthonormal(rows: number, columns: number): Promise<Block> {
  const x = block(rows, columns, uniform(rows * columns));
  return orthonormalize(engine.gemm, engine.dense, x, 1);
}

function close(found: number | null, wanted: number, relative: number, what: string): void {
  assert.ok(
    Math.abs((found ?? NaN) - wanted) <= relative * Math.abs(wanted),
    `${what}: ${found} for ${wanted}`,
  );
}

async function assertMeasured(update: LowRankUpdate, m: number, n: number, k: number): Promise<void> {
  const [left, right] = [await orthonormal(m, k), await orthonormal(n, k)];
  const delta = product(update.left, update.right, m, update.rank, n);
  const [factor, other] = [update.left.slice(), update.right.slice()];
  const found = await measureLowRank(engine.gemm, engine.dense, update, left, right);
  assert.deepEqual([update.left, update.right], [factor, other], 'the factors are left as they were');
  const energy = energyOf(delta);
  const onLeft = product(transpose(left.data, m, k), delta, k, m, n);
  const onRight = product(delta, right.data, m, n, k);
  close(found.energy, energy, 1e-11, 'energy');
  close(found.shares.leftEnergy, energyOf(onLeft) / energy, 1e-10, 'left');
  close(found.shares.rightEnergy, energyOf(onRight) / energy, 1e-10, 'right');
  close(found.shares.principalEnergy, energyOf(product(onLeft, right.data, k, n, k)) / energy, 1e-10, 'both');
  assert.deepEqual(
    [found.shares.principalEnergyExpected, found.shares.leftEnergyExpected, found.shares.rightEnergyExpected],
    [(k * k) / (m * n), k / m, k / n],
  );
  const gram = product(transpose(delta, m, n), delta, n, m, n);
  close(found.norm, Math.sqrt(engine.dense.symmetricEigenvalues(gram, n)[0]!), 1e-11, 'norm');
}

describe('an update as a product', () => {
  it('has the size and place of its elements', async () => {
    await assertMeasured({ rank: 4, left: uniform(40 * 4), right: uniform(4 * 30) }, 40, 30, 7);
    await assertMeasured({ rank: 1, left: uniform(9), right: uniform(21) }, 9, 21, 2);
  });

  it('has them although its two halves nearly cancel, as a rewritten base gives', async () => {
    const [m, n, q] = [24, 32, 3];
    const [b, a] = [uniform(m * q), uniform(q * n)];
    const left = new Float64Array(m * 2 * q);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < q; j++) {
        left[i * 2 * q + j] = b[i * q + j]! + random.between(-1e-3, 1e-3);
        left[i * 2 * q + q + j] = -b[i * q + j]!;
      }
    }
    await assertMeasured({ rank: 2 * q, left, right: Float64Array.from([...a, ...a]) }, m, n, 5);
  });

  it('has no place where it is zero', async () => {
    const update = { rank: 2, left: new Float64Array(12), right: uniform(16) };
    const found = await measureLowRank(
      engine.gemm,
      engine.dense,
      update,
      await orthonormal(6, 1),
      await orthonormal(8, 1),
    );
    assert.deepEqual([found.energy, found.norm, found.shares.leftEnergy], [0, 0, null]);
  });

  it('gives the Gate II that its elements give, to what float32 holds of them', async () => {
    const [rows, columns, rank] = [96, 160, 6];
    const base = new Float32Array(uniform(rows * columns, 0.05));
    const update = { rank, left: uniform(rows * rank, 0.02), right: uniform(rank * columns, 0.02) };
    const delta = product(update.left, update.right, rows, rank, columns);
    const tuned = base.map((value, at) => value + delta[at]!);
    const pair = (): MatrixPair => matrixPair({ base, tuned: tuned.slice() }, [rows, columns], null);
    const dense = await analyzeMatrix(pair(), geometryOptions, engine);
    const low = await analyzeMatrix({ ...pair(), update }, geometryOptions, engine);
    assert.ok(dense !== null && low !== null);
    for (const field of [
      'deltaSpectralNorm',
      'deltaStableRank',
      'leftEnergy',
      'rightEnergy',
      'principalEnergy',
      'wedinBound',
    ] as const) {
      close(low.metrics[field], dense.metrics[field] ?? NaN, 1e-5, field);
    }
    const same = [
      'sigmaTuned',
      'rotationLeftMeanDeg',
      'principalLift',
      'spectralDriftTopK',
      'residual',
    ] as const;
    for (const field of same) assert.deepEqual(low.metrics[field], dense.metrics[field], field);
    assert.ok(low.metrics.passes <= dense.metrics.passes);
  });
});
