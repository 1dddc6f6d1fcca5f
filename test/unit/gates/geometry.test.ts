// Gate II against float64 LAPACK (test/fixtures/geometry) on the genuine pairs and on matrices beyond the dense limit,
// and against closed forms.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { GeometryMetrics } from '../../../src/shared/report/metrics.ts';
import {
  analyzeMatrix,
  type BaseMemory,
  type GeometryEngine,
  type MatrixPair,
} from '../../../src/engine/gates/geometry.ts';
import type { Kept } from '../../../src/engine/linalg/keptTriplets.ts';
import { geometryEngine, geometryOptions, matrixPair, searchedPair } from '../../support/geometryEngine.ts';
import { hashWeights, stepWeights } from '../../support/hashMatrix.ts';
import { readBf16Matrices } from '../../support/readBf16.ts';
import { withSpectrum } from '../../support/spectrum.ts';

type Expected = Record<string, number | number[]>;
interface Fixture {
  pairs: Record<string, Record<string, Expected>>;
  shapes: Record<string, Expected>;
}

const fixture = JSON.parse(readFileSync('test/fixtures/geometry/expected.json', 'utf8')) as Fixture;

/** Relative tolerance per field; rotations are absolute, in degrees. */
function tolerance(field: string): { relative: number; absolute: number } {
  if (field.startsWith('rotation')) {
    return { relative: 0, absolute: field.includes('Mean') ? 1e-4 : 0.01 };
  }
  if (/Lift$|Overlap$/.test(field)) return { relative: 1e-6, absolute: 0 };
  return { relative: 1e-6, absolute: 0 };
}

function agrees(found: GeometryMetrics, expected: Expected, where: string): void {
  const values = found as unknown as Record<string, number | number[] | null>;
  for (const [field, value] of Object.entries(expected)) {
    const wanted = [value].flat();
    const actual = [values[field] ?? NaN].flat();
    if (field === 'spectralDriftFull' && values[field] === null) continue;
    assert.equal(actual.length, wanted.length, `${where} ${field}`);
    const { relative, absolute } = tolerance(field);
    wanted.forEach((target, i) => {
      const error = Math.abs(actual[i]! - target);
      const limit = absolute + relative * Math.abs(target);
      assert.ok(error <= limit, `${where} ${field}[${i}]: ${actual[i]} instead of ${target}`);
    });
  }
}

/** How the triplets are found of matrices of up to a thousand rows, and of larger ones. */
const ways = [
  ['solved whole', (pair: MatrixPair): MatrixPair => pair],
  ['by a Krylov space', searchedPair],
] as const;

for (const choice of ['native', 'wasm'] as const) {
  describe(`Gate II on the ${choice} engine`, () => {
    let engine: GeometryEngine;
    const analyze = async (
      base: Float32Array,
      tuned: Float32Array,
      rows: number,
      columns: number,
      prepare = (pair: MatrixPair): MatrixPair => pair,
    ): Promise<GeometryMetrics> => {
      const pair = matrixPair({ base, tuned: tuned.slice() }, [rows, columns], null);
      const found = await analyzeMatrix(prepare(pair), geometryOptions, engine);
      assert.ok(found !== null, 'the two sides differ');
      return found.metrics;
    };
    before(async () => {
      engine = await geometryEngine(choice);
    });
    after(() => engine.gemm.close());

    for (const [run, tensors] of Object.entries(fixture.pairs)) {
      it(`matches LAPACK on every changed matrix of nano ${run}`, async () => {
        const base = readBf16Matrices('test/fixtures/nano/base/model.safetensors');
        const tuned = readBf16Matrices(`test/fixtures/nano/${run}/model.safetensors`);
        assert.ok(Object.keys(tensors).length > 20);
        for (const [name, expected] of Object.entries(tensors)) {
          const { data, rows, columns } = base.get(name)!;
          agrees(await analyze(data, tuned.get(name)!.data, rows, columns), expected, name);
        }
      });
    }

    for (const [shape, expected] of Object.entries(fixture.shapes)) {
      for (const [how, prepare] of ways) {
        it(`matches LAPACK on ${shape}, ${how}`, async () => {
          const [rows = 0, columns = 0] = shape.split('x').map(Number);
          const base = hashWeights(rows, columns, 7);
          const tuned = stepWeights(base, rows, columns, 0.25, 11);
          const found = await analyze(base, tuned, rows, columns, prepare);
          agrees(found, expected, shape);
          assert.ok(found.residual <= 1e-6, `residual ${found.residual}`);
          // The error bars must hold: the true value lies within them.
          const drift = expected['spectralDriftTopK'] as number;
          assert.ok(
            Math.abs(found.spectralDriftTopK! - drift) <= found.spectralDriftTopKError! + 1e-12,
            'drift',
          );
          const rotation = expected['rotationLeftMaxDeg'] as number;
          assert.ok(
            Math.abs(found.rotationLeftMaxDeg - rotation) <= found.rotationErrorDeg + 1e-9,
            'rotation',
          );
        });
      }
    }

    for (const angleDeg of [0.01, 1, 30]) {
      it(`finds a leading subspace turned by ${angleDeg}°`, async () => {
        const sigma = Array.from({ length: 64 }, (_, i) => (i < 16 ? 10 : 1) / (1 + i / 8));
        const { base, turned } = withSpectrum(96, 64, sigma, { angleDeg, column: 3, against: 40 });
        const found = await analyze(base, turned, 96, 64);
        assert.ok(Math.abs(found.rotationRightMaxDeg - angleDeg) < 1e-4 + 1e-4 * angleDeg);
        assert.ok(found.rotationLeftMaxDeg < 1e-3);
        assert.ok(found.spectralDriftTopK! < 1e-6);
      });
    }

    it('sees scaled singular values as drift without rotation', async () => {
      const base = hashWeights(96, 64, 3);
      const found = await analyze(
        base,
        base.map((value) => value * 1.25),
        96,
        64,
      );
      assert.ok(Math.abs(found.spectralDriftTopK! - 0.25) < 1e-12);
      assert.ok(Math.abs(found.spectralDriftFull! - 0.25) < 1e-12);
      assert.ok(found.rotationLeftMaxDeg < 1e-5 && found.rotationRightMaxDeg < 1e-5);
      assert.equal(found.principalLift, null, 'every element changed: lifts are not defined');
    });

    it('answers null for Δ = 0, and measures the smallest Δ', async () => {
      const base = hashWeights(80, 600, 3);
      const pair = matrixPair({ base, tuned: base.slice() }, [80, 600], null);
      assert.equal(await analyzeMatrix(pair, geometryOptions, engine), null);
      const nudged = base.map((value, i) => (i === 1234 ? value * (1 + 2 ** -7) : value));
      const found = await analyze(base, nudged, 80, 600);
      const delta = Math.abs(nudged[1234]! - base[1234]!);
      assert.ok(Math.abs(found.deltaSpectralNorm / delta - 1) < 1e-9);
      assert.ok(Math.abs(found.deltaStableRank! - 1) < 1e-9);
      assert.equal(found.maskCounts.changed, 1);
      assert.ok(found.spectralDriftTopK! <= found.spectralDriftBound!);
    });

    /** Gate II with what was kept of the base, and what it keeps itself. */
    async function withMemory(
      [base, tuned]: readonly [Float32Array, Float32Array],
      [rows, columns]: readonly [number, number],
      known: Kept | null,
    ): Promise<{ metrics: GeometryMetrics; kept: Kept | null }> {
      let kept: Kept | null = null;
      const memory: BaseMemory = {
        recall: () => Promise.resolve(known),
        remember: (found) => {
          kept = found;
          return Promise.resolve();
        },
      };
      const pair = matrixPair({ base, tuned: tuned.slice() }, [rows, columns], null);
      const found = await analyzeMatrix(pair, geometryOptions, engine, memory);
      assert.ok(found !== null, 'both sides are equal');
      return { metrics: found.metrics, kept };
    }

    for (const shape of [
      [560, 540],
      [1050, 1040],
    ] as const) {
      it(`goes on from a remembered base of ${shape.join(' × ')} without changing a bit, and ignores another's`, async () => {
        const [rows, columns] = shape;
        const base = hashWeights(rows, columns, 7);
        const sides = [base, stepWeights(base, rows, columns, 0.25, 11)] as const;
        const fresh = await withMemory(sides, shape, null);
        assert.ok(fresh.kept !== null, 'nothing was kept');
        const recalled = await withMemory(sides, shape, fresh.kept);
        assert.ok(recalled.metrics.passes < 0.75 * fresh.metrics.passes, `${recalled.metrics.passes} passes`);
        assert.equal(recalled.kept, null, 'what was known is not kept again');
        assert.deepEqual({ ...recalled.metrics, passes: 0 }, { ...fresh.metrics, passes: 0 });
        for (const wrong of othersThan(fresh.kept)) {
          const again = await withMemory(sides, shape, wrong);
          assert.ok(again.metrics.passes >= fresh.metrics.passes, 'it was decomposed anew');
          assert.deepEqual({ ...again.metrics, passes: 0 }, { ...fresh.metrics, passes: 0 });
        }
      });
    }

    it('survives a rank below k, a zero matrix and the thinnest matrices', async () => {
      const flat = withSpectrum(64, 60, [3, 2, 1], null).base;
      const low = await analyze(
        flat,
        flat.map((value, i) => (i % 7 === 0 ? value * 1.01 : value)),
        64,
        60,
      );
      assert.ok(low.sigmaBase.slice(3).every((value) => value < 1e-6));
      assert.ok(
        Object.values(low)
          .flat()
          .every((value) => typeof value !== 'number' || Number.isFinite(value)),
      );
      const zero = await analyze(new Float32Array(24 * 20), hashWeights(24, 20, 1), 24, 20);
      assert.equal(zero.spectralDriftTopK, null);
      assert.equal(zero.spectralDriftBound, null);
      const thin = await analyze(hashWeights(2, 300, 5), hashWeights(2, 300, 6), 2, 300);
      assert.equal(thin.rank, 1);
      assert.ok(thin.rotationRightMaxDeg > 1);
    });

    it('finds a new leading direction that the base subspace does not contain', async () => {
      const base = hashWeights(600, 580, 21);
      const tuned = base.slice();
      const { base: spike } = withSpectrum(600, 580, [4], null);
      for (let i = 0; i < tuned.length; i++) tuned[i]! += spike[i]!;
      const found = await analyze(base, tuned, 600, 580);
      assert.ok(Math.max(...found.sigmaTuned) > 3.9);
      assert.ok(found.rotationLeftMaxDeg > 45);
    });
  });
}

/** What was kept of a matrix, changed to that of others. */
function othersThan(kept: Kept): Kept[] {
  if ('spectrum' in kept) {
    const { values, vectors } = kept.spectrum;
    return [
      { spectrum: { values, vectors: vectors.map((value, i) => value + (i % 3) / 100) } },
      { spectrum: { values: values.subarray(1), vectors } },
    ];
  }
  const { triplets } = kept;
  const { sigma, large, small } = triplets;
  return [
    { triplets: { ...triplets, large: large.map((value, i) => value + (i % 3) / 100) } },
    { triplets: { ...triplets, small: small.subarray(sigma.length) } },
    { triplets: { ...triplets, sigma: sigma.map((value) => 1.001 * value) } },
  ];
}
