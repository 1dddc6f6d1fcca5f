// Several runs as the page shows them: pools of any tensors, the heat map, the charts and the table.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunsReport } from '../../../src/shared/report/runsReport.ts';
import { overlapCellLabel, overlapHeat } from '../../../webview/runs/overlapHeat.ts';
import { poolOf, poolOfSelection, valueOf } from '../../../webview/runs/overlapMetrics.ts';
import { bandsChart, byRunsChart, consensusChart, independent } from '../../../webview/runs/runsCharts.ts';
import { restoreView } from '../../../webview/runs/state.ts';
import { stepCharts } from '../../../webview/runs/stepCharts.ts';
import { overlapRows, overlapTable } from '../../../webview/runs/tableRows.ts';
import { makeRunsReport } from '../../support/runsReports.ts';

const report = makeRunsReport({ runs: 3, layers: 4, trajectories: 1 });
const overlap = overlapOf(report);

function overlapOf({ overlap: { value } }: RunsReport): NonNullable<RunsReport['overlap']['value']> {
  return value ?? assert.fail('an overlap');
}

describe('a pool of tensors', () => {
  it('is what the engine pools', () => {
    const whole = poolOf(overlap.tensors) ?? assert.fail();
    assert.deepEqual(whole.byRuns, overlap.whole.byRuns);
    assert.deepEqual(whole.changed, overlap.whole.changed);
    whole.pairs.forEach((pair, at) => {
      const engine = overlap.whole.pairs[at] ?? assert.fail();
      assert.equal(pair.intersection, engine.intersection);
      assert.equal(pair.jaccard, engine.jaccard);
      assert.equal(pair.expected, engine.expected);
      assert.ok(Math.abs((pair.expectedByTensor ?? 0) - (engine.expectedByTensor ?? 1)) < 1e-12);
    });
  });

  it('has no overlap where nothing changed', () => {
    const [tensor] = overlap.tensors;
    assert.ok(tensor);
    const pairs = tensor.pairs.map((pair) => ({ ...pair, intersection: 0, union: 0 }));
    const pool = poolOf([{ ...tensor, changed: [0, 0, 0], byRuns: [tensor.compared, 0, 0, 0], pairs }]);
    assert.ok(pool);
    assert.equal(valueOf(pool, 'jaccard', 0), null);
    assert.equal(valueOf(pool, 'lift', 0), null);
    assert.equal(valueOf(pool, 'noRun', 0), 1);
    assert.equal(poolOf([]), null);
  });
});

describe('the map of the overlap', () => {
  it('has the engine’s pools as margins and a tensor in each cell', () => {
    const map = overlapHeat(overlap, 'jaccard', 1);
    assert.deepEqual(
      map.rows.map(({ label }) => label),
      ['q', 'k', 'down', 'all'],
    );
    assert.equal(map.cells[3]?.[4]?.value, overlap.whole.pairs[1]?.jaccard);
    assert.equal(map.cells[0]?.[4]?.value, overlap.modules[0]?.pairs[1]?.jaccard);
    const cell = map.cells[2]?.[1] ?? assert.fail();
    assert.deepEqual(cell.selection, { kind: 'tensor', name: 'model.layers.1.mlp.down_proj.weight' });
    assert.match(overlapCellLabel(map, 2, 1), /^Layer 1, down: Overlap 0\.\d+$/u);
    const inside = map.cells
      .slice(0, 3)
      .flatMap((row) => row.slice(0, 4).flatMap((each) => each?.value ?? []));
    assert.deepEqual(map.scale, { kind: 'linear', min: Math.min(...inside), max: Math.max(...inside) });
  });

  it('finds nothing for a selection that the runs do not have', () => {
    assert.equal(poolOfSelection(overlap, { kind: 'tensor', name: 'gone' }), null);
    assert.equal(poolOfSelection(overlap, { kind: 'cell', container: null, layer: 1, module: 'norm' }), null);
    assert.equal(
      poolOfSelection(overlap, { kind: 'cell', container: null, layer: 1, module: 'q' })?.title,
      'Layer 1 · q',
    );
  });
});

describe('charts of several runs', () => {
  it('hold chance against the runs: a sum of independent coins', () => {
    assert.deepEqual(independent([]), [1]);
    assert.deepEqual(independent([0.5, 0.5]), [0.25, 0.5, 0.25]);
    const sum = independent([0.2, 0.7, 0.9]).reduce((total, share) => total + share, 0);
    assert.ok(Math.abs(sum - 1) < 1e-12);
    const { model } = byRunsChart(overlap.whole);
    assert.deepEqual(
      model?.table.rows.map(([, count]) => count),
      overlap.whole.byRuns,
    );
  });

  it('draw a lane per layer, and the rows and columns of one matrix', () => {
    const { model } = consensusChart(overlap.tensors, 'down', 'row', 'runs');
    assert.deepEqual(
      model?.series.map(({ label }) => label),
      ['0', '1', '2', '3'],
    );
    assert.equal(model.table.rows[0]?.length, 1 + 128);
    const tensor = overlap.tensors[0] ?? assert.fail();
    const bands = bandsChart(tensor, 'mean');
    assert.deepEqual(
      bands.model?.series.map(({ label }) => label),
      ['rows', 'columns'],
    );
    assert.equal(bands.model.table.rows[1]?.[1], tensor.consensus?.columnMean[0]);
    assert.equal(consensusChart(overlap.tensors, 'norm', 'row', 'mean').model, null);
  });

  it('mark where the verdict settles and what the thresholds are', () => {
    const [trajectory] = report.trajectories;
    const charts = stepCharts(trajectory ?? assert.fail());
    assert.deepEqual(
      charts.map(({ model }) => model?.id),
      ['stepUnchanged', 'stepDrift', 'stepSpectralDrift', 'stepRotation', 'stepKl'],
    );
    const [unchanged, , , , kl] = charts;
    assert.deepEqual(unchanged?.model?.references, [
      { axis: 'y', value: 0.36, label: 'masked 36 %' },
      { axis: 'y', value: 0.188, label: 'dense 18.8 %' },
      { axis: 'x', value: 400, label: 'settles' },
    ]);
    const [series] = kl?.model?.series ?? [];
    assert.ok(series?.mark === 'line');
    // The first checkpoint had no logged KL yet.
    assert.deepEqual(series.points[0], [25, null]);
  });
});

describe('the table of the overlap', () => {
  it('lists layers, modules or tensors, and copies every pair at full precision', () => {
    assert.deepEqual(
      overlapRows(overlap, 'layers').map(({ name }) => name),
      ['Whole model', 'Layer 0', 'Layer 1', 'Layer 2', 'Layer 3'],
    );
    assert.equal(overlapRows(overlap, 'tensors').length, 12);
    const { columns, rows } = overlapTable(report, overlapRows(overlap, 'modules'));
    assert.equal(rows.length, 4 * 3);
    const at = columns.indexOf('overlap');
    assert.deepEqual(
      [rows[0]?.[1], rows[0]?.[2], rows[0]?.[at]],
      ['grpo-seed0', 'grpo-seed1', overlap.whole.pairs[0]?.jaccard],
    );
  });
});

describe('what the editor kept', () => {
  const initialView = {
    pair: 0,
    metric: 'jaccard',
    selection: { kind: 'model' },
    module: null,
    axis: 'row',
    measure: 'mean',
    grouping: 'layers',
  };
  it('falls back field by field', () => {
    for (const odd of [undefined, null, 7, 'x', {}, { view: 7 }])
      assert.deepEqual(restoreView(odd), initialView);
    const view = { pair: -1, metric: 'lift', module: 'zz', axis: 'column', measure: 3, grouping: 'tensors' };
    assert.deepEqual(restoreView({ view }), {
      ...initialView,
      metric: 'lift',
      axis: 'column',
      grouping: 'tensors',
    });
  });
});
