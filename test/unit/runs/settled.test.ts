// When a verdict settles: at the last change of regime or gate words.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settledAt } from '../../../src/engine/runs/trajectoryPoints.ts';
import { problem } from '../../../src/shared/errors.ts';
import type { TrajectoryPoint } from '../../../src/shared/report/runsReport.ts';

function point(step: number, word: string): TrajectoryPoint {
  const place = { step, label: `checkpoint-${step}`, path: `/run/checkpoint-${step}` };
  const none = {
    sparsityBf16: null,
    relativeDrift: null,
    spectralDriftTopK: null,
    rotationMeanDeg: null,
    kl: null,
  };
  return { ...place, ...none, regime: 'mixed', words: ['anchored', 'mixed', word], problem: null };
}

describe('settledAt', () => {
  it('is the first checkpoint of the last unbroken stretch', () => {
    const points = [point(50, 'masked'), point(100, 'partial'), point(200, 'masked'), point(300, 'masked')];
    assert.deepEqual(settledAt(points).value, { step: 200, label: 'checkpoint-200' });
    assert.equal(settledAt(points.slice(2)).value?.step, 200);
  });

  it('is none when the last checkpoint changed it, or there is but one', () => {
    const points = [point(50, 'masked'), point(100, 'partial')];
    assert.match(settledAt(points).reason ?? '', /still changed at the last checkpoint/);
    assert.match(settledAt(points.slice(1)).reason ?? '', /One checkpoint alone/);
  });

  it('passes over checkpoints that could not be read', () => {
    const broken = { ...point(100, 'unknown'), problem: problem('read-failed', 'x') };
    assert.equal(settledAt([point(50, 'masked'), broken, point(200, 'masked')]).value?.step, 50);
  });
});
