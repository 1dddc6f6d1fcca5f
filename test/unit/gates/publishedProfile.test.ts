// What the published profile adds to one matrix, against float64 LAPACK (test/fixtures/published) beyond the dense limit, in
// every way that the matrix may lie in memory, and where Gate II's own triplets are too few for the published masks.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import {
  analyzeMatrix,
  type GeometryEngine,
  type GeometryOptions,
} from '../../../src/engine/gates/geometry.ts';
import { publishedRank, type PublishedMatrix } from '../../../src/engine/gates/publishedProfile.ts';
import { geometryEngine, geometryOptions, matrixPair } from '../../support/geometryEngine.ts';
import { hashWeights, stepWeights } from '../../support/hashMatrix.ts';

interface Expected {
  lowMagnitudeOverlap: number;
  principalOverlap: number;
  /** Every 20th angle. */
  curve: { rank: number; leftDeg: number[]; rightDeg: number[] };
}

const { shapes } = JSON.parse(readFileSync('test/fixtures/published/expected.json', 'utf8')) as {
  shapes: Record<string, Expected>;
};
const asked: GeometryOptions = { ...geometryOptions, profile: 'published', angleCurve: true };

/** Both sides of bf16 values in one word each, the base in the lower half. */
function packed(base: Float32Array, tuned: Float32Array): Uint32Array<ArrayBuffer> {
  const [low, high] = [new Uint32Array(base.slice().buffer), new Uint32Array(tuned.slice().buffer)];
  return low.map((bits, i) => (bits >>> 16) | (high[i]! & 0xffff0000));
}

function close(found: number, wanted: number, relative: number, what: string): void {
  assert.ok(
    Math.abs(found - wanted) <= relative * Math.abs(wanted),
    `${what}: ${found} instead of ${wanted}`,
  );
}

describe('the published profile of a matrix', () => {
  let engine: GeometryEngine;
  before(async () => {
    engine = await geometryEngine('native');
  });
  after(() => engine.gemm.close());

  const profileOf = async (
    shape: string,
    options: GeometryOptions,
    rank: number,
    isPacked: boolean,
  ): Promise<PublishedMatrix | null> => {
    const [rows = 0, columns = 0] = shape.split('x').map(Number);
    const base = hashWeights(rows, columns, 7);
    const tuned = stepWeights(base, rows, columns, 0.25, 11);
    const sides = isPacked ? { packed: packed(base, tuned) } : { base, tuned };
    const pair = matrixPair(sides, [rows, columns], null, rank);
    const found = await analyzeMatrix(pair, options, engine);
    assert.ok(found !== null);
    return found.published;
  };

  for (const [shape, expected] of Object.entries(shapes)) {
    for (const [rank, isPacked] of [
      [128, true],
      [16, false],
    ] as const) {
      it(`is LAPACK's for ${shape}${isPacked ? ', packed' : ''}, with Gate II at rank ${rank}`, async () => {
        const found = await profileOf(shape, asked, rank, isPacked);
        assert.ok(found !== null);
        const { masks, curve } = found;
        assert.ok(curve !== null);
        close(
          masks.lowMagnitude.changed / masks.changed,
          expected.lowMagnitudeOverlap,
          1e-6,
          'low magnitude',
        );
        close(masks.principal.changed / masks.changed, expected.principalOverlap, 1e-6, 'principal');
        assert.equal(curve.rank, expected.curve.rank);
        for (const side of ['leftDeg', 'rightDeg'] as const) {
          assert.equal(curve[side].length, curve.rank);
          expected.curve[side].forEach((angle, i) => {
            close(curve[side][20 * i]!, angle, 1e-6, `${side} ${20 * i}`);
          });
        }
      });
    }
  }

  it('is made only when it is asked for, and the curve for one matrix only', async () => {
    assert.equal(await profileOf('64x48', geometryOptions, 128, false), null);
    const found = await profileOf('64x48', { ...asked, angleCurve: false }, 128, false);
    assert.equal(found?.curve, null);
  });

  it('has masks of as many directions as a small matrix has', () => {
    assert.deepEqual([publishedRank(4096, 1024), publishedRank(40, 128), publishedRank(300, 2)], [64, 40, 2]);
  });
});
