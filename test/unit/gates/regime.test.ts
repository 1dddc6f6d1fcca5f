// The regime from combinations of gate standings, and when none may be named.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameRegime } from '../../../src/engine/gates/regime.ts';
import { judge, type Judged } from '../../../src/engine/gates/verdict.ts';
import { defaultThresholds } from '../../../src/shared/options/thresholds.ts';
import type { Regime } from '../../../src/shared/report/verdicts.ts';
import { noReadingsNull } from '../../support/noNull.ts';

type Stand = 'holds' | 'middle' | 'broken' | 'unknown';

/** Numbers that put each gate where the test wants it. */
function regime(
  anchor: Stand,
  geometry: Stand,
  precision: Stand,
  coverage = 1,
  unchanged = false,
  more: { packed?: number; rounding?: string } = {},
): Regime {
  const pick = <T>(stand: Stand, of: Record<'holds' | 'middle' | 'broken', T>): Judged['anchor'] | object =>
    stand === 'unknown' ? { value: null, reason: 'not asked' } : { value: of[stand], reason: null };
  const degrees = (rotationMeanDeg: number, principalLift: number): object => ({
    spectralDriftTopK: null,
    rotationMeanDeg,
    principalLift,
    lowMagnitudeLift: null,
    ...noReadingsNull,
  });
  const judged = {
    anchor: pick(anchor, {
      holds: { relativeDrift: 0.002 },
      middle: { relativeDrift: 0.02 },
      broken: { relativeDrift: 0.2 },
    }),
    geometry: pick(geometry, { holds: degrees(0.2, 0.5), middle: degrees(2, 1), broken: degrees(12, 1.2) }),
    precision: pick(precision, {
      holds: { sparsityBf16: 0.7, sparsityBf16Expected: null },
      middle: { sparsityBf16: 0.3, sparsityBf16Expected: null },
      broken: { sparsityBf16: 0.05, sparsityBf16Expected: null },
    }),
  } as Judged;
  const gates = judge(judged, defaultThresholds);
  assert.deepEqual(
    [gates.anchor.standing, gates.geometry.standing, gates.precision.standing],
    [anchor, geometry, precision],
  );
  return nameRegime(
    { gates, coverage, unchanged, packed: 0, rounding: null, ...more, training: { config: null, logs: [] } },
    defaultThresholds,
  );
}

describe('regime', () => {
  it('is rlvr-range when at least two gates hold and none is broken', () => {
    assert.equal(regime('holds', 'holds', 'holds').name, 'rlvr-range');
    assert.equal(regime('holds', 'holds', 'middle').name, 'rlvr-range');
    assert.equal(regime('unknown', 'holds', 'holds').name, 'rlvr-range');
    assert.equal(regime('holds', 'holds', 'broken').name, 'mixed');
    assert.equal(regime('holds', 'middle', 'middle').name, 'mixed');
  });

  it('is sft-range when at least two gates are broken and none holds', () => {
    assert.equal(regime('broken', 'broken', 'broken').name, 'sft-range');
    assert.equal(regime('broken', 'middle', 'broken').name, 'sft-range');
    assert.equal(regime('broken', 'unknown', 'broken').name, 'sft-range');
    assert.equal(regime('broken', 'broken', 'holds').name, 'mixed');
  });

  it('names what holds and what does not when it is mixed', () => {
    assert.equal(
      regime('holds', 'holds', 'broken').sentence,
      'The gates do not agree: the KL anchor and model geometry hold and precision is broken; the weights stayed close ' +
        'to the base (relative drift 0.00200), the changes avoid the principal directions (rotation 0.20°) and 5.00 % of ' +
        'the elements are unchanged in bf16.',
    );
    assert.match(regime('middle', 'middle', 'middle').sentence, /no gate holds and no gate is broken/);
  });

  it('is inconclusive below the coverage that the thresholds ask for, whatever the gates say', () => {
    assert.equal(regime('holds', 'holds', 'holds', 0.9).name, 'rlvr-range');
    const short = regime('holds', 'holds', 'holds', 0.8999);
    assert.equal(short.name, 'inconclusive');
    assert.equal(
      short.sentence,
      'No regime can be named: 89.9 % of the parameters were compared, and 90.0 % are needed.',
    );
    assert.equal(regime('holds', 'unknown', 'holds', 0.5, true).name, 'inconclusive');
  });

  it('is inconclusive with fewer than two measured gates', () => {
    const one = regime('unknown', 'unknown', 'holds');
    assert.equal(one.name, 'inconclusive');
    assert.match(one.sentence, /only the precision gate was measured/);
    assert.match(regime('unknown', 'unknown', 'unknown').sentence, /no gate was measured/);
  });

  it('is unchanged when every compared element is equal, even where geometry has nothing to measure', () => {
    assert.equal(regime('holds', 'unknown', 'holds', 1, true).name, 'unchanged');
  });

  it('is rounding before any range, but only of what was compared', () => {
    const found = regime('holds', 'holds', 'holds', 1, false, { rounding: 'each is a cast' });
    assert.equal(found.name, 'rounding');
    assert.equal(found.sentence, 'The differences are rounding, no training is visible: each is a cast.');
    assert.equal(found.beyondSize, null);
    assert.equal(regime('holds', 'unknown', 'unknown', 1, false, { rounding: 'x' }).name, 'rounding');
    assert.equal(regime('holds', 'holds', 'holds', 0.5, false, { rounding: 'x' }).name, 'inconclusive');
  });

  it('is not-weights where packed storage keeps the coverage from being reached', () => {
    const name = (coverage: number, packed: number): string =>
      regime('holds', 'holds', 'holds', coverage, false, { packed }).name;
    assert.equal(name(0.3, 0.7), 'not-weights');
    assert.equal(name(0, 1), 'not-weights');
    assert.equal(name(0.3, 0.4), 'not-weights');
    assert.equal(name(0.85, 0.06), 'not-weights');
    assert.equal(name(0.3, 0.1), 'inconclusive');
    assert.equal(name(0.95, 0.05), 'rlvr-range');
  });
});
