// The layer and tensor table. Arrow keys walk and open, Enter selects; the columns' heads sort; what is listed can be
// copied.
import { layerKey } from '../../../src/shared/report/layers.ts';
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import { element, setAttributes, show } from '../../parts/dom/dom.ts';
import type { Selection } from '../../parts/model/selection.ts';
import { copyText } from '../../parts/page/section.ts';
import { VirtualTable } from '../../parts/table/virtualTable.ts';
import type { Section, Tools } from '../section.ts';
import type { PanelState, View } from '../state/state.ts';
import { createColumnHeads, type ColumnHeads } from './columnHeads.ts';
import { columns } from './columns.ts';
import { createRow } from './rowElement.ts';
import { layerRowKey, tableRows, tensorKey, type Row } from './rows.ts';
import { rowsTsv } from './rowsTsv.ts';
import { createToolbar } from './toolbar.ts';

/** Pixels, as in the style sheet. */
const rowHeight = 24;

export function createTable(tools: Tools): Section {
  return new TableView(tools);
}

class TableView implements Section {
  readonly root: HTMLElement;
  private rows: Row[] = [];
  private selectedKey = '';
  private isRestored = false;
  private readonly tools: Tools;
  private readonly toolbar: Section;
  private readonly heads: ColumnHeads;
  private readonly grid: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly empty = element(
    'p',
    { class: 'table-empty', hidden: true },
    'No tensor matches this filter.',
  );
  private readonly table: VirtualTable<Row>;

  constructor(tools: Tools) {
    this.tools = tools;
    this.toolbar = createToolbar(tools, () => {
      void copyText(tools, rowsTsv(this.rows), `Copied ${this.rows.length} rows.`);
    });
    this.heads = createColumnHeads(tools.dispatch);
    const body = element('div', { class: 'table-body', role: 'rowgroup' });
    this.grid = element(
      'div',
      {
        class: 'table',
        role: 'treegrid',
        'aria-label': 'Layers and tensors',
        'aria-colcount': columns.length,
      },
      this.heads.root,
      body,
    );
    this.scroller = element('div', { class: 'table-scroll' }, this.grid);
    this.root = element(
      'section',
      { class: 'layers', 'aria-labelledby': 'table-title' },
      this.toolbar.root,
      this.scroller,
      this.empty,
    );
    this.table = this.tableIn(body);
  }

  update(state: PanelState, previous: PanelState | null): void {
    const report = state.document?.report ?? null;
    show(this.root, report !== null);
    this.toolbar.update(state, previous);
    this.heads.update(state.view, previous?.view ?? null);
    if (report === null) {
      this.table.clear();
      return;
    }
    if (needsRows(state, previous)) this.refresh(report, state.view);
    // A selection that was made elsewhere.
    if (state.view.selection !== previous?.view.selection) this.table.reveal(keyOf(state.view.selection));
  }

  private tableIn(body: HTMLElement): VirtualTable<Row> {
    const { dispatch, host } = this.tools;
    const toggle = (row: Row, open: boolean): void => {
      if (row.kind === 'layer') dispatch({ kind: 'toggle', layer: layerKey(row.layer), open });
    };
    const select = (row: Row): void => {
      dispatch({ kind: 'select', selection: selectionOf(row) });
    };
    const table = new VirtualTable<Row>({
      scroller: this.scroller,
      body,
      head: this.heads.root,
      rowHeight,
      keyOf: ({ key }) => key,
      createRow: () => createRow(({ key }) => key === this.selectedKey),
      tree: { levelOf: ({ level }) => level, isOpen, onToggle: toggle },
      onActivate: select,
      onClick: (row, { target }) => {
        const onChevron = target instanceof Element && target.closest('.chevron') !== null;
        if (row.kind === 'layer' && onChevron) toggle(row, !row.open);
        else select(row);
      },
      onKey: (row, { key, ctrlKey, metaKey }) => {
        if (key === 'c' && (ctrlKey || metaKey)) void host.copy(rowsTsv([row]));
        return false;
      },
      onScroll: (top) => {
        dispatch({ kind: 'scroll', table: top });
      },
    });
    body.addEventListener('dblclick', (event) => {
      const row = table.rowAt(event);
      if (row?.kind === 'layer') toggle(row, !row.open);
    });
    return table;
  }

  private refresh(report: PanelReport, view: View): void {
    this.rows = tableRows(report, view);
    this.selectedKey = keyOf(view.selection);
    this.table.show(this.rows, this.selectedKey);
    setAttributes(this.grid, { 'aria-rowcount': this.rows.length + 1 });
    show(this.empty, this.rows.length === 0);
    show(this.scroller, this.rows.length > 0);
    if (!this.isRestored) this.table.measure();
    this.isRestored = true;
    this.table.scrollTo(view.tableScroll);
    this.table.draw();
  }
}

function isOpen(row: Row): boolean | null {
  return row.kind === 'layer' ? row.open : null;
}

function needsRows(state: PanelState, previous: PanelState | null): boolean {
  if (previous === null) return true;
  const now = state.document?.report;
  const before = previous.document?.report;
  const { view } = state;
  return (
    now?.tensors !== before?.tensors ||
    now?.layers !== before?.layers ||
    now?.limits !== before?.limits ||
    view.grouping !== previous.view.grouping ||
    view.sort !== previous.view.sort ||
    view.filterText !== previous.view.filterText ||
    view.filterStanding !== previous.view.filterStanding ||
    view.expanded !== previous.view.expanded ||
    view.collapsed !== previous.view.collapsed ||
    view.selection !== previous.view.selection
  );
}

function keyOf(selection: Selection): string {
  if (selection.kind === 'tensor') return tensorKey(selection.name);
  return selection.kind === 'layer' || selection.kind === 'cell' ? layerRowKey(selection) : '';
}

function selectionOf(row: Row): Selection {
  return row.kind === 'layer'
    ? { kind: 'layer', container: row.layer.container, layer: row.layer.layer }
    : { kind: 'tensor', name: row.tensor.name };
}
