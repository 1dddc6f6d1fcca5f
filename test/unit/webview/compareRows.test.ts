// The table of checkpoints side by side, either way round: its order, its filter, and what is copied.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupSpans, modelOf, plainTable, titleOf } from '../../../webview/compare/rows.ts';
import { reduce, restoreView, type CompareView } from '../../../webview/compare/state.ts';
import { makeSideBySide } from '../../support/sideBySideReports.ts';

const report = makeSideBySide({ runs: 3 });
const plain = restoreView(null);

function labels(view: Partial<CompareView>): string[] {
  const { rows } = modelOf(report, { ...plain, layout: 'checkpoints', ...view });
  return rows.map(({ subject }) => titleOf(subject));
}

describe('the table of checkpoints', () => {
  it('has few checkpoints as columns and many as rows, unless it is turned round', () => {
    assert.equal(modelOf(report, plain).layout, 'readings');
    assert.equal(modelOf(makeSideBySide({ runs: 6 }), plain).layout, 'checkpoints');
    assert.equal(modelOf(report, { ...plain, layout: 'checkpoints' }).rows.length, 3);
  });

  it('is sorted by number, absent ones last in both directions, and either way round', () => {
    assert.deepEqual(labels({}), ['rlvr-seed0', 'sft-seed1', 'rlvr-seed2']);
    const drifts = report.runs.map(({ gates }) => gates.anchor.readings[0]?.value ?? 0);
    const order = [0, 1, 2].sort((one, other) => (drifts[one] ?? 0) - (drifts[other] ?? 0));
    const expected = order.map((run) => report.runs[run]?.label);
    const sort = { column: 'relativeDrift', descending: false };
    assert.deepEqual(labels({ sort }), expected);
    assert.deepEqual(labels({ sort: { ...sort, descending: true } }), [...expected].reverse());
    assert.deepEqual(modelOf(report, { ...plain, sort }).columns.map(titleOf), expected);
    // The third has no config, the second no such setting.
    const setting = { column: 'config.klCoefficient', descending: false };
    for (const descending of [false, true])
      assert.equal(labels({ sort: { ...setting, descending } })[0], 'rlvr-seed0');
  });

  it('is filtered by every word', () => {
    assert.deepEqual(labels({ filter: 'sft' }), ['sft-seed1']);
    assert.deepEqual(labels({ filter: 'RLVR no config' }), ['rlvr-seed2']);
    assert.deepEqual(labels({ filter: 'nothing like it' }), []);
    const readings = modelOf(report, { ...plain, filter: 'drift' }).rows.map(({ key }) => key);
    assert.ok(readings.includes('relativeDrift') && readings.includes('spectralDriftTopK'), String(readings));
    assert.ok(!readings.includes('coverage'), String(readings));
  });

  it('leaves out what is said of all alike', () => {
    const ids = modelOf(report, { ...plain, onlyDifferent: true }).rows.map(({ key }) => key);
    assert.ok(!ids.includes('coverage') && ids.includes('relativeDrift'), String(ids));
    const same = makeSideBySide({ runs: 3 });
    const twin = { ...same, runs: same.runs.map((run) => ({ ...(same.runs[0] ?? run), label: run.label })) };
    assert.equal(
      modelOf({ ...twin, configs: { value: null, reason: '' } }, { ...plain, onlyDifferent: true }).rows
        .length,
      0,
    );
  });

  it('has the groups of its columns, each as long as it is', () => {
    const { columns } = modelOf(report, { ...plain, layout: 'checkpoints' });
    const spans = groupSpans(columns);
    assert.equal(
      spans.reduce((sum, { count }) => sum + count, 0),
      columns.length,
    );
    assert.equal(spans[spans.length - 1]?.title, 'Training config');
    assert.deepEqual(groupSpans(modelOf(report, plain).columns), []);
  });

  it('is copied as it stands, at full precision', () => {
    const { columns, rows } = plainTable(modelOf(report, { ...plain, filter: 'relative drift' }));
    assert.deepEqual(columns, ['', 'rlvr-seed0', 'sft-seed1', 'rlvr-seed2']);
    assert.deepEqual(rows, [
      ['Relative drift', ...report.runs.map(({ gates }) => gates.anchor.readings[0]?.value ?? null)],
    ]);
  });

  it('comes back as it was looked at, whatever was kept', () => {
    let state = { document: null, notice: null, view: plain };
    state = reduce(state, { kind: 'sort', column: 'kl' }) as typeof state;
    assert.deepEqual(state.view.sort, { column: 'kl', descending: false });
    state = reduce(state, { kind: 'sort', column: 'kl' }) as typeof state;
    assert.deepEqual(state.view.sort, { column: 'kl', descending: true });
    assert.deepEqual(restoreView({ view: state.view }), state.view);
    state = reduce(state, { kind: 'sort', column: 'kl' }) as typeof state;
    assert.equal(state.view.sort, null);
    assert.deepEqual(
      restoreView({ view: { sort: 7, filter: [], layout: 'other', onlyDifferent: 'yes' } }),
      plain,
    );
  });
});
