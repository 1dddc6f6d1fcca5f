// The table's rows: grouping, filtering, sorting, and copying them as text.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { panelReport, type PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import { metricNamed } from '../../../webview/pair/metrics/catalog.ts';
import { tableRows, tensorValue, type Row } from '../../../webview/pair/table/rows.ts';
import { initialView, type View } from '../../../webview/pair/state/state.ts';
import { columns } from '../../../webview/pair/table/columns.ts';
import { rowsTsv } from '../../../webview/pair/table/rowsTsv.ts';
import { tableTsv } from '../../../webview/parts/table/tsv.ts';
import { scrollToRow, visibleWindow, type Scrolled } from '../../../webview/parts/table/window.ts';
import { hostileReport, markup } from '../../support/hostile.ts';
import { makeReport } from '../../support/reports.ts';

const report = panelReport(makeReport({ model: 'nano', rank: 4, unreadable: [4] }));
const rowsWith = (view: Partial<View>): Row[] => tableRows(report, { ...initialView, ...view });
const tensorsOf = (rows: Row[]): PanelTensor[] =>
  rows.flatMap((row) => (row.kind === 'tensor' ? [row.tensor] : []));

describe('grouping', () => {
  it('lists layers, and the tensors of the open ones under them', () => {
    assert.equal(rowsWith({}).length, 5);
    const rows = rowsWith({ expanded: ['1'] });
    assert.deepEqual(
      rows.slice(0, 4).map(({ kind, level, position, siblings }) => [kind, level, position, siblings]),
      [
        ['layer', 1, 1, 5],
        ['layer', 1, 2, 5],
        ['tensor', 2, 1, 9],
        ['tensor', 2, 2, 9],
      ],
    );
    assert.ok(tensorsOf(rows).every(({ layer }) => layer === 1));
  });

  it('lists every tensor once when flat', () => {
    const names = tensorsOf(rowsWith({ grouping: 'tensors' })).map(({ name }) => name);
    assert.deepEqual(
      names,
      report.tensors.map(({ name }) => name),
    );
  });

  it('has keys that differ', () => {
    const rows = rowsWith({ expanded: ['0', '1', '2', '3', 'none'] });
    assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
    assert.equal(rows.length, 5 + report.tensors.length);
  });
});

describe('filter', () => {
  it('wants every word, in name, layer, kind, dtype or verdict', () => {
    const rows = tensorsOf(rowsWith({ filterText: ' LAYER 2 proj masked ' }));
    assert.ok(rows.length > 0 && rows.length <= 7);
    assert.ok(
      rows.every(
        ({ layer, name, verdicts }) =>
          layer === 2 && name.includes('proj') && verdicts.precision.verdict === 'masked',
      ),
    );
  });

  it('opens the layers that match and hides the others', () => {
    const rows = rowsWith({ filterText: 'layers.3.' });
    assert.equal(rows.filter(({ kind }) => kind === 'layer').length, 1);
    assert.equal(rowsWith({ filterText: 'layers.3.', collapsed: ['3'] }).length, 1);
    assert.equal(rowsWith({ filterText: 'no such thing' }).length, 0);
  });

  it('finds a standing of one gate, and what could not be read', () => {
    const unknown = tensorsOf(rowsWith({ filterStanding: 'geometry:unknown' }));
    assert.ok(
      unknown.length > 1 && unknown.every(({ verdicts }) => verdicts.geometry.standing === 'unknown'),
    );
    assert.deepEqual(tensorsOf(rowsWith({ filterStanding: 'unreadable' })), [report.tensors[4]]);
  });
});

describe('sort', () => {
  it('orders numbers either way with missing ones last', () => {
    for (const descending of [true, false]) {
      const rows = tensorsOf(
        rowsWith({ grouping: 'tensors', sort: { column: 'rotationMeanDeg', descending } }),
      );
      const values = rows.map((tensor) => tensorValue(tensor, 'rotationMeanDeg'));
      const known = values.filter((value) => typeof value === 'number');
      assert.deepEqual(values.slice(known.length), new Array(values.length - known.length).fill(null));
      assert.deepEqual(
        known,
        [...known].sort((one, other) => (descending ? other - one : one - other)),
      );
    }
  });

  it('orders layers by number and names by their digits', () => {
    const layers = rowsWith({ sort: { column: 'name', descending: true } });
    assert.deepEqual(
      layers.map((row) => (row.kind === 'layer' ? row.layer.layer : -1)),
      [3, 2, 1, 0, null],
    );
    const big = panelReport(makeReport({ rank: 1 }));
    const names = tensorsOf(
      tableRows(big, { ...initialView, grouping: 'tensors', sort: { column: 'name', descending: false } }),
    ).map(({ name }) => name);
    assert.ok(
      names.indexOf('model.layers.2.mlp.up_proj.weight') <
        names.indexOf('model.layers.10.mlp.up_proj.weight'),
    );
  });

  it('sorts verdicts from broken to holds', () => {
    const mixed = panelReport(makeReport({ model: 'nano', training: 'mixed', rank: 4 }));
    const rows = tableRows(mixed, {
      ...initialView,
      grouping: 'tensors',
      sort: { column: 'geometry', descending: false },
    });
    const order = tensorsOf(rows).map(({ verdicts }) => verdicts.geometry.standing);
    const rank = { broken: 0, middle: 1, holds: 2, unknown: 3 };
    assert.deepEqual(
      order,
      [...order].sort((one, other) => rank[one] - rank[other]),
    );
  });
});

describe('copy as text', () => {
  it('gives one line per row with every column at full precision', () => {
    const rows = rowsWith({ expanded: ['0'] });
    const lines = rowsTsv(rows)
      .slice(0, -1)
      .split('\n')
      .map((line) => line.split('\t'));
    const [head, ...body] = lines;
    assert.equal(body.length, rows.length);
    const besideNull = columns.filter(({ id }) => metricNamed(id)?.expected !== undefined).length;
    // Three rules, what is left beyond size of two gates, an expected number a reading with a null, four at the end.
    assert.equal(head?.length, 1 + columns.length + 3 + 2 + besideNull + 4);
    assert.ok(body.every((cells) => cells.length === head.length));
    const at = head.indexOf('sparsityBf16');
    const first = rows[0];
    assert.equal(
      body[0]?.[at],
      String(first?.kind === 'layer' ? first.layer.precision.value?.sparsityBf16 : null),
    );
  });

  it('keeps names from breaking lines or becoming formulas', () => {
    const hostile = panelReport(hostileReport());
    const rows = tableRows(hostile, { ...initialView, grouping: 'tensors' });
    const lines = rowsTsv(rows).slice(0, -1).split('\n');
    assert.equal(lines.length, rows.length + 1);
    assert.ok(lines.some((line) => line.includes(markup)));
    assert.equal(
      tableTsv({ columns: ['a'], rows: [['=1+1'], ['x\ty\nz'], [-2], [null]] }),
      "a\n'=1+1\nx y z\n-2\n\n",
    );
  });
});

describe('rows in view', () => {
  const rowHeight = 24;
  const at = (scrollTop: number): Scrolled => ({ scrollTop, height: 240, rowHeight });

  it('covers the window with some rows beyond it, within the list', () => {
    assert.deepEqual(visibleWindow(at(0), 10_000), { first: 0, end: 18 });
    const middle = visibleWindow(at(5000 * rowHeight), 10_000);
    assert.ok(middle.first < 5000 && middle.end > 5010 && middle.end - middle.first < 40);
    assert.deepEqual(visibleWindow(at(0), 0), { first: 0, end: 0 });
    assert.deepEqual(visibleWindow(at(1e9), 5), { first: 5, end: 5 });
  });

  it('moves a row into view no further than needed', () => {
    assert.equal(scrollToRow(5, at(0)), 0);
    assert.equal(scrollToRow(10, at(0)), rowHeight);
    assert.equal(scrollToRow(2, at(480)), 2 * rowHeight);
  });
});
