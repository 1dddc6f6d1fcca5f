// Which tensors of a pair are measured, and by which gates.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matrix, type FakeTensor } from './fakes.ts';
import { small, analyze, row, isProblem } from './analyzeFakes.ts';

describe('what to measure', () => {
  it('leaves out what does not match, and counts it as not compared', async () => {
    const { report } = await analyze({ tensors: small }, { match: '\\.q\\.' });
    assert.equal(report.tensors.length, 2);
    assert.equal(report.coverage.share, 192 / 264);
    assert.deepEqual(
      report.coverage.notCompared.map(({ reason }) => reason.code),
      ['not-selected', 'not-selected'],
    );
    assert.equal(report.summary.regime.name, 'inconclusive');
  });

  it('matches `layers.1` without taking `layers.10`', async () => {
    const tensors = [matrix(1, 'q', 8, 8), matrix(10, 'q', 8, 8)];
    const { report } = await analyze({ tensors }, { match: 'layers\\.1\\.' });
    assert.deepEqual(
      report.tensors.map(({ layer }) => layer),
      [1],
    );
  });

  it('refuses a filter that is no regular expression or matches nothing, and a pair with nothing in common', async () => {
    await assert.rejects(
      analyze({ tensors: small }, { match: '(' }),
      isProblem('usage', /not a regular expression/),
    );
    await assert.rejects(
      analyze({ tensors: small }, { match: 'nowhere' }),
      isProblem('nothing-to-compare', /None of the 4 tensors/),
    );
    await assert.rejects(analyze({ tensors: [] }), isProblem('nothing-to-compare', /no tensor in common/));
  });

  it('opens no matrix engine when geometry is not asked for, and says why a gate is missing', async () => {
    const openGemm = (): never => assert.fail('opened');
    const { report } = await analyze({ tensors: small, openGemm }, { gates: ['precision'] });
    assert.equal(report.engine.gemm, 'none');
    assert.equal(report.summary.geometry.reason, 'This gate was not selected for the analysis.');
    assert.equal(report.summary.anchor.value, null);
    assert.equal(report.summary.regime.name, 'inconclusive');
  });

  it('takes a stack of expert matrices apart, and leaves other solids and single rows alone', async () => {
    const experts: FakeTensor = { ...matrix(0, 'experts', 3, 32), shape: [3, 4, 8] };
    // The middle expert is equal on both sides: it costs no decomposition and rotates by 0°.
    experts.tuned.splice(32, 32, ...experts.base.slice(32, 64));
    const solid: FakeTensor = { ...matrix(0, 'other', 2, 32), name: 'conv', shape: [2, 4, 8] };
    const single: FakeTensor = { ...matrix(0, 'v', 1, 8), name: 'single' };
    const shapes: string[] = [];
    const { report } = await analyze({
      tensors: [experts, solid, single],
      onMeasure: (rows, columns) => void shapes.push(`${rows}×${columns}`),
    });
    assert.deepEqual(shapes, ['4×8', '4×8']);
    const geometry = row(report, experts.name).geometry.value;
    assert.equal(geometry?.matrices, 3);
    assert.equal(geometry.rotationLeftMeanDeg, (4 + 0 + 4) / 3);
    assert.equal(geometry.maskCounts.elements, 64);
    assert.equal(report.summary.geometry.value?.matrices, 3);
    assert.match(row(report, 'conv').geometry.reason ?? '', /nor a stack of expert matrices/);
    assert.match(row(report, 'single').geometry.reason ?? '', /single direction/);
  });

  it('compares integers for equality only and keeps them out of every pool', async () => {
    const ids: FakeTensor = {
      name: 'ids',
      shape: [4],
      dtype: 'I64',
      base: [1, 2, 3, 4],
      tuned: [1, 2, 3, 9],
    };
    const { report } = await analyze({ tensors: [...small, ids] });
    assert.equal(
      row(report, 'ids').precision.reason,
      'I64 and I64 elements are compared for equality only: 1 of 4 differ.',
    );
    assert.equal(report.summary.precision.value?.counts.compared, 264);
    assert.equal(report.coverage.compared, 264);
  });

  it('counts what is not finite, leaves it out of every number, and reports it', async () => {
    const hole: FakeTensor = { ...matrix(0, 'o', 1, 8), tuned: [NaN, Infinity, 1, 1, 1, 1, 1, 1] };
    const empty: FakeTensor = { ...matrix(0, 'v', 1, 2), tuned: [NaN, NaN] };
    const { report } = await analyze({ tensors: [hole, empty] });
    assert.equal(row(report, hole.name).precision.value?.counts.nonFinite, 2);
    assert.equal(row(report, hole.name).precision.value?.counts.compared, 6);
    assert.equal(row(report, empty.name).anchor.reason, 'Every element is NaN or infinite on one side.');
    const message =
      '4 weights are NaN, infinite or beyond the range of bf16 in the tuned checkpoint: ' +
      `${hole.name}, ${empty.name}. Whoever loads it gets broken numbers; they are left out of every metric.`;
    assert.deepEqual(
      report.problems.map(({ code, message: said }) => [code, said]),
      [['non-finite', message]],
    );
  });

  it('calls two equal checkpoints unchanged', async () => {
    const tensors = small.map((tensor) => ({ ...tensor, tuned: tensor.base }));
    const { report } = await analyze({ tensors });
    assert.equal(report.summary.regime.name, 'unchanged');
    assert.equal(report.engine.gemm, 'none');
  });
});
