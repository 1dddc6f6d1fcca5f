// The overlap of a pair by layer, module kind or tensor, as a grid of which only the rows in view exist. Arrow keys walk,
// Enter selects; every pair can be copied.
import type { RunsReport } from '../../src/shared/report/runsReport.ts';
import { sameSelection } from '../state/state.ts';
import { chartTsv } from '../table/tsv.ts';
import { rowHeight, scrollToRow, visibleWindow } from '../table/virtual.ts';
import { element, replaceChildren, setText, setVariable, show } from '../view/dom.ts';
import { tip } from '../view/tooltip.ts';
import type { RunsSection, RunsTools } from './section.ts';
import type { Grouping, RunsView } from './state.ts';
import { overlapColumns, overlapRows, overlapTable, type OverlapRow } from './tableRows.ts';

const groupings: [Grouping, string][] = [
  ['layers', 'Layers'],
  ['modules', 'Modules'],
  ['tensors', 'Tensors'],
];

export function createOverlapTable({ look, host, announce }: RunsTools): RunsSection {
  let rows: OverlapRow[] = [];
  let report: RunsReport | null = null;
  let view: RunsView | null = null;
  let focus = 0;
  const toggles = groupings.map(([grouping, label]) => {
    const made = element('button', { type: 'button', class: 'quiet toggle' }, label);
    made.addEventListener('click', () => {
      look({ grouping });
    });
    return made;
  });
  const count = element('span', { class: 'count dim' });
  const copy = element('button', { type: 'button', class: 'quiet' }, 'Copy table');
  tip(copy, () => ['Copy these rows with every pair of runs as tab-separated text']);
  copy.addEventListener('click', () => {
    if (report === null) return;
    void host.copy(chartTsv(overlapTable(report, rows))).then((copied) => {
      if (copied) announce(`Copied ${rows.length} rows.`);
    });
  });
  const titles = overlapColumns.map(({ label, definition }) => {
    const made = element('span', { role: 'columnheader', class: 'cell number' }, label);
    tip(made, () => [label, definition]);
    return made;
  });
  const name = element('span', { role: 'columnheader', class: 'cell name' }, 'Layer');
  const head = element(
    'div',
    { class: 'table-head', role: 'rowgroup' },
    element('div', { role: 'row', class: 'row head' }, name, ...titles),
  );
  const body = element('div', { class: 'table-body', role: 'rowgroup' });
  const grid = element(
    'div',
    { class: 'table', role: 'grid', 'aria-label': 'Overlap by part of the model' },
    head,
    body,
  );
  const scroller = element('div', { class: 'table-scroll' }, grid);
  const root = element(
    'section',
    { class: 'layers runs-table', 'aria-labelledby': 'table-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'table-title' }, 'Numbers'),
      count,
      element('span', { class: 'grow' }),
      element('span', { class: 'group', role: 'group', 'aria-label': 'Rows of the table' }, ...toggles),
      copy,
    ),
    scroller,
  );

  const draw = (): void => {
    if (view === null) return;
    const { pair, selection } = view;
    const { first, end } = visibleWindow(scroller.scrollTop, scroller.clientHeight, rows.length);
    const held = document.activeElement;
    const hadFocus = held instanceof HTMLElement && body.contains(held);
    const made = rows.slice(first, end).map((row, offset) => {
      const index = first + offset;
      const line = element(
        'div',
        {
          role: 'row',
          class: 'row',
          'data-index': index,
          'aria-rowindex': index + 2,
          'aria-selected': String(sameSelection(row.selection, selection)),
          tabindex: index === focus ? 0 : -1,
        },
        element('span', { role: 'rowheader', class: 'cell name', title: row.name }, row.name),
        ...overlapColumns.map(({ text }) =>
          element('span', { role: 'gridcell', class: 'cell number' }, text(row, pair)),
        ),
      );
      setVariable(line, '--index', String(index));
      return line;
    });
    replaceChildren(body, ...made);
    if (hadFocus) made[focus - first]?.focus({ preventScroll: true });
  };
  const moveTo = (index: number): void => {
    focus = Math.max(0, Math.min(rows.length - 1, index));
    scroller.scrollTop = scrollToRow(focus, scroller.scrollTop, scroller.clientHeight - head.offsetHeight);
    draw();
    body.querySelector<HTMLElement>(`[data-index="${focus}"]`)?.focus({ preventScroll: true });
  };
  const select = (index: number): void => {
    const row = rows[index];
    if (row !== undefined) look({ selection: row.selection });
  };
  body.addEventListener('click', (event) => {
    const line = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    if (line === null) return;
    moveTo(Number(line.getAttribute('data-index')));
    select(focus);
  });
  body.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.floor(scroller.clientHeight / rowHeight) - 2);
    const to: Record<string, number> = {
      ArrowDown: focus + 1,
      ArrowUp: focus - 1,
      PageDown: focus + page,
      PageUp: focus - page,
      Home: 0,
      End: rows.length - 1,
    };
    const index = to[event.key];
    if (index !== undefined) moveTo(index);
    else if (event.key === 'Enter' || event.key === ' ') select(focus);
    else return;
    event.preventDefault();
  });
  scroller.addEventListener('scroll', draw, { passive: true });
  new ResizeObserver(draw).observe(scroller);

  return {
    root,
    update(state, previous) {
      report = state.document?.report ?? null;
      ({ view } = state);
      const overlap = report?.overlap.value ?? null;
      show(root, overlap !== null);
      if (overlap === null) return;
      const { grouping } = view;
      if (state.document !== previous?.document || grouping !== previous.view.grouping) {
        rows = overlapRows(overlap, grouping);
        focus = 0;
        setVariable(body, '--rows', String(rows.length));
        grid.setAttribute('aria-rowcount', String(rows.length + 1));
        const word = { layers: 'Layer', modules: 'Module', tensors: 'Tensor' }[grouping];
        setText(name, word);
        setText(count, `${rows.length} rows`);
        toggles.forEach((toggle, at) => {
          toggle.setAttribute('aria-pressed', String(groupings[at]?.[0] === grouping));
        });
        scroller.scrollTop = 0;
      }
      draw();
    },
  };
}
