// What is said of an adapter, pooled over its tensors; and numbers beside the bound on their error.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatNumber } from '../../../src/shared/text/format.ts';
import { belowResolution, formatResolved, isBelowResolution } from '../../../src/shared/report/resolution.ts';
import { panelReport } from '../../../src/shared/protocol/panelReport.ts';
import type { TensorAdapter } from '../../../src/shared/report/report.ts';
import { heatMap } from '../../../webview/pair/heatmap/model.ts';
import { adapterFacts, adapterSummary } from '../../../webview/pair/metrics/adapters.ts';
import { metricOf } from '../../../webview/pair/metrics/catalog.ts';
import { pooledError, pooledMetric } from '../../../webview/pair/metrics/pooled.ts';
import { exactLine } from '../../../webview/pair/metrics/exactLine.ts';
import { makeReport } from '../../support/reports.ts';

const adapter: TensorAdapter = {
  ...{ method: 'DoRA', rank: 8, scaling: 4, correction: 'initial factors', absorbedOnMerge: 0.25 },
  alignment: {
    ...{ rowEnergy: 0.1, rowEnergyExpected: 0.05, columnEnergy: 0.001, columnEnergyExpected: 0.05 },
    ...{ subspace: 8, rowLeading: 0.3, rowTrailing: 0.01, rowSubspaceExpected: 0.05 },
    ...{ columnLeading: null, columnTrailing: null, columnSubspaceExpected: 0.05 },
  },
};

describe('an adapter', () => {
  it('is named with its rank, scaling and correction, each energy beside chance', () => {
    assert.deepEqual(
      adapterFacts(adapter).map(({ label, text }) => `${label}: ${text}`),
      [
        'Adapter: DoRA, rank 8, scaling 4.00',
        'Absorbed on merge: 25.0 %',
        'Base energy where A reads: 10.0 %, by chance 5.00 %',
        'Base energy where B writes: 0.100 %, by chance 5.00 %',
      ],
    );
    assert.match(adapterFacts(adapter)[0]?.lines.join() ?? '', /initial factors/u);
    assert.equal(adapterFacts({ ...adapter, alignment: null, rank: null })[0]?.text, 'DoRA, bias');
  });

  it('of a report pools what a merge would lose by weights, not by tensors', () => {
    const summary = adapterSummary([
      { elements: 300, adapter },
      { elements: 100, adapter: { ...adapter, rank: 16, absorbedOnMerge: 0.65 } },
      { elements: 5000 },
    ]);
    assert.equal(summary?.absorbed.text, '35.0 %');
    assert.equal(summary.name.text, 'DoRA rank 8–16');
    assert.equal(adapterSummary([{ elements: 7 }]), null);
  });
});

describe('a number beside its error bound', () => {
  it('is words where the bound is larger, and stays a number where it is not or there is none', () => {
    assert.equal(formatResolved(2e-5, 3e-5, formatNumber), belowResolution);
    assert.equal(formatResolved(-2e-5, 3e-5, formatNumber), belowResolution);
    assert.equal(formatResolved(3e-5, 3e-5, formatNumber), '3.0e-5');
    assert.equal(formatResolved(3e-5, null, formatNumber), '3.0e-5');
    assert.equal(formatResolved(null, 1, formatNumber), '–');
    assert.equal(isBelowResolution(0, 1e-12), true);
    assert.match(exactLine(1e-6, 2e-6), /error at most 2\.0e-6: below resolution/u);
    assert.equal(exactLine(0.5, null), 'Exact value 0.5000000.');
  });

  it('has no place on the map and does not stretch its axis', () => {
    const report = panelReport(makeReport({ model: 'nano', rank: 4 }));
    const clear = heatMap(report, 'spectralDriftTopK');
    const index = report.tensors.findIndex(({ module }) => module === 'q');
    const tensor = report.tensors[index]!;
    const value = { ...tensor.geometry.value!, spectralDriftTopK: 1e-12, spectralDriftTopKError: 1e-9 };
    const tensors = report.tensors.with(index, { ...tensor, geometry: { value, reason: null } });
    const blurred = heatMap({ ...report, tensors }, 'spectralDriftTopK', clear);
    assert.equal(blurred.cells.flat().filter((cell) => cell?.resolved === false).length, 1);
    assert.ok(blurred.scale!.min > 1e-7);
  });

  it('of several tensors is pooled as their values are', () => {
    const { tensors } = panelReport(makeReport({ model: 'nano', rank: 4 }));
    const some = tensors.filter(({ geometry }) => geometry.value !== null).slice(0, 3);
    const drift = metricOf('spectralDriftTopK');
    const norms = some.map(({ geometry }) => geometry.value!.sigmaNorm);
    const errors = some.map(({ geometry }, at) => geometry.value!.spectralDriftTopKError! * norms[at]!);
    const error = pooledError(drift, some)!;
    assert.ok(Math.abs(error / (Math.hypot(...errors) / Math.hypot(...norms)) - 1) < 1e-12);
    assert.ok(error < pooledMetric(drift, some)!);
    assert.equal(pooledError(metricOf('sparsityBf16'), some), null);
  });
});
