// What is said of an adapter: pooled by elements and by added shares, in the terminal, in Markdown and in CSV.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { reportText } from '../../../src/cli/reportText.ts';
import { styleFor } from '../../../src/cli/style.ts';
import { runAnalysis } from '../../../src/engine/analysis/runAnalysis.ts';
import { absorbed, adapterSummary } from '../../../src/shared/text/adapterTables.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { Report, TensorAdapter } from '../../../src/shared/report/report.ts';
import { reportCsv } from '../../../src/shared/text/reportCsv.ts';
import { reportMarkdown } from '../../../src/shared/text/reportMarkdown.ts';
import { fakePorts, matrix } from '../analysis/fakes.ts';

let plain: Report;
let report: Report;

function adapter(absorbedOnMerge: number, rowLeading: number | null): TensorAdapter {
  const rows = {
    rowEnergy: 0.2,
    rowEnergyExpected: 0.25,
    rowLeading,
    rowTrailing: null,
    rowSubspaceExpected: 0.25,
  };
  const columns = {
    columnEnergy: 0.5,
    columnEnergyExpected: 0.5,
    columnLeading: 1,
    columnTrailing: 0,
    columnSubspaceExpected: 0.5,
  };
  const alignment = { ...rows, ...columns, subspace: 2 };
  return {
    method: 'LoRA (<b>x</b>)',
    rank: 2,
    scaling: 2,
    correction: 'recomputed',
    absorbedOnMerge,
    alignment,
  };
}

before(async () => {
  const tensors = [matrix(0, 'q', 8, 8), matrix(1, 'q', 8, 24), matrix(1, 'v', 8, 8)];
  const request = { basePath: '/base', tunedPath: '/tuned', options: defaultOptions, configPaths: null };
  plain = await runAnalysis(request, fakePorts({ tensors }), () => undefined, new AbortController().signal);
  const [first, second, third] = plain.tensors;
  assert.ok(first && second && third);
  const adapted = [
    { ...first, adapter: adapter(1, 0.75) },
    { ...second, adapter: adapter(0.2, 0.25) },
  ];
  report = {
    ...plain,
    tensors: [...adapted, { ...third, adapter: { ...adapter(0, null), alignment: null } }],
  };
});

describe('an adapter in words', () => {
  it('is not spoken of where there is none', () => {
    assert.equal(adapterSummary(plain), null);
    assert.ok(!reportMarkdown(plain).includes('## Adapter'));
  });

  it('pools what a merge loses by elements, and shares over what is expected of the same tensors', () => {
    const { table, lines } = adapterSummary(report) ?? assert.fail();
    // q: (64·1 + 192·0.2)/256 = 40 %; A leading (0.75 + 0.25)/(0.25 + 0.25) = 2.
    assert.deepEqual(table[1], ['Attention q', '2', '40.0 %', '×2.00', '–', '×2.00', '×0.00']);
    assert.deepEqual(table[2]?.slice(2), ['0 %', '–', '–', '–', '–']);
    assert.equal(absorbed([]), null);
    assert.match(lines.join(' '), /32\.0 % of them would not move/);
  });

  it('stands in the terminal, in Markdown and in CSV', () => {
    const style = styleFor({ isTTY: false }, {});
    assert.match(reportText(report, style, 100), /Adapter\n {4}LoRA .* on 3 tensors: rank 2, scaling 2\./);
    const markdown = reportMarkdown(report);
    assert.match(markdown, /## Adapter\n\nLoRA \(&lt;b/);
    assert.ok(!markdown.includes('<b>'));
    assert.match(markdown, /\| Attention q \| 2 \| 40\.0 % \|/);
    const [head = '', first = '', , third = ''] = reportCsv(report).split('\r\n');
    const at = head.split(',').indexOf('absorbedOnMerge');
    assert.equal(first.split(',')[at], '1');
    assert.equal(first.split(',')[head.split(',').indexOf('rowLeading')], '0.75');
    assert.equal(third.split(',')[head.split(',').indexOf('rowLeading')], '');
  });
});
