// Chart builders: what is drawn is what was measured, the table holds it too, and what is missing says why.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  panelReport,
  tensorCurves,
  type GeometryCurves,
  type PanelGeometry,
  type PanelTensor,
} from '../../../src/shared/protocol/panelReport.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { anglesChart, chartsOf, spectrumChart } from '../../../webview/pair/charts/builders.ts';
import { logEnds, nearFloor, type ChartModel, type ChartSlot } from '../../../webview/parts/charts/model.ts';
import { ulpChart } from '../../../webview/pair/charts/steps.ts';
import { createPace } from '../../../webview/parts/charts/pace.ts';
import { createDrawQueue } from '../../../webview/parts/charts/queue.ts';
import { sparkPoints } from '../../../webview/pair/config/sparkPoints.ts';
import type { KnownCurves } from '../../../webview/pair/state/state.ts';
import { subjectOf, type Subject } from '../../../webview/pair/state/subject.ts';
import { hostileReport } from '../../support/hostile.ts';
import { makeReport, makeUnchanged } from '../../support/reports.ts';

const whole = makeReport({ model: 'nano', rank: 16 });
const report = panelReport(whole);
const name = 'model.layers.2.mlp.down_proj.weight';
const tensor = report.tensors.find((each) => each.name === name)!;
const geometry: PanelGeometry = tensor.geometry.value!;
/** What is known of a tensor once its curves have come. */
const subjectIn = (of: Report, named: string): Subject => {
  const held = panelReport(of);
  const at = of.tensors.findIndex((each) => each.name === named);
  const curves: KnownCurves = { of: held.tensors[at]!, value: tensorCurves(of.tensors[at]!) };
  return subjectOf(held, { kind: 'tensor', name: named }, curves)!;
};
const subject = subjectIn(whole, name);
const curves: GeometryCurves = subject.curves!.value!.geometry!;
const model = (slots: ChartSlot[], id: string): ChartModel => {
  const found = slots.find((slot) => slot.model?.id === id)?.model;
  assert.ok(found);
  return found;
};

describe('charts of a matrix', () => {
  it('are all seven, each with a definition of one line, a description and a table', () => {
    const slots = chartsOf(subject);
    assert.deepEqual(
      slots.map((slot) => slot.model?.id),
      ['spectrum', 'angles', 'ulp', 'masks', 'stripes', 'drift', 'energy'],
    );
    for (const { model: chart } of slots) {
      assert.ok(chart !== null && chart.definition.length < 160 && !chart.definition.includes('\n'));
      assert.ok(chart.description.length > 20);
      assert.ok(chart.table.rows.length > 0);
      assert.ok(chart.table.rows.every((row) => row.length === chart.table.columns.length));
    }
  });

  it('draw the singular values of both sides and their absolute difference', () => {
    const [base, tuned, difference] = spectrumChart(geometry, curves).series;
    assert.ok(base?.mark === 'line' && tuned?.mark === 'line' && difference?.mark === 'line');
    assert.deepEqual(
      base.points.map(([, value]) => value),
      curves.sigmaBase,
    );
    assert.deepEqual(
      tuned.points.map(([, value]) => value),
      curves.sigmaTuned,
    );
    assert.equal(difference.points[3]?.[1], Math.abs(curves.sigmaTuned[3]! - curves.sigmaBase[3]!));
    assert.deepEqual(spectrumChart(geometry, curves).table.rows[0], [
      1,
      curves.sigmaBase[0],
      curves.sigmaTuned[0],
      curves.sigmaTuned[0]! - curves.sigmaBase[0]!,
    ]);
  });

  it('leave a gap for zero on a logarithmic axis instead of a made-up value', () => {
    const [, , difference] = spectrumChart(geometry, { ...curves, sigmaTuned: curves.sigmaBase }).series;
    assert.ok(difference?.mark === 'line' && difference.points.every(([, value]) => value === null));
  });

  it('draw the error floor of the angles when it is near, and say when there is none', () => {
    const near = anglesChart({ ...geometry, rotationErrorDeg: curves.rotationLeftCurveDeg[0]! / 2 }, curves);
    assert.equal(near.references[0]?.value, curves.rotationLeftCurveDeg[0]! / 2);
    assert.equal(anglesChart({ ...geometry, rotationErrorDeg: 1e-11 }, curves).references.length, 0);
    const open = anglesChart({ ...geometry, rotationErrorDeg: 90 }, curves);
    assert.equal(open.references.length, 0);
    assert.match(open.definition, /gap does not separate/u);
  });

  it('put every changed weight into one bin of the histogram', () => {
    const { model: chart } = ulpChart(subject);
    const [series] = chart?.series ?? [];
    assert.ok(series?.mark === 'bar');
    assert.ok(Math.abs(series.values.reduce<number>((sum, value) => sum + (value ?? 0), 0) - 1) < 1e-12);
    const counted = chart?.table.rows.reduce((sum, row) => sum + Number(row[1]), 0);
    assert.equal(counted, tensor.precision.value?.counts.changedBf16);
  });

  it('put each mask beside a random update of this size, or beside chance where that is not known', () => {
    const barsOf = (chart: ChartModel): { label: string; first: number | null | undefined }[] =>
      chart.series.flatMap((series) =>
        series.mark === 'bar' ? [{ label: series.label, first: series.values[0] }] : [],
      );
    const chart = model(chartsOf(subject), 'masks');
    const { principal, changedExpected } = geometry.maskCounts;
    const expected = principal.changedExpected! / changedExpected!;
    assert.deepEqual(barsOf(chart), [
      { label: 'measured', first: geometry.principalOverlap },
      { label: 'random update', first: expected },
    ]);
    assert.deepEqual(chart.table.rows[0]?.slice(1, 3), [geometry.principalOverlap, expected]);
    assert.ok(Math.abs(Number(chart.table.rows[0][4]) - geometry.principalLift!) < 1e-3);
    const unknown = model(
      chartsOf(subjectIn(makeReport({ training: 'cast', model: 'nano' }), name)),
      'masks',
    );
    const chance = barsOf(unknown)[1];
    assert.equal(chance?.label, 'by chance');
    assert.ok(Math.abs(chance.first! - 0.3) < 1e-3);
  });

  it('put the size of the steps beside those of a random update', () => {
    const [, random] = model(chartsOf(subject), 'ulp').series;
    const bins = tensor.precision.value!.ulpHistogramExpected!;
    const total = Object.values(bins).reduce<number>((sum, bin: number) => sum + bin, 0);
    assert.equal(random?.mark === 'bar' && random.values[1], bins.two / total);
  });

  it('put the drift beside its bound, which it never exceeds', () => {
    const rows = model(chartsOf(subject), 'drift').table.rows;
    const values = new Map(rows.map(([name, value]) => [name, value]));
    assert.equal(values.get('k leading'), geometry.spectralDriftTopK);
    assert.equal(values.get('bound ‖Δ‖/‖W‖'), geometry.spectralDriftBound);
  });
});

describe('curves', () => {
  it('that have not come keep the room of their charts, and those that never will say so', () => {
    const states = (value: KnownCurves | null): (string | undefined)[] =>
      chartsOf(subjectOf(report, { kind: 'tensor', name }, value)!).map((slot) =>
        slot.model === null ? (slot.coming === true ? 'coming' : slot.reason) : 'drawn',
      );
    const rest = ['drawn', 'drawn'];
    assert.deepEqual(states(null), ['coming', 'coming', ...rest, 'coming', ...rest]);
    const none = 'This curve could not be fetched.';
    assert.deepEqual(states({ of: tensor, value: null }), [none, none, ...rest, none, ...rest]);
  });

  it('of a moment ago are drawn while the tensor is measured on, those of another tensor never', () => {
    const drawn = (of: PanelTensor): number =>
      chartsOf(subjectOf(report, { kind: 'tensor', name }, { ...subject.curves!, of })!).filter(
        ({ model: chart }) => chart !== null,
      ).length;
    assert.equal(drawn({ ...tensor }), 7);
    assert.equal(drawn(report.tensors[1]!), 4);
  });
});

describe('charts of what has no matrix', () => {
  it('say the reason', () => {
    const norm = subjectIn(whole, 'model.norm.weight');
    const reasons = chartsOf(norm).flatMap(({ reason }) => reason ?? []);
    assert.ok(reasons.includes('A vector has no singular values.'));
    assert.ok(reasons.includes('Only matrices have rows and columns.'));
    const equal = subjectIn(makeUnchanged(), name);
    assert.ok(chartsOf(equal).some(({ reason }) => reason === 'No weight changed in bf16.'));
  });

  it('of a pool are those that pool', () => {
    for (const selection of [
      { kind: 'model' },
      { kind: 'layer', container: null, layer: 1 },
      { kind: 'module', module: 'q' },
    ] as const) {
      const slots = chartsOf(subjectOf(report, selection)!);
      assert.deepEqual(
        slots.map((slot) => slot.model?.id),
        ['ulp', 'masks', 'drift'],
      );
    }
  });

  it('are made for every tensor of a hostile report without a number that is not finite', () => {
    const hostile = hostileReport();
    for (const { name: each } of hostile.tensors) {
      for (const { model: chart } of chartsOf(subjectIn(hostile, each))) {
        const text = JSON.stringify(chart);
        assert.ok(!/NaN|Infinity/u.test(text), `${each}: ${text.slice(0, 200)}`);
        for (const axis of chart === null ? [] : [chart.x, chart.y]) {
          assert.ok(axis.min === undefined || Number.isFinite(axis.min));
          assert.ok(axis.kind !== 'log' || (axis.min! > 0 && axis.max! > axis.min!));
        }
      }
    }
  });
});

describe('axes', () => {
  it('span whole decades', () => {
    assert.deepEqual(logEnds([0.02, 3]), { min: 0.01, max: 10 });
    assert.deepEqual(logEnds([1]), { min: 1, max: 10 });
    assert.deepEqual(logEnds([]), { min: 0.1, max: 1 });
  });

  it('draw a floor only where it bears on the values', () => {
    assert.equal(nearFloor(0.01, [0.1, 1]), true);
    assert.equal(nearFloor(1e-9, [0.1, 1]), false);
    assert.equal(nearFloor(0, [0.1]), false);
  });
});

describe('sparklines', () => {
  it('read a divergence against zero and the rest by their own range', () => {
    const points: [number, number][] = [
      [1, 10],
      [2, 11],
      [3, 12],
    ];
    const kl = sparkPoints({ points, signal: 'klReference' }, 22).map(({ y }) => y);
    const reward = sparkPoints({ points, signal: 'reward' }, 22).map(({ y }) => y);
    assert.ok(kl[0]! < 6, 'high above zero');
    assert.deepEqual([reward[0], reward[2]], [20, 2]);
    assert.deepEqual(sparkPoints({ points: [], signal: 'loss' }, 22), []);
    assert.deepEqual(sparkPoints({ points: [[5, 3]], signal: 'loss' }, 22), [{ x: 120, y: 11 }]);
  });
});

describe('draw queue', () => {
  it('draws one a frame, each chart once however often it was asked for', () => {
    const frames: (() => void)[] = [];
    const queue = createDrawQueue((run) => frames.push(run));
    const drawn: string[] = [];
    const [one, other, third] = [{}, {}, {}];
    queue.ask(one, () => drawn.push('old'));
    queue.ask(other, () => drawn.push('other'));
    queue.ask(one, () => drawn.push('one'));
    queue.ask(third, () => drawn.push('third'));
    queue.forget(third);
    while (frames.length > 0) {
      const before = drawn.length;
      frames.shift()?.();
      assert.ok(drawn.length <= before + 1);
    }
    assert.deepEqual(drawn, ['one', 'other']);
  });
});

describe('pace', () => {
  it('does the first at once, then the last of each interval, and nothing that was forgotten', () => {
    let now = 1000;
    const timers: { at: number; run: () => void }[] = [];
    const pace = createPace(400, {
      now: () => now,
      after(ms, run) {
        const timer = { at: now + ms, run };
        timers.push(timer);
        return () => timers.splice(timers.indexOf(timer), 1);
      },
    });
    const pass = (to: number): void => {
      now = to;
      for (const due of timers.filter(({ at }) => at <= now)) due.run();
    };
    const done: number[] = [];
    const ask = (each: number): void => {
      pace.ask(() => done.push(each));
    };
    ask(1);
    assert.deepEqual(done, [1]);
    pass(1080);
    ask(2);
    pass(1160);
    ask(3);
    pass(1400);
    assert.deepEqual(done, [1, 3]);
    ask(4);
    pace.flush();
    assert.deepEqual(done, [1, 3, 4]);
    ask(5);
    pace.forget();
    pass(5000);
    assert.deepEqual([done, timers], [[1, 3, 4], []]);
  });
});
