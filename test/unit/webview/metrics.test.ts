// Pooling, scales, bands and the heat map: numbers of several tensors are added before they are divided.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultThresholds } from '../../../src/shared/options/thresholds.ts';
import { panelMessages, panelReport } from '../../../src/shared/protocol/panelReport.ts';
import { changedCells } from '../../../webview/pair/heatmap/look.ts';
import { heatMap } from '../../../webview/pair/heatmap/model.ts';
import { metricDefinitions, metricOf } from '../../../webview/pair/metrics/catalog.ts';
import { pooledMetric } from '../../../webview/pair/metrics/pooled.ts';
import { publishedBands } from '../../../src/shared/report/published.ts';
import { lanesOf, positionOn, zonesOf } from '../../../webview/parts/model/scale.ts';
import { reduce } from '../../../webview/pair/state/reduce.ts';
import { initialState, initialView } from '../../../webview/pair/state/state.ts';
import { restoreView } from '../../../webview/pair/state/restore.ts';
import { tableRows } from '../../../webview/pair/table/rows.ts';
import { subjectOf } from '../../../webview/pair/state/subject.ts';
import { rowsTsv } from '../../../webview/pair/table/rowsTsv.ts';
import { makeDocument, makeReport, makeUnchanged } from '../../support/reports.ts';
import { makeRun } from '../../support/analysisEventsOf.ts';

const report = panelReport(makeReport({ model: 'nano', rank: 4, unreadable: [3] }));
const unchanged = panelReport(makeUnchanged());

describe('stacks', () => {
  const stacked = panelReport(makeReport({ model: 'stacked', rank: 4 }));

  it('have columns of their own on the map, under their names', () => {
    const { columns, cells } = heatMap(stacked, 'sparsityBf16');
    assert.deepEqual(
      columns.map(({ label, stack }) => [stack ?? null, label]),
      [
        ...['0', '1', '2', '3'].map((label) => [null, label]),
        ...['0', '1', '2'].map((label) => ['vision', label]),
        ['mtp', '0'],
        [null, 'out'],
        [null, 'all'],
      ],
    );
    assert.deepEqual(
      cells[0]?.map((cell) => (cell?.selection.kind === 'tensor' ? cell.selection.name : null)),
      [
        ...[0, 1, 2, 3].map((layer) => `model.layers.${layer}.self_attn.q_proj.weight`),
        ...[0, 1, 2].map((layer) => `vision.layers.${layer}.self_attn.q_proj.weight`),
        'mtp.layers.0.self_attn.q_proj.weight',
        null,
        null,
      ],
    );
  });

  it('are selected, listed, filtered and copied apart', () => {
    const subject = subjectOf(stacked, { kind: 'layer', container: 'mtp', layer: 0 });
    assert.equal(subject?.title, 'mtp · Layer 0');
    const norms = subjectOf(stacked, { kind: 'cell', container: 'mtp', layer: 0, module: 'norm' });
    assert.match(norms?.note ?? '', /^2 tensors/);
    const view = { ...initialView, expanded: ['0 mtp'] };
    const rows = tableRows(stacked, view);
    assert.deepEqual(
      rows.map((row) => (row.kind === 'layer' ? row.layer.label : row.tensor.container)),
      [
        ...['Layer 0', 'Layer 1', 'Layer 2', 'Layer 3'],
        ...['vision · Layer 0', 'vision · Layer 1', 'vision · Layer 2'],
        'mtp · Layer 0',
        ...Array.from({ length: 9 }, () => 'mtp'),
        'Outside the layers',
      ],
    );
    const filtered = tableRows(stacked, {
      ...initialView,
      filterText: 'vision layers.1.',
      grouping: 'tensors',
    });
    assert.equal(filtered.length, 9);
    assert.match(rowsTsv(rows.slice(8, 9)).split('\n')[1] ?? '', /^mtp · Layer 0\t/);
  });

  it('survive a reload of the panel', () => {
    const kept = { selection: { kind: 'layer', container: 'mtp', layer: 0 }, expanded: ['0 mtp'] };
    const view = restoreView(JSON.parse(JSON.stringify(kept)));
    assert.deepEqual([view.selection, view.expanded], [kept.selection, kept.expanded]);
  });
});

describe('pooled metrics', () => {
  it('are not the mean of ratios', () => {
    const norm = report.tensors.find(({ module }) => module === 'norm')!;
    const gate = report.tensors.find(({ module }) => module === 'gate')!;
    const [small, large] = [norm.precision.value!, gate.precision.value!];
    const unchanged =
      small.counts.compared - small.counts.changedBf16 + large.counts.compared - large.counts.changedBf16;
    const expected = unchanged / (small.counts.compared + large.counts.compared);
    const pooled = pooledMetric(metricOf('sparsityBf16'), [norm, gate]);
    assert.equal(pooled, expected);
    assert.ok(Math.abs(expected - (small.sparsityBf16 + large.sparsityBf16) / 2) > 0.01);
  });

  it('of one tensor are its own numbers', () => {
    const tensor = report.tensors.find(({ module }) => module === 'down')!;
    const { precision, anchor, geometry } = tensor;
    const near = (id: Parameters<typeof metricOf>[0], expected: number | null | undefined): void => {
      const value = pooledMetric(metricOf(id), [tensor]);
      assert.ok(
        value !== null &&
          typeof expected === 'number' &&
          Math.abs(value - expected) <= 1e-12 * Math.abs(expected),
        id,
      );
    };
    near('sparsityBf16', precision.value?.sparsityBf16);
    near('relativeDrift', anchor.value?.relativeDrift);
    near('spectralDriftTopK', geometry.value?.spectralDriftTopK);
    near('principalLift', geometry.value?.principalLift);
    near('lowMagnitudeLift', geometry.value?.lowMagnitudeLift);
    near('principalEnergy', geometry.value?.principalEnergy);
  });

  it('leave out what was not measured, and are null when nothing was', () => {
    const unreadable = report.tensors[3]!;
    const measured = report.tensors[2]!;
    for (const metric of metricDefinitions) {
      assert.equal(pooledMetric(metric, [unreadable]), null);
      assert.equal(pooledMetric(metric, [unreadable, measured]), pooledMetric(metric, [measured]), metric.id);
      assert.equal(pooledMetric(metric, []), null);
    }
  });

  it('give no lift where nothing changed', () => {
    const equal = unchanged.tensors.find(({ module }) => module === 'q')!;
    assert.equal(pooledMetric(metricOf('principalLift'), [equal]), null);
    assert.equal(pooledMetric(metricOf('oneStepShare'), [equal]), null);
  });
});

describe('scales', () => {
  it('place values by share or by logarithm, never outside the axis', () => {
    assert.equal(positionOn({ kind: 'linear', min: 0, max: 2 }, 0.5), 0.25);
    assert.ok(Math.abs(positionOn({ kind: 'log', min: 1e-6, max: 1 }, 1e-3) - 0.5) < 1e-12);
    for (const value of [0, -1, 1e-300, 1e300, NaN]) {
      const at = positionOn({ kind: 'log', min: 1e-6, max: 1 }, value);
      assert.ok(at >= 0 && at <= 1);
    }
  });

  it('make zones in axis order, whichever side holds', () => {
    const drift = zonesOf(metricOf('relativeDrift').scale, defaultThresholds.relativeDrift);
    assert.deepEqual(
      drift.map(({ standing }) => standing),
      ['holds', 'middle', 'broken'],
    );
    const sparsity = zonesOf(metricOf('sparsityBf16').scale, defaultThresholds.sparsityBf16);
    assert.deepEqual(sparsity, [
      { standing: 'broken', from: 0, to: 0.188 },
      { standing: 'middle', from: 0.188, to: 0.36 },
      { standing: 'holds', from: 0.36, to: 1 },
    ]);
    // A single limit, as that of a logged KL, is an upper one.
    const single = zonesOf(metricOf('sparsityBf16').scale, { holds: 0.1, broken: 0.1 });
    assert.deepEqual(
      single.map(({ standing }) => standing),
      ['holds', 'broken'],
    );
  });

  it('keep labels apart in as few lanes as that takes', () => {
    assert.deepEqual(
      lanesOf(
        [
          { from: 0, to: 0.1 },
          { from: 0.2, to: 0.3 },
        ],
        0.15,
      ),
      [0, 0],
    );
    assert.deepEqual(
      lanesOf(
        [
          { from: 0, to: 0.5 },
          { from: 0.3, to: 0.3 },
          { from: 0.6, to: 0.6 },
        ],
        0.15,
      ),
      [0, 1, 0],
    );
  });

  it('carry published bands only where the metric is itself the published statistic', () => {
    assert.deepEqual(Object.keys(publishedBands), ['sparsityBf16']);
    const { scale } = metricOf('sparsityBf16');
    for (const { from, to, source } of publishedBands['sparsityBf16'] ?? []) {
      assert.equal(from <= to && from >= scale.min && to <= scale.max, true);
      assert.match(source, /arXiv \d{4}\.\d{5}/u);
    }
  });
});

describe('heat map', () => {
  it('has a cell for every layer and kind that exist, with pools as margins', () => {
    const map = heatMap(report, 'sparsityBf16');
    assert.deepEqual(
      map.columns.map(({ label }) => label),
      ['0', '1', '2', '3', 'out', 'all'],
    );
    assert.equal(map.rows[map.rows.length - 1]?.label, 'all');
    const embed = map.cells[map.rows.findIndex(({ key }) => key === 'embed')];
    assert.deepEqual(
      embed?.map((cell) => cell === null),
      [true, true, true, true, false, false],
    );
    assert.equal(
      map.cells[map.rows.length - 1]?.[map.columns.length - 1]?.value,
      report.summary.precision.value?.sparsityBf16,
    );
  });

  it('pools the tensors of a cell and names one alone', () => {
    const map = heatMap(report, 'sparsityBf16');
    const norms = map.cells[map.rows.findIndex(({ key }) => key === 'norm')]?.[0];
    assert.deepEqual(norms?.selection, { kind: 'cell', container: null, layer: 0, module: 'norm' });
    assert.equal(norms.tensors, 2);
    const gate = map.cells[map.rows.findIndex(({ key }) => key === 'gate')]?.[0];
    assert.equal(gate?.selection.kind, 'tensor');
  });

  it('says why a cell has no value', () => {
    const cells = heatMap(report, 'rotationMeanDeg').cells.flat();
    const unreadable = cells.find((cell) => cell?.state === 'unreadable');
    assert.match(unreadable?.reason ?? '', /F8_E8M0/u);
    assert.ok(
      cells.some(
        (cell) => cell?.state === 'unmeasured' && cell.reason === 'A vector has no singular values.',
      ),
    );
    const waiting = heatMap(
      panelReport(makeReport({ model: 'nano', rank: 4, status: 'running', done: 0.4 })),
      'sparsityBf16',
    );
    assert.ok(waiting.cells.flat().some((cell) => cell?.state === 'pending'));
  });

  it('shows the worst verdict of several tensors', () => {
    const map = heatMap(panelReport(makeReport({ training: 'mixed', rank: 2, model: 'nano' })), 'anchor');
    assert.equal(map.scale, null);
    assert.ok(map.cells.flat().every((cell) => cell?.standing !== null));
  });

  it('has a usable axis when every value is equal or zero', () => {
    const equal = heatMap(unchanged, 'sparsityBf16');
    assert.ok(equal.scale !== null && equal.scale.min < equal.scale.max);
    assert.equal(heatMap(unchanged, 'relativeDrift').scale, null);
  });
});

describe('subjects', () => {
  it('of every cell of the map exist, and show what the map shows', () => {
    const metric = metricOf('relativeDrift');
    for (const cell of heatMap(report, 'relativeDrift').cells.flat()) {
      if (cell === null) continue;
      const subject = subjectOf(report, cell.selection);
      assert.ok(subject !== null);
      assert.equal(subject.value(metric), cell.value);
    }
  });

  it('add the histograms of several tensors', () => {
    const norms = report.tensors.filter(({ layer, module }) => layer === 1 && module === 'norm');
    const subject = subjectOf(report, { kind: 'cell', container: null, layer: 1, module: 'norm' });
    const sum = norms.reduce((total, { precision }) => total + (precision.value?.ulpHistogram.one ?? 0), 0);
    assert.equal(subject?.ulp?.one, sum);
    assert.equal(subject.verdicts, null);
  });

  it('that the report does not have are null', () => {
    assert.equal(subjectOf(report, { kind: 'tensor', name: 'x' }), null);
    assert.equal(subjectOf(report, { kind: 'layer', container: null, layer: 99 }), null);
    assert.equal(subjectOf(report, { kind: 'module', module: 'experts' }), null);
  });
});

describe('the work of painting the heat map', () => {
  const made = makeReport({ model: 'qwen', rank: 4 });
  const { started, batches } = makeRun(made, 'qwen', 51);
  const whole = panelReport(made);
  const opened = reduce(initialState({ ...initialView }), {
    kind: 'document',
    document: makeDocument(started, { kind: 'running', progress: null }),
  });

  it('is nothing when nothing changed, and everything at first and for another metric', () => {
    const map = heatMap(whole, 'sparsityBf16');
    const all = map.cells.flat().filter((cell) => cell !== null).length;
    assert.equal(changedCells(null, map).length, all);
    assert.equal(changedCells(map, heatMap(whole, 'sparsityBf16', map)).length, 0);
    assert.equal(changedCells(map, heatMap(whole, 'relativeDrift', map)).length, all);
  });

  it('of one tensor is its cell and the margins that pool it', () => {
    const before = heatMap(whole, 'geometry');
    const index = whole.tensors.findIndex(({ name }) => name === 'model.layers.9.mlp.up_proj.weight');
    const tensors = [...whole.tensors];
    const geometry = { ...whole.tensors[index]!.verdicts.geometry, standing: 'broken' as const };
    tensors[index] = {
      ...whole.tensors[index]!,
      verdicts: { ...whole.tensors[index]!.verdicts, geometry },
    };
    const changes = changedCells(before, heatMap({ ...whole, tensors }, 'geometry', before));
    assert.deepEqual(
      changes.map(({ cell }) => cell.selection),
      [{ kind: 'tensor', name: 'model.layers.9.mlp.up_proj.weight' }],
    );
  });

  it('of a stream is what each batch changed and the colours that the axis moved, and ends as the whole', () => {
    for (const metric of ['sparsityBf16', 'rotationMeanDeg', 'geometry'] as const) {
      let state = opened;
      let map = heatMap(state.document!.report!, metric);
      let painted = 0;
      for (const events of batches) {
        for (const message of panelMessages(events)) {
          state = reduce(state, { kind: 'events', events: message });
        }
        const report = state.document!.report!;
        const next = heatMap(report, metric, map);
        // A map made anew says the same.
        assert.deepEqual(next.cells, heatMap(report, metric).cells);
        painted += changedCells(map, next).length;
        map = next;
      }
      assert.deepEqual(map.cells, heatMap(whole, metric).cells);
      const all = map.cells.flat().filter((cell) => cell !== null).length;
      // Painting everything each time would be 51 times all.
      assert.ok(painted >= all && painted < 9 * all, `${metric}: ${painted} of ${all} cells`);
    }
  });
});
