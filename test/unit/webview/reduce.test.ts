// The panel's reducer: the host's messages fold into one document, and what the user chose survives them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problem } from '../../../src/shared/errors.ts';
import { panelMessages, panelReport } from '../../../src/shared/protocol/panelReport.ts';
import { applyAnalysisEvent, type AnalysisEvent } from '../../../src/shared/protocol/analysisEvents.ts';
import { reduce } from '../../../webview/pair/state/reduce.ts';
import { restoreView } from '../../../webview/pair/state/restore.ts';
import {
  initialState,
  initialView,
  type Action,
  type PanelState,
} from '../../../webview/pair/state/state.ts';
import { makeDocument, makeProgress, makeReport } from '../../support/reports.ts';

const report = makeReport({ model: 'nano', rank: 4 });
const open = (...actions: Action[]): PanelState =>
  actions.reduce(
    reduce,
    reduce(initialState({ ...initialView }), { kind: 'document', document: makeDocument(report) }),
  );

describe('messages from the host', () => {
  it('folds events exactly as the host does, and shares what did not change', () => {
    const pending = makeReport({ model: 'nano', rank: 4, status: 'running', done: 0 });
    const done = report.tensors[3]!;
    const changed: AnalysisEvent = { kind: 'tensors', changed: [{ index: 3, tensor: done }] };
    const messages = panelMessages([changed, { kind: 'progress', progress: makeProgress(report, 0.3) }]);
    assert.equal(messages.length, 1);
    const before = reduce(initialState({ ...initialView }), {
      kind: 'document',
      document: makeDocument(pending, { kind: 'running', progress: null }),
    });
    const after = reduce(before, { kind: 'events', events: messages[0]! });
    const folded = after.document?.report ?? null;
    assert.ok(folded !== null);
    assert.equal(folded.layers, pending.layers);
    assert.deepEqual(folded, panelReport(applyAnalysisEvent(pending, changed)!));
    assert.deepEqual(after.progress, makeProgress(report, 0.3));
    assert.equal(after.view, before.view);
  });

  it('keeps the document when only progress came', () => {
    const before = open();
    const after = reduce(before, {
      kind: 'events',
      events: [{ kind: 'progress', progress: makeProgress(report, 0.1) }],
    });
    assert.equal(after.document, before.document);
  });

  it('ignores run states and events that come before the document', () => {
    const waiting = initialState({ ...initialView });
    assert.equal(reduce(waiting, { kind: 'run', run: { kind: 'complete' } }), waiting);
    assert.equal(reduce(waiting, { kind: 'events', events: [] }), waiting);
  });

  it('keeps the last progress while the host repeats that it runs, and drops it at the end', () => {
    const progress = makeProgress(report, 0.5);
    const running = open({ kind: 'run', run: { kind: 'running', progress } });
    assert.equal(
      reduce(running, { kind: 'run', run: { kind: 'running', progress: null } }).progress,
      progress,
    );
    const failure = {
      kind: 'failed',
      problem: problem('internal', 'gone'),
      canRetryWithWasm: false,
    } as const;
    assert.equal(reduce(running, { kind: 'run', run: failure }).progress, null);
  });

  it('drops a selection that a new report does not have, and keeps one that it has', () => {
    const name = report.tensors[5]!.name;
    const selected = open({ kind: 'select', selection: { kind: 'tensor', name } });
    const again = reduce(selected, {
      kind: 'document',
      document: makeDocument(makeReport({ model: 'nano', rank: 4, seed: 8 })),
    });
    assert.deepEqual(again.view.selection, { kind: 'tensor', name });
    const other = { ...report, tensors: report.tensors.slice(0, 2) };
    const gone = reduce(selected, { kind: 'document', document: makeDocument(other) });
    assert.deepEqual(gone.view.selection, { kind: 'model' });
  });
});

describe('what the user does', () => {
  it('sorts largest first, then smallest first, then in the model order', () => {
    const sort: Action = { kind: 'sort', column: 'relativeDrift' };
    assert.deepEqual(open(sort).view.sort, { column: 'relativeDrift', descending: true });
    assert.deepEqual(open(sort, sort).view.sort, { column: 'relativeDrift', descending: false });
    assert.equal(open(sort, sort, sort).view.sort, null);
    assert.deepEqual(open({ kind: 'sort', column: 'name' }).view.sort, { column: 'name', descending: false });
  });

  it('opens and closes layers, apart for filtered and unfiltered tables', () => {
    const opened = open(
      { kind: 'toggle', layer: '2', open: true },
      { kind: 'toggle', layer: 'none', open: true },
    );
    assert.deepEqual(opened.view.expanded, ['2', 'none']);
    const filtered = reduce(opened, { kind: 'filterText', text: 'q_proj' });
    const closed = reduce(filtered, { kind: 'toggle', layer: '2', open: false });
    assert.deepEqual([closed.view.expanded, closed.view.collapsed], [['2', 'none'], ['2']]);
    assert.deepEqual(reduce(closed, { kind: 'filterText', text: '' }).view.collapsed, []);
  });

  it('opens all layers that the report has', () => {
    assert.deepEqual(open({ kind: 'toggleAll', open: true }).view.expanded, ['0', '1', '2', '3', 'none']);
    assert.deepEqual(
      open({ kind: 'toggleAll', open: true }, { kind: 'toggleAll', open: false }).view.expanded,
      [],
    );
  });

  it('starts a filtered list at its top', () => {
    const scrolled = open({ kind: 'scroll', table: 480, page: 100 });
    assert.equal(reduce(scrolled, { kind: 'filterStanding', standing: 'unreadable' }).view.tableScroll, 0);
    assert.equal(reduce(scrolled, { kind: 'heatMetric', metric: 'anchor' }).view.tableScroll, 480);
  });
});

describe('the kept view', () => {
  it('comes back as it was', () => {
    const { view } = open(
      { kind: 'select', selection: { kind: 'cell', container: null, layer: 1, module: 'norm' } },
      { kind: 'heatMetric', metric: 'geometry' },
      { kind: 'sort', column: 'precision' },
      { kind: 'filterStanding', standing: 'geometry:middle' },
      { kind: 'toggle', layer: '1', open: false },
      { kind: 'grouping', grouping: 'tensors' },
      { kind: 'scroll', table: 72, page: 5 },
    );
    assert.deepEqual(restoreView(JSON.parse(JSON.stringify(view))), view);
  });

  it('falls back field by field on anything odd', () => {
    for (const odd of [
      null,
      3,
      'x',
      [],
      { selection: { kind: 'tensor' }, sort: { column: 'no' }, tableScroll: NaN },
    ]) {
      assert.deepEqual(restoreView(odd), initialView);
    }
    const half = restoreView({
      heatMetric: '__proto__',
      filterText: 'gate',
      expanded: ['1', 2, null, '0 mtp'],
      pageScroll: -4,
    });
    assert.deepEqual(half, { ...initialView, filterText: 'gate', expanded: ['1', '0 mtp'] });
  });
});
