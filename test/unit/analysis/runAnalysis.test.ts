// From two checkpoints to a Report, over a fake world: order, pools, and independence of threads.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportCsv } from '../../../src/shared/text/reportCsv.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { applyAnalysisEvent } from '../../../src/shared/protocol/analysisEvents.ts';
import { matrix, ramp, type FakeTensor } from './fakes.ts';
import { norm, small, analyze, row, comparable } from './analyzeFakes.ts';

describe('a whole run', () => {
  it('starts with every tensor pending, ends with the report, and folds to the same', async () => {
    const { report, events, ports } = await analyze({ tensors: small });
    const [first] = events;
    assert.equal(first?.kind, 'started');
    assert.deepEqual(
      first.report.tensors.map(({ name, status }) => [name, status]),
      small.map(({ name }) => [name, 'pending']),
    );
    assert.equal(events.map(({ kind }) => kind).at(-1), 'finished');
    assert.equal(events.filter(({ kind }) => kind === 'finished').length, 1);
    assert.equal(report.status, 'complete');
    const folded = events.reduce<Report | null>(applyAnalysisEvent, null);
    assert.deepEqual(folded, report);
    // Without the last event, the increments alone must have told every row.
    const told = events.slice(0, -1).reduce<Report | null>(applyAnalysisEvent, null);
    assert.deepEqual(told?.tensors, report.tensors);
    assert.deepEqual(ports.closed, ['streamer', 'decomposer', 'gemm']);
  });

  it('keeps as many decompositions going as there are lanes, whichever ends first', async () => {
    const tensors = Array.from({ length: 6 }, (_, layer) => matrix(layer, 'q', 8, 8));
    const known = (await analyze({ tensors })).report;
    let going = 0;
    let most = 0;
    let turn = 0;
    const { report } = await analyze({
      tensors,
      lanes: 3,
      onMeasure: async () => {
        most = Math.max(most, ++going);
        turn += 1;
        // The later of each three ends sooner.
        await new Promise((resolve) => setTimeout(resolve, 12 - 4 * (turn % 3)));
        going -= 1;
      },
    });
    assert.equal(most, 3);
    assert.deepEqual(report.tensors, known.tensors);
    assert.deepEqual(report.summary, known.summary);
  });

  it('measures matrices, explains vectors, and spends nothing on equal tensors', async () => {
    const measuredShapes: string[] = [];
    const { report } = await analyze({
      tensors: small,
      onMeasure: (rows, columns) => void measuredShapes.push(`${rows}×${columns}`),
    });
    assert.deepEqual(measuredShapes, ['8×8', '16×8']);
    assert.equal(row(report, 'model.layers.0.q.weight').geometry.value?.rotationLeftMeanDeg, 8);
    assert.match(row(report, norm.name).geometry.reason ?? '', /^Not a matrix \(8\)/);
    const equal = row(report, 'model.layers.1.k.weight');
    assert.equal(equal.identical, true);
    assert.equal(equal.status, 'done');
    assert.match(equal.geometry.reason ?? '', /^Both sides are equal/);
    assert.equal(equal.verdicts.precision.verdict, 'masked');
    assert.equal(equal.verdicts.geometry.verdict, 'unknown');
  });

  it('pools counts and energies, weighs rotation by parameters, and never averages ratios', async () => {
    const { report } = await analyze({ tensors: small });
    const { precision, geometry, anchor } = report.summary;
    // Half of 64 and half of 128 elements changed; 8 + 64 did not: (64+128+8+64 − 96)/264, not the mean of shares.
    assert.equal(precision.value?.sparsityBf16, 168 / 264);
    // 8° on 64, 16° on 128 and 0° on the 64 equal parameters, the vector left out.
    assert.ok(geometry.value);
    assert.equal(geometry.value.rotationMeanDeg, (8 * 64 + 16 * 128) / 256);
    assert.equal(geometry.value.rotationMaxDeg, 16);
    assert.equal(geometry.value.matrices, 3);
    assert.equal(geometry.value.spectralDriftTopK?.toFixed(12), (0.01).toFixed(12));
    const delta = (tensor: FakeTensor): number =>
      tensor.base.reduce((sum, value, index) => sum + ((tensor.tuned[index] ?? 0) - value) ** 2, 0);
    const energy = small.reduce((sum, tensor) => sum + delta(tensor), 0);
    const base = small.reduce((sum, tensor) => sum + tensor.base.reduce((s, v) => s + v * v, 0), 0);
    assert.ok(Math.abs((anchor.value?.relativeDrift ?? 0) - Math.sqrt(energy / base)) < 1e-15);
    // Masks: sizes 19 and 38, inside 4 and 9 of them; 96 of 192 decomposed elements changed.
    assert.deepEqual(geometry.value.maskCounts.principal, { size: 57, changed: 13, changedExpected: null });
    assert.equal(geometry.value.principalLift, 13 / 57 / (96 / 192));
  });

  it('keeps the layers of other stacks apart, in reading order', async () => {
    const mtp: FakeTensor = { ...matrix(0, 'k', 8, 8), name: 'mtp.layers.0.k.weight', container: 'mtp' };
    const tensors = [matrix(0, 'q', 8, 8), matrix(1, 'q', 8, 8), mtp];
    const { report } = await analyze({ tensors });
    assert.deepEqual(
      report.layers.map(({ container, layer, label, tensors: count }) => [container, layer, label, count]),
      [
        [null, 0, 'Layer 0', 1],
        [null, 1, 'Layer 1', 1],
        ['mtp', 0, 'mtp · Layer 0', 1],
      ],
    );
    assert.deepEqual(
      report.tensors.map(({ container }) => container),
      [null, null, 'mtp'],
    );
    const [, csv] = reportCsv(report)
      .split('\r\n')
      .filter((line) => line.startsWith('m'));
    assert.match(csv ?? '', /^model.layers.1.q.weight,,,1,q,/);
    assert.match(reportCsv(report), /\nmtp.layers.0.k.weight,,mtp,0,k,/);
  });

  it('lists layers in order with the rest last, and module kinds in their own order', async () => {
    const head: FakeTensor = { ...matrix(0, 'head', 8, 8), name: 'lm_head.weight', layer: null };
    const { report } = await analyze({ tensors: [head, ...small.slice(2), ...small.slice(0, 2)] });
    assert.deepEqual(
      report.layers.map(({ layer, label }) => [layer, label]),
      [
        [0, 'Layer 0'],
        [1, 'Layer 1'],
        [null, 'Outside the layers'],
      ],
    );
    assert.deepEqual(
      report.modules.map(({ module }) => module),
      ['q', 'k', 'norm', 'head'],
    );
    assert.equal(
      report.layers.reduce((sum, { elements }) => sum + elements, 0),
      report.summary.elements,
    );
  });

  it('gives the same report whatever the number of threads and whoever waits', async () => {
    const reports = await Promise.all(
      [1, 8].map(async (threads) => {
        const slow = (): Promise<void> =>
          new Promise((resolve) => setTimeout(resolve, threads === 1 ? 3 : 0));
        const { report } = await analyze({ tensors: small, onStream: slow }, { threads });
        return comparable(report);
      }),
    );
    assert.deepEqual(reports[0], reports[1]);
  });

  it('holds only numbers that JSON holds', async () => {
    const huge: FakeTensor = { ...matrix(0, 'o', 2, 4), tuned: ramp(8, 1e300), dtype: 'F64' };
    const { report } = await analyze({ tensors: [...small, huge] });
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    assert.match(row(report, huge.name).anchor.reason ?? '', /deltaFrobenius is beyond what float64 holds/);
  });
});
