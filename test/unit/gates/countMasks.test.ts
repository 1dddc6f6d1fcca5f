// The masks of a matrix that is large enough to be sampled first, against those by the exact limit: with room for W⁽ᵏ⁾ and
// without, packed and as float32, and where a sample cannot tell the limit.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { countMasks } from '../../../src/engine/gates/countMasks.ts';
import { MaskedMatrix, type PrincipalFactors } from '../../../src/engine/gates/maskedMatrix.ts';
import { maskCounts } from '../../../src/engine/gates/masks.ts';
import type { Gemm } from '../../../src/engine/linalg/gemm.ts';
import { rowSource } from '../../../src/engine/linalg/rowSource.ts';
import { PackedSide } from '../../../src/engine/linalg/widener.ts';
import { createGemm } from '../../../src/node/gemm/createGemm.ts';
import type { MaskCounts } from '../../../src/shared/report/metrics.ts';
import { linalgKernels } from '../../support/geometryEngine.ts';
import { hashWeights, stepWeights } from '../../support/hashMatrix.ts';
import { packPair } from '../../support/packPair.ts';

const [rows, columns, rank] = [1600, 1400, 4] as const;
const [alpha, eta] = [0.3, 1e-3] as const;

describe('masks of a large matrix', () => {
  const { histograms, masks, widener } = linalgKernels();
  let gemm: Gemm;
  before(async () => {
    gemm = (await createGemm('native', 2)).gemm;
  });
  after(() => gemm.close());

  const base = hashWeights(rows, columns, 11);
  const tuned = stepWeights(base, rows, columns, 0.25, 12);

  /** Directly from the limits that two histograms give. */
  async function exact(factors: PrincipalFactors): Promise<MaskCounts> {
    const matrix = new MaskedMatrix(histograms, { base, packed: null, rows, columns, alpha }, null);
    const to = await matrix.principalBits(gemm, factors);
    const range = { from: to, to, lowBits: await matrix.lowBits(), eta };
    const tally = await masks.count(range, (add) =>
      matrix.reconstructed(gemm, factors, (part, from) => {
        const end = from + part.length;
        add({ base: base.subarray(from, end), tuned: tuned.subarray(from, end) }, part);
      }),
    );
    return maskCounts(base.length, tally.members, null);
  }

  const factorsOf = (left: Float32Array): PrincipalFactors => ({
    rank,
    leftScaled: left,
    right: hashWeights(columns, rank, 14),
  });
  const usual = hashWeights(rows, rank, 13);
  for (const [name, left] of [
    ['a usual W⁽ᵏ⁾', usual],
    [
      'one that is mostly zero, where ties at the limit are all in',
      usual.map((value, i) => (i % 3200 < 640 ? value : 0)),
    ],
    ['one whose rows differ by thousands', usual.map((value, i) => value * 10 ** ((i >> 2) % 7))],
  ] as const) {
    it(`are exact for ${name}`, async () => {
      const factors = factorsOf(left);
      const expected = await exact(factors);
      assert.ok(expected.principal.size >= alpha * base.length && expected.changed > 0);
      const words = packPair(base, tuned);
      const sides = { base: rowSource(base), tuned: rowSource(tuned), packed: null };
      const packed = {
        base: new PackedSide(widener, words, 'base'),
        tuned: new PackedSide(widener, words, 'tuned'),
        packed: words,
      };
      for (const input of [sides, packed]) {
        for (const scratch of [null, new Float32Array(base.length)]) {
          const whole = { ...input, storage: null, ...factors, rows, columns, alpha, eta, scratch };
          const found = await countMasks({ gemm, histograms, masks }, whole);
          assert.deepEqual(found.counts, expected);
        }
      }
    });
  }
});
