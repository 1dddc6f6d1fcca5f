// What an analysis makes of the logs and configs beside the tuned checkpoint.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogSeries } from '../../../src/shared/report/training.ts';
import { small, analyze } from './analyzeFakes.ts';

describe('training evidence', () => {
  const series: Pick<LogSeries, 'signal' | 'key' | 'file' | 'unit' | 'points'> = {
    signal: 'klReference',
    key: 'kl',
    file: 'trainer_state.json',
    unit: null,
    points: [],
  };

  it('turns a logged KL and the learning rates into their bounds', async () => {
    const log = { ...series, estimator: 'k3', last: 0.02, mean: 0.01, peak: 0.03, count: 9 };
    const { report } = await analyze({ tensors: small, training: { logs: [log], learningRateSum: 0.5 } });
    const delta = report.summary.anchor.value?.deltaFrobenius ?? 0;
    assert.equal(report.summary.kl.value?.last, 0.02);
    assert.equal(report.summary.meanCurvature, (2 * 0.02) / delta ** 2);
    assert.equal(report.summary.meanCurvatureUnit, 'per token');
    assert.equal(report.summary.stepEnvelope, (report.summary.anchor.value?.maxAbsDelta ?? 0) / 0.5);
  });

  it('makes a KL per token one per sequence where the response length is logged', async () => {
    const log = { ...series, estimator: 'k3', last: 0.002, mean: 0.01, peak: 0.03, count: 9 };
    const lengths: LogSeries = {
      ...log,
      ...{
        signal: 'responseLength',
        key: 'response_length/mean',
        unit: 'tokens',
        estimator: null,
        last: 300,
      },
    };
    const { report } = await analyze({ tensors: small, training: { logs: [lengths, log] } });
    const delta = report.summary.anchor.value?.deltaFrobenius ?? 0;
    assert.equal(report.summary.meanCurvature, (2 * 0.002 * 300) / delta ** 2);
    assert.equal(report.summary.meanCurvatureUnit, 'per sequence');
    assert.deepEqual(report.summary.meanCurvatureLength, {
      tokens: 300,
      key: 'response_length/mean',
      file: 'trainer_state.json',
    });
    const perSequence = { ...log, unit: 'nats per sequence' };
    const other = await analyze({ tensors: small, training: { logs: [lengths, perSequence] } });
    assert.equal(other.report.summary.meanCurvature, (2 * 0.002) / delta ** 2, 'it is one already');
    assert.equal(other.report.summary.meanCurvatureLength, null);
  });

  it('takes no curvature from a part of the update, whose energy is too small', async () => {
    const log = { ...series, estimator: 'k3', last: 0.02, mean: 0.01, peak: 0.03, count: 9 };
    const { report } = await analyze({ tensors: small, training: { logs: [log] } }, { match: '\\.q\\.' });
    assert.ok(report.coverage.share < 0.9);
    assert.equal(report.summary.kl.value?.last, 0.02);
    assert.equal(report.summary.meanCurvature, null);
  });

  it('takes no curvature from a log that ends in NaN, and says how it ends', async () => {
    const log = { ...series, estimator: 'k3', last: 0.002, mean: 0.01, peak: 0.03, count: 9 };
    const ends = { signal: 'klReference' as const, key: 'kl', file: 'a.jsonl', step: 20, value: 'NaN' };
    const { report } = await analyze({
      tensors: small,
      training: { logs: [log], notFinite: [{ ...ends, everFinite: true }] },
    });
    assert.equal(report.summary.meanCurvature, null);
    assert.equal(report.summary.kl.value?.lastNotFinite, 'NaN at step 20');
    const never = await analyze({
      tensors: small,
      training: { logs: [], notFinite: [{ ...ends, everFinite: false }] },
    });
    assert.equal(never.report.summary.kl.value, null);
    assert.match(never.report.summary.kl.reason, /kl is NaN in a\.jsonl/);
  });

  it('bounds nothing with a KL estimate below zero, and holds no KL per sequence against the threshold', async () => {
    const low = { ...series, estimator: 'k1', last: -1e-9, mean: 0, peak: 0, count: 9 };
    const { report } = await analyze({ tensors: small, training: { logs: [low] } });
    assert.equal(report.summary.meanCurvature, null);
    assert.equal(report.summary.meanCurvatureUnit, null);
    const long = { ...low, unit: 'nats per sequence', last: 80, mean: 80, peak: 80 };
    const other = await analyze({ tensors: small, training: { logs: [long] } });
    assert.equal(other.report.summary.kl.value?.last, 80);
    assert.deepEqual(
      other.report.summary.gates.anchor.readings.map(({ metric }) => metric),
      ['relativeDrift'],
    );
  });

  it('never takes the KL of a step or between two engines for the KL to the reference', async () => {
    const step = {
      ...series,
      signal: 'klStep' as const,
      estimator: null,
      last: 1,
      mean: 1,
      peak: 1,
      count: 9,
    };
    const { report } = await analyze({ tensors: small, training: { logs: [step] } });
    assert.equal(report.summary.kl.value, null);
    assert.match(report.summary.kl.reason, /^Not measured/);
  });
});
