// Twenty seeds of noise on made-up matrices of several shapes, through the whole of Gate II: every reading is `as random`.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { matrixSums, poolGeometry, sumGeometry } from '../../../src/engine/analysis/geometryPool.ts';
import { analyzeMatrix, type MeasuredMatrix } from '../../../src/engine/gates/geometry.ts';
import { judge, poolReadings } from '../../../src/engine/gates/verdict.ts';
import { NormalGenerator } from '../../../src/engine/linalg/random.ts';
import { defaultThresholds } from '../../../src/shared/options/thresholds.ts';
import { geometryEngine, geometryOptions, matrixPair } from '../../support/geometryEngine.ts';
import { hashWeights } from '../../support/hashMatrix.ts';
import { bf16Bits, noisy, valueOf } from '../../support/noiseLike.ts';

const shapes = [
  [96, 96],
  [160, 64],
  [56, 200],
  [128, 80],
] as const;

describe('noise on made-up matrices', async () => {
  const engine = await geometryEngine('native');
  after(() => engine.gemm.close());

  for (let seed = 1; seed <= 20; seed++) {
    // From a thousandth of the weights to a tenth of them.
    const relative = 10 ** (-3 + (2 * (seed % 5)) / 4);
    it(`reads as random with seed ${seed} at a relative size of ${relative.toPrecision(2)}`, async () => {
      const random = new NormalGenerator(seed);
      const parts: MeasuredMatrix[] = [];
      for (const [index, [rows, columns]] of shapes.entries()) {
        const base = hashWeights(rows, columns, 100 * seed + index);
        const energy = relative ** 2 * base.reduce((sum, value) => sum + value * value, 0);
        const tuned = Float32Array.from(noisy(Uint16Array.from(base, bf16Bits), energy, random), valueOf);
        const storage = { base: 'bf16', tuned: 'bf16' } as const;
        const pair = matrixPair({ base, tuned }, [rows, columns], storage);
        const found = await analyzeMatrix(pair, geometryOptions, engine);
        assert.ok(found);
        parts.push(found);
      }
      const geometry = poolGeometry(sumGeometry(parts.map(matrixSums)), '');
      const none = { value: null, reason: 'not asked' };
      const judged = { anchor: none, precision: none, geometry: poolReadings(geometry) };
      const readings = judge(judged, defaultThresholds).geometry.beyondSize?.readings ?? [];
      assert.equal(readings.length, 5);
      for (const reading of readings) assert.equal(reading.word, 'as random', JSON.stringify(reading));
    });
  }
});
