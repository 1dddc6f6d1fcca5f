// What differs between the checkpoints, as one table: sorted by anything that is said of them, filtered by any word, turned round
// and copied. Arrow keys walk, Enter does what a row's head does.
import { beyondLegend } from '../../src/shared/text/besideNull.ts';
import { cellText } from '../../src/shared/text/sideBySideLine.ts';
import { sideBySideMarkdown } from '../../src/shared/text/sideBySideMarkdown.ts';
import { sideBySideLegend } from '../../src/shared/text/sideBySideText.ts';
import type { SideBySideReport } from '../../src/shared/report/sideBySide.ts';
import { element, setAttributes, setText, setVariable, show } from '../parts/dom/dom.ts';
import { quietButton } from '../parts/dom/quietButton.ts';
import { textField } from '../parts/dom/toolkit.ts';
import { copyText } from '../parts/page/section.ts';
import { tableTsv } from '../parts/table/tsv.ts';
import { VirtualTable } from '../parts/table/virtualTable.ts';
import { showHeads, type HeadActions } from './columnHeads.ts';
import { createRow } from './rowElement.ts';
import {
  columnTitle,
  groupSpans,
  modelOf,
  plainTable,
  titleOf,
  type CompareModel,
  type CompareRow,
} from './rows.ts';
import type { CompareSection, CompareTools } from './section.ts';
import type { CompareState, CompareView, Layout } from './state.ts';

/** Pixels, as in the style sheet. */
const rowHeight = 24;
/** Characters; a longer text is whole in its hover. */
const [narrowest, widest] = [8, 44];

const layouts: readonly { layout: Layout; label: string; hint: string }[] = [
  { layout: 'readings', label: 'Readings', hint: 'A row for everything that is said, a column a checkpoint' },
  { layout: 'checkpoints', label: 'Checkpoints', hint: 'A row a checkpoint' },
];

export function createCompareTable(tools: CompareTools): CompareSection {
  return new CompareTable(tools);
}

class CompareTable implements CompareSection {
  readonly root: HTMLElement;
  private report: SideBySideReport | null = null;
  private view: CompareView | null = null;
  private model: CompareModel = { columns: [], rows: [], all: 0, layout: 'readings' };
  private readonly head = element('div', { class: 'table-head', role: 'rowgroup' });
  private readonly count = element('span', { class: 'count dim', role: 'status' });
  private readonly filter: ReturnType<typeof textField>;
  private readonly onlyDifferent: HTMLElement;
  private readonly toggles: readonly HTMLElement[];
  private readonly grid: HTMLElement;
  private readonly table: VirtualTable<CompareRow>;
  private readonly actions: HeadActions;

  constructor(private readonly tools: CompareTools) {
    const { dispatch, host } = tools;
    this.actions = {
      sort: (column) => {
        dispatch({ kind: 'sort', column });
      },
      openPair: (run) => {
        host.openPair(run);
      },
    };
    this.filter = textField('Filter rows by any word', 'Filter: learning rate', (filter) => {
      dispatch({ kind: 'look', change: { filter } });
    });
    this.onlyDifferent = quietButton(
      'Only what differs',
      () => {
        dispatch({ kind: 'look', change: { onlyDifferent: this.view?.onlyDifferent !== true } });
      },
      { look: 'toggle', hint: 'Leave out what is said of every checkpoint alike' },
    );
    this.toggles = layouts.map(({ layout, label, hint }) =>
      quietButton(
        label,
        () => {
          dispatch({ kind: 'look', change: { layout } });
        },
        { look: 'toggle', hint },
      ),
    );
    const body = element('div', { class: 'table-body', role: 'rowgroup' });
    const name = 'Checkpoints side by side';
    this.grid = element('div', { class: 'table', role: 'grid', 'aria-label': name }, this.head, body);
    const scroller = element('div', { class: 'table-scroll' }, this.grid);
    const legend = element('p', { class: 'dim legend' }, `${sideBySideLegend} ${beyondLegend}`);
    const label = { class: 'layers compare-table', 'aria-labelledby': 'table-title' };
    this.root = element('section', label, this.toolbar(), scroller, legend);
    this.table = new VirtualTable({
      ...{ scroller, body, head: this.head, rowHeight },
      keyOf: ({ key }) => key,
      createRow: () =>
        createRow(this.actions, () => ({
          sort: this.view?.sort ?? null,
          above: this.head.childElementCount,
        })),
      onActivate: ({ subject }) => {
        if (subject.kind === 'run') this.actions.openPair(subject.run);
        else this.actions.sort(subject.line.id);
      },
      // A row's head is a button of its own.
      onClick: () => undefined,
    });
  }

  update({ document, view }: CompareState, previous: CompareState | null): void {
    this.report = document?.report ?? null;
    this.view = view;
    show(this.root, this.report !== null);
    if (this.report === null || (document === previous?.document && view === previous.view)) return;
    this.model = modelOf(this.report, view);
    this.showControls(view);
    showHeads(this.head, this.model, view, this.actions);
    setVariable(this.grid, '--columns', columnWidths(this.model));
    setAttributes(this.grid, { 'aria-rowcount': this.model.rows.length + this.head.childElementCount });
    this.table.clear();
    this.table.show(this.model.rows);
    this.table.measure();
    this.table.draw();
  }

  private showControls({ filter, onlyDifferent }: CompareView): void {
    const { rows, all, layout } = this.model;
    this.filter.set(filter);
    setAttributes(this.onlyDifferent, { 'aria-pressed': String(onlyDifferent) });
    layouts.forEach((each, at) => {
      this.toggles[at]?.setAttribute('aria-pressed', String(each.layout === layout));
    });
    setText(this.count, rows.length === all ? `${all} rows` : `${rows.length} of ${all} rows`);
  }

  private toolbar(): HTMLElement {
    const copy = quietButton('Copy', () => void this.copyRows(), {
      hint: 'Copy this table at full precision, as tab-separated text',
    });
    const markdown = quietButton('Copy as Markdown', () => void this.copyMarkdown(), {
      hint: 'Copy everything for an issue or a model card',
    });
    return element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'table-title' }, 'Side by side'),
      this.count,
      element('span', { class: 'grow' }),
      this.filter.root,
      element('span', { class: 'group', role: 'group', 'aria-label': 'Rows of the table' }, ...this.toggles),
      this.onlyDifferent,
      copy,
      markdown,
    );
  }

  private async copyRows(): Promise<void> {
    const said = `Copied ${this.model.rows.length} rows.`;
    await copyText(this.tools, tableTsv(plainTable(this.model)), said);
  }

  private async copyMarkdown(): Promise<void> {
    if (this.report === null) return;
    await copyText(this.tools, sideBySideMarkdown(this.report), 'Copied as Markdown.');
  }
}

/** Every column as wide as its longest text, within bounds; the last takes what is left. */
function columnWidths({ columns, rows }: CompareModel): string {
  const width = (texts: readonly string[]): number =>
    Math.min(widest, Math.max(narrowest, ...texts.map(({ length }) => length))) + 4;
  const spans = groupSpans(columns);
  const name = width(rows.map(({ subject }) => titleOf(subject)));
  const own = columns.map((column, at) => {
    const texts = rows.flatMap(({ cells }) => cells[at]?.cell ?? []).map(cellText);
    // A group of one column has to hold the group's name.
    const above = spans.length === columns.length ? [spans[at]?.title ?? ''] : [];
    return width([columnTitle(column), ...texts, ...above]);
  });
  const fixed = [name, ...own].map((characters) => `${characters}ch`);
  const last = fixed.pop() ?? '1fr';
  return [...fixed, `minmax(${last}, 1fr)`].join(' ');
}
