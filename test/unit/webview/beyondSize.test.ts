// What stands beside a number: the size-matched null of one tensor and of several, multiples of it, their place on the map,
// in the table and in words.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { panelReport, type PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import { changedCells, lookOf } from '../../../webview/pair/heatmap/look.ts';
import { heatMap } from '../../../webview/pair/heatmap/model.ts';
import { headline } from '../../../webview/pair/masthead/headline.ts';
import { besideLines, beyondReading, beyondText } from '../../../webview/pair/metrics/beside.ts';
import { beyondDefinitions, metricDefinitions, metricOf } from '../../../webview/pair/metrics/catalog.ts';
import { pooledExpected, pooledMetric } from '../../../webview/pair/metrics/pooled.ts';
import { tableRows } from '../../../webview/pair/table/rows.ts';
import { initialView } from '../../../webview/pair/state/state.ts';
import { subjectOf } from '../../../webview/pair/state/subject.ts';
import { rowsTsv } from '../../../webview/pair/table/rowsTsv.ts';
import { makeCast, makeDocument, makeReport } from '../../support/reports.ts';

const report = panelReport(makeReport({ model: 'nano', rank: 64 }));
const noise = panelReport(makeReport({ model: 'nano', rank: 64, training: 'noise' }));
const cast = panelReport(makeCast());
const of = (module: PanelTensor['module'], layer = 1): PanelTensor => {
  const found = report.tensors.find((each) => each.module === module && each.layer === layer);
  assert.notEqual(found, undefined);
  return found!;
};
const near = (value: number | null | undefined, expected: number): void => {
  assert.equal(typeof value === 'number' && Math.abs(value - expected) <= 1e-12 * Math.abs(expected), true);
};

describe('the null of several tensors', () => {
  const [one, other] = [of('down'), of('q')];

  it('is weighted as the measured rotation is, with independent scatters in quadrature', () => {
    const pool = pooledExpected(metricOf('rotationMeanDeg'), [one, other]);
    const [left, right] = [
      one.geometry.value!.rotationMeanExpectedDeg!,
      other.geometry.value!.rotationMeanExpectedDeg!,
    ];
    const share = one.elements / (one.elements + other.elements);
    near(pool?.mean, share * left.mean + (1 - share) * right.mean);
    const half = Math.hypot(share * (left.mean - left.low), (1 - share) * (right.mean - right.low));
    near(pool!.mean - pool!.low, half);
  });

  it('of one tensor is its own, range and all', () => {
    const drift = pooledExpected(metricOf('spectralDriftTopK'), [one]);
    const own = one.geometry.value!.spectralDriftTopKExpected!;
    near(drift?.mean, own.mean);
    near(drift?.low, own.low);
    near(drift?.high, own.high);
    near(pooledExpected(metricOf('principalLift'), [one])?.mean, one.geometry.value!.principalLiftExpected!);
  });

  it('is not known where one part has none, and leaves out what is not measured', () => {
    const [unknown] = cast.tensors.filter(({ module }) => module === 'q');
    const norm = of('norm');
    for (const metric of metricDefinitions.filter(({ id }) => id !== 'principalEnergy')) {
      if (metric.expected === undefined) continue;
      // The one without a null is larger by far.
      assert.equal(unknown!.elements > 2 * one.elements, true);
      assert.equal(pooledExpected(metric, [one, unknown!]), null, metric.id);
    }
    const rotation = metricOf('rotationMeanDeg');
    assert.deepEqual(pooledExpected(rotation, [one, norm]), pooledExpected(rotation, [one]));
    assert.equal(pooledMetric(metricOf('rotationMeanDegBeyond'), [one, unknown!]), null);
    // Half of the elements are enough for what scatters, and stand beside their own value.
    const small = { ...unknown!, elements: one.elements / 2 };
    assert.deepEqual(pooledExpected(rotation, [one, small]), pooledExpected(rotation, [one]));
    const multiple = metricOf('rotationMeanDegBeyond');
    assert.equal(pooledMetric(multiple, [one, small]), pooledMetric(multiple, [one]));
    assert.equal(pooledExpected(metricOf('principalLift'), [one, small]), null);
  });

  it('of what did not move is that nothing moves', () => {
    const { value } = one.precision;
    const counts = { ...value!.counts, changedBf16: 0, rawChanged: 0 };
    const still: PanelTensor = {
      ...one,
      precision: { value: { ...value!, counts, sparsityBf16Expected: null }, reason: null },
    };
    assert.equal(pooledExpected(metricOf('sparsityBf16'), [still])?.mean, 1);
  });
});

describe('multiples of the null', () => {
  it('are the measured number over its null, for a tensor and for a pool', () => {
    for (const beyond of beyondDefinitions) {
      const metric = metricDefinitions.find(({ id }) => `${id}Beyond` === beyond.id)!;
      const tensors = [of('down'), of('q')];
      const expected = pooledExpected(metric, tensors)!.mean;
      near(pooledMetric(beyond, tensors), pooledMetric(metric, tensors)! / expected);
      near(
        beyond.ofPool(report.summary),
        metric.ofPool(report.summary)! / metric.expected!.ofPool(report.summary)!.mean,
      );
    }
  });

  it('stand on an axis that reaches as far to either side of as random', () => {
    for (const { id } of beyondDefinitions) {
      const { scale } = heatMap(report, id);
      near(scale!.min * scale!.max, 1);
      assert.equal(scale!.max >= 2, true);
    }
  });

  it('are marked on the map by the word of their reading, and not where they are as random', () => {
    const marks = (map: ReturnType<typeof heatMap>): Set<string | null> =>
      new Set(
        changedCells(null, map).flatMap(({ cell }) => {
          const look = lookOf(map, cell);
          return look.kind === 'step' ? [look.beyond] : [];
        }),
      );
    assert.deepEqual(marks(heatMap(report, 'rotationMeanDegBeyond')), new Set(['less', 'as random']));
    assert.equal(marks(heatMap(noise, 'principalLiftBeyond')).has('less'), false);
    // Other maps carry no such marks.
    assert.deepEqual(marks(heatMap(report, 'rotationMeanDeg')), new Set([null]));
  });
});

describe('words beside a number', () => {
  it('say measured and random, the word, and what the null is in one sentence', () => {
    const subject = subjectOf(report, { kind: 'model' })!;
    const metric = metricOf('rotationMeanDeg');
    const reading = subject.beyond(metric);
    assert.match(beyondText(reading), /^less \(×0\.7\d\)$/u);
    const lines = besideLines(subject.expected(metric), reading, metric.format);
    assert.match(lines[0]!, /^Random: 0\.\d\d°, 5–95 % of its draws 0\.\d\d° to 0\.\d\d°\. /u);
    assert.match(lines.at(-1), /^A random update of this size: .+\.$/u);
    assert.equal(beyondReading(noise.summary.gates, 'rotationMeanDegBeyond')?.word, 'as random');
  });

  it('give the reason where no null is known', () => {
    const subject = subjectOf(cast, { kind: 'model' })!;
    const metric = metricOf('rotationMeanDeg');
    assert.match(
      besideLines(subject.expected(metric), subject.beyond(metric), metric.format).join(' '),
      /^No random update beside it: /u,
    );
  });

  it('are in the copied table, measured and expected', () => {
    const rows = tableRows(report, { ...initialView, grouping: 'tensors' });
    const [head, ...lines] = rowsTsv(rows)
      .split('\n')
      .map((line) => line.split('\t'));
    const down = lines.find((line) => line.includes(of('down').name))!;
    const at = (column: string): string | undefined => down[head!.indexOf(column)];
    near(Number(at('rotationMeanDeg expected')), of('down').geometry.value!.rotationMeanExpectedDeg!.mean);
    near(
      Number(at('rotationMeanDegBeyond')),
      Number(at('rotationMeanDeg')) / Number(at('rotationMeanDeg expected')),
    );
    assert.match(at('geometry beyond size')!, /less rotation/u);
  });
});

describe('the head of the panel', () => {
  it('names the footprint, then what is left beyond size, then what config or log say', () => {
    const [footprint, beyond, evidence] = headline(makeDocument(makeReport({ model: 'nano' })));
    assert.equal(footprint, 'In the range of published RLVR runs');
    assert.match(beyond, /^A random update of this size would leave .+; this one turns /u);
    assert.match(evidence, /^The config says GRPO/u);
  });

  it('says what it is where no training is visible', () => {
    const [footprint, beyond] = headline(makeDocument(makeCast()));
    assert.equal(footprint, 'Rounding, no training visible');
    assert.match(beyond, /^The differences are rounding, no training is visible: /u);
  });
});
