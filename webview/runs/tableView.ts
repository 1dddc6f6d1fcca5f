// The overlap of a pair by layer, module kind or tensor. Arrow keys walk, Enter selects; every pair can be copied.
import type { RunsReport } from '../../src/shared/report/runsReport.ts';
import { element, setAttributes, setText, show } from '../parts/dom/dom.ts';
import { quietButton } from '../parts/dom/quietButton.ts';
import { tip } from '../parts/dom/tooltip.ts';
import { sameSelection, type Selection } from '../parts/model/selection.ts';
import { copyText } from '../parts/page/section.ts';
import { tableTsv } from '../parts/table/tsv.ts';
import type { RowElement } from '../parts/table/rowPool.ts';
import { VirtualTable } from '../parts/table/virtualTable.ts';
import type { RunsSection, RunsTools } from './section.ts';
import type { Grouping, RunsState } from './state.ts';
import { overlapColumns, overlapRows, overlapTable, type OverlapRow } from './tableRows.ts';

/** Pixels, as in the style sheet. */
const rowHeight = 24;

const groupings: readonly { grouping: Grouping; label: string; word: string }[] = [
  { grouping: 'layers', label: 'Layers', word: 'Layer' },
  { grouping: 'modules', label: 'Modules', word: 'Module' },
  { grouping: 'tensors', label: 'Tensors', word: 'Tensor' },
];

export function createOverlapTable(tools: RunsTools): RunsSection {
  return new OverlapTable(tools);
}

/** What every row of the table reads beside its own numbers. */
interface Looked {
  pair: number;
  selection: Selection;
}

class OverlapTable implements RunsSection {
  readonly root: HTMLElement;
  private rows: OverlapRow[] = [];
  private report: RunsReport | null = null;
  private looked: Looked = { pair: 0, selection: { kind: 'model' } };
  private readonly toggles: readonly HTMLElement[];
  private readonly count = element('span', { class: 'count dim' });
  private readonly nameHead = element('span', { role: 'columnheader', class: 'cell name' }, 'Layer');
  private readonly grid: HTMLElement;
  private readonly table: VirtualTable<OverlapRow>;

  constructor(tools: RunsTools) {
    const { dispatch } = tools;
    this.toggles = groupings.map(({ grouping, label }) =>
      quietButton(
        label,
        () => {
          dispatch({ kind: 'look', change: { grouping } });
        },
        { look: 'toggle' },
      ),
    );
    const head = columnHeads(this.nameHead);
    const body = element('div', { class: 'table-body', role: 'rowgroup' });
    this.grid = element(
      'div',
      { class: 'table', role: 'grid', 'aria-label': 'Overlap by part of the model' },
      head,
      body,
    );
    const scroller = element('div', { class: 'table-scroll' }, this.grid);
    this.root = element(
      'section',
      { class: 'layers runs-table', 'aria-labelledby': 'table-title' },
      this.toolbar(tools),
      scroller,
    );
    this.table = new VirtualTable({
      ...{ scroller, body, head, rowHeight },
      keyOf: ({ key }) => key,
      createRow: () => createRow(() => this.looked),
      onActivate: ({ selection }) => {
        dispatch({ kind: 'look', change: { selection } });
      },
    });
  }

  update({ document, view }: RunsState, previous: RunsState | null): void {
    this.report = document?.report ?? null;
    const overlap = this.report?.overlap.value ?? null;
    show(this.root, overlap !== null);
    if (overlap === null) return;
    const { grouping } = view;
    this.looked = view;
    if (document !== previous?.document || grouping !== previous.view.grouping) {
      this.rows = overlapRows(overlap, grouping);
      this.showGrouping(grouping);
      this.table.show(this.rows);
      this.table.measure();
      this.table.scrollTo(0);
    }
    this.table.draw();
  }

  private toolbar(tools: RunsTools): HTMLElement {
    const copy = quietButton('Copy table', () => void this.copyAll(tools), {
      hint: 'Copy these rows with every pair of runs as tab-separated text',
    });
    return element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'table-title' }, 'Numbers'),
      this.count,
      element('span', { class: 'grow' }),
      element('span', { class: 'group', role: 'group', 'aria-label': 'Rows of the table' }, ...this.toggles),
      copy,
    );
  }

  private async copyAll(tools: RunsTools): Promise<void> {
    if (this.report === null) return;
    const { rows } = this;
    await copyText(tools, tableTsv(overlapTable(this.report, rows)), `Copied ${rows.length} rows.`);
  }

  private showGrouping(grouping: Grouping): void {
    this.grid.setAttribute('aria-rowcount', String(this.rows.length + 1));
    setText(this.count, `${this.rows.length} rows`);
    groupings.forEach((each, at) => {
      const isChosen = each.grouping === grouping;
      this.toggles[at]?.setAttribute('aria-pressed', String(isChosen));
      if (isChosen) setText(this.nameHead, each.word);
    });
  }
}

function columnHeads(name: HTMLElement): HTMLElement {
  const titles = overlapColumns.map(({ label, definition }) => {
    const made = element('span', { role: 'columnheader', class: 'cell number' }, label);
    tip(made, () => [label, definition]);
    return made;
  });
  return element(
    'div',
    { class: 'table-head', role: 'rowgroup' },
    element('div', { role: 'row', class: 'row head' }, name, ...titles),
  );
}

function createRow(looked: () => Looked): RowElement<OverlapRow> {
  const name = element('span', { role: 'rowheader', class: 'cell name' });
  const cells = overlapColumns.map(() => element('span', { role: 'gridcell', class: 'cell number' }));
  const root = element('div', { role: 'row', class: 'row' }, name, ...cells);
  return {
    root,
    update(row, index) {
      const { pair, selection } = looked();
      setAttributes(root, {
        'aria-rowindex': index + 2,
        'aria-selected': String(sameSelection(row.selection, selection)),
      });
      name.title = row.name;
      setText(name, row.name);
      overlapColumns.forEach(({ text }, at) => {
        const cell = cells[at];
        if (cell !== undefined) setText(cell, text(row, pair));
      });
    },
  };
}
