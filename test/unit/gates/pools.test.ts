// Pooling adds counts and energies and divides once: a pool of parts is what the whole would have given, never a mean.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addAnchor, newAnchorPool, poolAnchor } from '../../../src/engine/gates/anchor.ts';
import {
  absorbedCount,
  addPrecision,
  newPrecisionPool,
  poolPrecision,
  tensorPrecision,
} from '../../../src/engine/gates/precision.ts';
import { gridOf } from '../../../src/engine/kernels/chunkPlan.ts';
import { TotalsMerger, deltaBins } from '../../../src/engine/kernels/chunkTotals.ts';
import type { StreamTotals } from '../../../src/engine/kernels/tensorStreamer.ts';
import { assertClose } from '../kernels/streamed.ts';

describe('pools', () => {
  it('adds counts, then divides: not the mean of two shares', () => {
    const pool = newPrecisionPool();
    addPrecision(pool, totalsOf({ compared: 10, changedBf16: 10, rawChanged: 10 }));
    addPrecision(pool, totalsOf({ compared: 990, changedBf16: 0, rawChanged: 40, hidden: 40 }));
    const metrics = poolPrecision(pool, null, null);
    assert.equal(metrics?.sparsityBf16, 0.99);
    assert.equal(metrics.rawChanged, 0.05);
    assert.equal(metrics.hiddenByBf16, 0.8);
    assert.equal(metrics.absorbedShare, null);
    assert.equal(metrics.counts.absorbed, null);
  });

  it('leaves the parts as they were', () => {
    const part = totalsOf({ compared: 5, sumSquaresDelta: 4 });
    part.deltaCounts = new Float64Array(deltaBins).fill(1, 7, 8);
    part.deltaEnergies = new Float64Array(deltaBins).fill(4, 7, 8);
    const pool = newAnchorPool();
    for (let i = 0; i < 3; i++) addAnchor(pool, part);
    assert.equal(pool.deltaCounts?.[7], 3);
    assert.deepEqual([part.deltaCounts[7], part.deltaEnergies[7]], [1, 4]);
  });

  it('adds energies under the root, and keeps the largest change', () => {
    const pool = newAnchorPool();
    addAnchor(pool, totalsOf({ compared: 3, sumSquaresBase: 9, sumSquaresDelta: 0.09, maxAbsDelta: 0.3 }));
    addAnchor(pool, totalsOf({ compared: 1, sumSquaresBase: 16, sumSquaresDelta: 0.16, maxAbsDelta: 0.2 }));
    const metrics = poolAnchor(pool);
    assert.ok(metrics);
    assert.deepEqual([metrics.baseFrobenius, metrics.deltaFrobenius, metrics.maxAbsDelta], [5, 0.5, 0.3]);
    assertClose(metrics.relativeDrift ?? Number.NaN, 0.1, 'relativeDrift');
    assertClose(metrics.rmsDelta, 0.25, 'rmsDelta');
    assert.equal(metrics.topPercentEnergy, null);
  });

  it('takes the threshold bin of the top hundredth at its mean', () => {
    const totals = totalsOf({ compared: 1000 });
    totals.deltaCounts = new Float64Array(deltaBins);
    totals.deltaEnergies = new Float64Array(deltaBins);
    // Of the ten elements on top, four lie in the upper bin and six among the twelve of the lower.
    totals.deltaCounts.set([100, 12, 4], 50);
    totals.deltaEnergies.set([10, 6, 4], 50);
    assert.equal(poolAnchor(totals)?.topPercentEnergy, (4 + 3) / 20);
    // At least one element, however small the tensor.
    assert.equal(poolAnchor({ ...totals, compared: 7 })?.topPercentEnergy, 1 / 20);
  });

  it('says nothing of what holds no finite element, and has no drift from zero', () => {
    const nothing = totalsOf({ nonFinite: 4 });
    assert.equal(tensorPrecision(nothing, null, 1e-6), null);
    assert.equal(poolAnchor(nothing), null);
    assert.equal(poolAnchor(totalsOf({ compared: 2, sumSquaresDelta: 1 }))?.relativeDrift, null);
  });

  it('absorbs strictly above the learning rate, at every exponent', () => {
    const one = (exponent: number): Float64Array => {
      const exponents = new Float64Array(256);
      exponents[exponent] = 1;
      return exponents;
    };
    // ½·ULP of 1.0 in bf16 is 2⁻⁸.
    assert.equal(absorbedCount(one(127), 2 ** -8), 0);
    assert.equal(absorbedCount(one(127), 2 ** -8 * 0.999), 1);
    // Zero and subnormals: half of 2⁻¹³³.
    assert.equal(absorbedCount(one(0), 2 ** -134), 0);
    assert.equal(absorbedCount(one(0), 2 ** -135), 1);
  });

  it('keeps at most 256 densities and finds the stripes before binning them', () => {
    const totals = new TotalsMerger(gridOf([600, 4])).totals;
    totals.compared = 2400;
    totals.changedBf16 = 1200;
    // Every other row changed whole: evened out by the bins, not by the stripe.
    totals.rowChanged = Float64Array.from({ length: 600 }, (_, row) => (row % 2 === 0 ? 4 : 0));
    totals.columnChanged = Float64Array.of(300, 300, 300, 300);
    const stripe = tensorPrecision(totals, null, null)?.stripe;
    assert.equal(stripe?.rowDensity.length, 256);
    assertClose(stripe.rowDensity.reduce((sum, share) => sum + share, 0) / 256, 0.5, 'mean density', 0.05);
    // Variance ¼·600/599 over ¼/4.
    assertClose(stripe.rowStripe ?? Number.NaN, (4 * 600) / 599, 'rowStripe');
    assert.equal(stripe.columnStripe, 0);
    assert.deepEqual(stripe.columnDensity, [0.5, 0.5, 0.5, 0.5]);
  });
});

function totalsOf(some: Partial<StreamTotals>): StreamTotals {
  return { ...new TotalsMerger(gridOf([1])).totals, ...some };
}
