// Verdict words at, just below and just beyond every threshold, and at the published and measured reference points.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, type GeometryReadings, type Judged } from '../../../src/engine/gates/verdict.ts';
import { nameRegime } from '../../../src/engine/gates/regime.ts';
import { defaultThresholds } from '../../../src/shared/options/thresholds.ts';
import type { LoggedKl } from '../../../src/shared/report/report.ts';
import type { GateVerdicts, Vote } from '../../../src/shared/report/verdicts.ts';
import { noReadingsNull } from '../../support/noNull.ts';

const nowhere = { value: null, reason: 'not asked' } as const;
const unjudged: Judged = { anchor: nowhere, geometry: nowhere, precision: nowhere };

function known<T>(value: T): { value: T; reason: null } {
  return { value, reason: null };
}

function kl(last: number): { value: LoggedKl; reason: null } {
  return known({ last, mean: last, peak: last, key: 'kl', file: 'trainer_state.json', estimator: 'k3' });
}

function judged(of: Partial<Judged>, thresholds = defaultThresholds): GateVerdicts {
  return judge({ ...unjudged, ...of }, thresholds);
}

function anchorWord(relativeDrift: number | null, logged?: number): string {
  const run = logged === undefined ? {} : { kl: kl(logged) };
  return judged({ anchor: known({ relativeDrift }), ...run }).anchor.verdict;
}

const noReadings: GeometryReadings = {
  spectralDriftTopK: null,
  rotationMeanDeg: null,
  principalLift: null,
  lowMagnitudeLift: null,
  ...noReadingsNull,
};

function votes(readings: Partial<GeometryReadings>): Record<string, Vote> {
  const verdict = judged({ geometry: known({ ...noReadings, ...readings }) }).geometry;
  return Object.fromEntries(verdict.readings.map(({ metric, vote }) => [metric, vote]));
}

describe('Gate I', () => {
  it('takes its word from the relative drift, limits included', () => {
    assert.equal(anchorWord(0), 'anchored');
    assert.equal(anchorWord(0.01), 'anchored');
    assert.equal(anchorWord(0.010001), 'loose');
    assert.equal(anchorWord(0.029999), 'loose');
    assert.equal(anchorWord(0.03), 'drifting');
  });

  it('is at least loose when the logged KL exceeds its threshold, and never better for a low one', () => {
    assert.equal(anchorWord(0.001, 0.1), 'anchored');
    assert.equal(anchorWord(0.001, 0.100001), 'loose');
    assert.equal(anchorWord(0.02, 0.5), 'loose');
    assert.equal(anchorWord(0.05, 0.5), 'drifting');
    assert.equal(anchorWord(0.05, 0.0001), 'drifting');
  });

  it('says in its rule which number decided', () => {
    const { rule, readings } = judged({ anchor: known({ relativeDrift: 0.001 }), kl: kl(0.25) }).anchor;
    assert.equal(
      rule,
      'Relative drift 0.00100 is at most 0.01, but the logged KL of 0.250 nats per token exceeds 0.1: loose.',
    );
    assert.deepEqual(
      readings.map(({ metric, value, vote }) => [metric, value, vote]),
      [
        ['relativeDrift', 0.001, 'holds'],
        ['kl', 0.25, 'broken'],
      ],
    );
    for (const { source, threshold } of readings) {
      assert.notEqual(source, '');
      assert.ok(Number.isFinite(threshold.holds) && Number.isFinite(threshold.broken));
    }
  });

  it('is unknown, with the reason, when the base is all zero or nothing was measured', () => {
    const zero = judged({ anchor: known({ relativeDrift: null }) }).anchor;
    assert.equal(zero.standing, 'unknown');
    assert.match(zero.rule, /all zero/);
    assert.equal(judged({}).anchor.rule, 'not asked');
  });
});

describe('Gate III', () => {
  const word = (sparsityBf16: number): string =>
    judged({ precision: known({ sparsityBf16, sparsityBf16Expected: null }) }).precision.verdict;

  it('takes its word from the share unchanged in bf16, limits included', () => {
    assert.equal(word(1), 'masked');
    assert.equal(word(0.36), 'masked');
    assert.equal(word(0.359999), 'partial');
    assert.equal(word(0.188001), 'partial');
    assert.equal(word(0.188), 'dense');
    assert.equal(word(0), 'dense');
  });

  it('reads sparsity as the unchanged share: a dense update is not masked', () => {
    // The published Qwen3-8B points (arXiv 2606.07082): SFT 0.081, on-policy distillation 0.516, RLVR 0.772.
    assert.deepEqual([0.081, 0.516, 0.772].map(word), ['dense', 'masked', 'masked']);
  });

  it('follows the thresholds of the options', () => {
    const thresholds = { ...defaultThresholds, sparsityBf16: { holds: 0.9, broken: 0.8 } };
    const verdict = judged(
      { precision: known({ sparsityBf16: 0.85, sparsityBf16Expected: null }) },
      thresholds,
    ).precision;
    assert.equal(verdict.verdict, 'partial');
    assert.equal(verdict.rule, '85.0 % unchanged in bf16 lies between 80 % and 90 %: partial.');
  });
});

describe('Gate II', () => {
  it('lets each reading vote at its own limits', () => {
    assert.deepEqual(
      votes({ spectralDriftTopK: 2e-4, rotationMeanDeg: 1, principalLift: 0.95, lowMagnitudeLift: 1.3 }),
      {
        spectralDriftTopK: 'holds',
        rotationMeanDeg: 'holds',
        principalLift: 'holds',
        lowMagnitudeLift: 'holds',
      },
    );
    assert.deepEqual(
      votes({ spectralDriftTopK: 5e-3, rotationMeanDeg: 5, principalLift: 1.05, lowMagnitudeLift: 1.1 }),
      {
        spectralDriftTopK: 'broken',
        rotationMeanDeg: 'broken',
        principalLift: 'broken',
        lowMagnitudeLift: 'broken',
      },
    );
    assert.deepEqual(
      votes({ spectralDriftTopK: 2.1e-4, rotationMeanDeg: 4.99, principalLift: 1, lowMagnitudeLift: 1.2 }),
      {
        spectralDriftTopK: 'neutral',
        rotationMeanDeg: 'neutral',
        principalLift: 'neutral',
        lowMagnitudeLift: 'neutral',
      },
    );
  });

  it('takes a side only when that side leads by two', () => {
    const word = (readings: Partial<GeometryReadings>): string =>
      judged({ geometry: known({ ...noReadings, ...readings }) }).geometry.verdict;
    const [off, on] = [0.1, 20];
    assert.equal(word({ rotationMeanDeg: off, principalLift: 0.5 }), 'off-principal');
    assert.equal(word({ rotationMeanDeg: off, principalLift: 1 }), 'mixed');
    assert.equal(word({ rotationMeanDeg: off, principalLift: 0.5, lowMagnitudeLift: 1 }), 'mixed');
    assert.equal(word({ rotationMeanDeg: on, principalLift: 1.2, lowMagnitudeLift: 1.2 }), 'on-principal');
    assert.equal(word({ rotationMeanDeg: on, principalLift: 1.2, lowMagnitudeLift: 2 }), 'mixed');
    assert.equal(
      word({ spectralDriftTopK: 1e-5, rotationMeanDeg: off, principalLift: 0.5, lowMagnitudeLift: 1 }),
      'off-principal',
    );
  });

  it('is unknown when fewer than two readings exist, and names the votes in its rule otherwise', () => {
    const one = judged({ geometry: known({ ...noReadings, rotationMeanDeg: 0.1 }) }).geometry;
    assert.equal(one.standing, 'unknown');
    assert.match(one.rule, /^Only 1 of the 4 readings/);
    const three = judged({
      geometry: known({
        ...noReadings,
        rotationMeanDeg: 0.15,
        principalLift: 0.41,
        spectralDriftTopK: 3.2e-4,
      }),
    }).geometry;
    assert.equal(
      three.rule,
      'Votes: 2 off-principal (rotation 0.15°, principal lift ×0.41), 0 on-principal, 1 neutral (spectral drift 3.2e-4), ' +
        '1 not measured; a lead of 2 decides: off-principal.',
    );
  });
});

/** Whole-model numbers of the genuine small runs (float64 LAPACK): sparsity, drift, spectral drift, rotation, lifts. */
const runs: [string, number, number, number, number, number, number, string[]][] = [
  ['SFT', 0.01, 0.2, 6e-2, 13.4, 1, 1, ['drifting', 'on-principal', 'dense', 'sft-range']],
  ['RLVR 50', 0.635, 0.0009, 1.1e-4, 0.08, 0.19, 2.2, ['anchored', 'off-principal', 'masked', 'rlvr-range']],
  ['RLVR 100', 0.449, 0.002, 3.2e-4, 0.15, 0.41, 1.6, ['anchored', 'off-principal', 'masked', 'rlvr-range']],
  ['RLVR 200', 0.301, 0.0037, 7e-4, 0.24, 0.63, 1.3, ['anchored', 'off-principal', 'partial', 'rlvr-range']],
  [
    'RLVR 400',
    0.195,
    0.0066,
    1.3e-3,
    0.39,
    0.78,
    1.2,
    ['anchored', 'off-principal', 'partial', 'rlvr-range'],
  ],
  // Qwen3-8B as published in arXiv 2606.07082, with drifts of that order.
  ['8B SFT', 0.081, 0.05, 6e-3, 12, 1.06, 1.06, ['drifting', 'on-principal', 'dense', 'sft-range']],
  ['8B RLVR', 0.772, 0.001, 1e-5, 0.4, 0.5, 2.45, ['anchored', 'off-principal', 'masked', 'rlvr-range']],
];

describe('reference points', () => {
  for (const [name, sparsity, drift, spectral, rotation, principal, low, expected] of runs) {
    it(`${name}: ${expected.join(', ')}`, () => {
      const gates = judged({
        anchor: known({ relativeDrift: drift }),
        precision: known({ sparsityBf16: sparsity, sparsityBf16Expected: null }),
        geometry: known({
          spectralDriftTopK: spectral,
          rotationMeanDeg: rotation,
          principalLift: principal,
          lowMagnitudeLift: low,
          ...noReadingsNull,
        }),
      });
      const regime = nameRegime(
        {
          gates,
          coverage: 1,
          packed: 0,
          unchanged: false,
          rounding: null,
          training: { config: null, logs: [] },
        },
        defaultThresholds,
      );
      assert.deepEqual(
        [gates.anchor.verdict, gates.geometry.verdict, gates.precision.verdict, regime.name],
        expected,
      );
    });
  }
});
