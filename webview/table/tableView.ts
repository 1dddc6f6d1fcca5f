// The layer and tensor table: a tree grid of which only the rows in view exist. Arrow keys walk and open, Enter
// selects; the header sorts; what is listed can be copied.
import { layerKey } from '../../src/shared/report/layers.ts';
import type { PanelReport } from '../../src/shared/protocol/panelReport.ts';
import { tableRows, tensorKey, layerRowKey, type Row } from '../state/rows.ts';
import type { PanelState, Selection, View } from '../state/state.ts';
import { element, replaceChildren, setAttributes, setVariable, show } from '../view/dom.ts';
import type { Section, Tools } from '../view/section.ts';
import { createTableHead } from './head.ts';
import { createToolbar } from './toolbar.ts';
import { columns } from './columns.ts';
import { createRow, type RowElement } from './rowElement.ts';
import { rowsTsv } from './tsv.ts';
import { rowHeight, scrollToRow, visibleWindow } from './virtual.ts';

export function createTable(tools: Tools): Section {
  const { dispatch, host, announce } = tools;
  let rows: Row[] = [];
  let focusKey = '';
  let selectedKey = '';
  const drawn = new Map<string, RowElement>();

  const copyAll = async (): Promise<void> => {
    if (await host.copy(rowsTsv(rows))) announce(`Copied ${rows.length} rows.`);
  };
  const toolbar = createToolbar(tools, () => {
    void copyAll();
  });
  const head = createTableHead(dispatch);
  const body = element('div', { class: 'table-body', role: 'rowgroup' });
  const empty = element('p', { class: 'table-empty', hidden: true }, 'No tensor matches this filter.');
  const grid = element(
    'div',
    { class: 'table', role: 'treegrid', 'aria-label': 'Layers and tensors', 'aria-colcount': columns.length },
    head.root,
    body,
  );
  const scroller = element('div', { class: 'table-scroll' }, grid);
  const root = element(
    'section',
    { class: 'layers', 'aria-labelledby': 'table-title' },
    toolbar.root,
    scroller,
    empty,
  );

  // Read when they change, not when rows are drawn: asking for them then would lay the page out in between.
  let height = 0;
  let scrollTop = 0;
  const measure = (): void => {
    height = scroller.clientHeight - head.root.offsetHeight;
    scrollTop = scroller.scrollTop;
  };
  const scrollTo = (top: number): void => {
    if (top === scrollTop) return;
    scroller.scrollTop = top;
    // The end of the list may hold it back.
    ({ scrollTop } = scroller);
  };

  const draw = (): void => {
    const { first, end } = visibleWindow(scrollTop, height, rows.length);
    const focused = document.activeElement;
    const wanted = new Set(rows.slice(first, end).map(({ key }) => key));
    const free: RowElement[] = [];
    for (const [key, made] of drawn) {
      // The row that holds the keyboard focus stays, or the focus would fall to the page.
      if (wanted.has(key) || made.root === focused) continue;
      free.push(made);
      drawn.delete(key);
    }
    const shown: HTMLElement[] = [];
    for (let index = first; index < end; index += 1) {
      const row = rows[index];
      if (row === undefined) continue;
      const made = drawn.get(row.key) ?? free.pop() ?? createRow();
      drawn.set(row.key, made);
      made.update(row, index, { selected: row.key === selectedKey, focusable: row.key === focusKey });
      shown.push(made.root);
    }
    for (const { root: unused } of free) unused.remove();
    inOrder(body, shown);
    // An element that was moved has lost the focus.
    if (focused instanceof HTMLElement && focused !== document.activeElement && body.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  };

  const rowOf = (event: Event): number => {
    const target = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    return target === null ? -1 : Number(target.getAttribute('data-index'));
  };
  const focusRow = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row === undefined) return;
    const at = rows.indexOf(row);
    focusKey = row.key;
    scrollTo(scrollToRow(at, scrollTop, height));
    draw();
    drawn.get(row.key)?.root.focus({ preventScroll: true });
  };
  const select = (row: Row): void => {
    dispatch({ kind: 'select', selection: selectionOf(row) });
  };
  const toggle = (row: Row, open: boolean): void => {
    if (row.kind === 'layer') dispatch({ kind: 'toggle', layer: layerKey(row.layer), open });
  };

  body.addEventListener('click', (event) => {
    const index = rowOf(event);
    const row = rows[index];
    if (row === undefined) return;
    focusKey = row.key;
    const onChevron = event.target instanceof Element && event.target.closest('.chevron') !== null;
    if (row.kind === 'layer' && onChevron) toggle(row, !row.open);
    else select(row);
  });
  body.addEventListener('dblclick', (event) => {
    const row = rows[rowOf(event)];
    if (row?.kind === 'layer') toggle(row, !row.open);
  });
  body.addEventListener('keydown', (event) => {
    const index = rowOf(event);
    const row = rows[index];
    if (row === undefined) return;
    const page = Math.max(1, Math.floor(scroller.clientHeight / rowHeight) - 2);
    const parent = (): number => rows.findLastIndex((each, at) => at < index && each.level < row.level);
    const keys: Record<string, () => void> = {
      ArrowDown: () => {
        focusRow(index + 1);
      },
      ArrowUp: () => {
        focusRow(index - 1);
      },
      PageDown: () => {
        focusRow(index + page);
      },
      PageUp: () => {
        focusRow(index - page);
      },
      Home: () => {
        focusRow(0);
      },
      End: () => {
        focusRow(rows.length - 1);
      },
      ArrowRight: () => {
        if (row.kind === 'layer' && !row.open) toggle(row, true);
        else if (row.kind === 'layer') focusRow(index + 1);
      },
      ArrowLeft: () => {
        if (row.kind === 'layer' && row.open) toggle(row, false);
        else if (parent() !== -1) focusRow(parent());
      },
      Enter: () => {
        select(row);
      },
      ' ': () => {
        select(row);
      },
    };
    const copies = event.key === 'c' && (event.ctrlKey || event.metaKey);
    if (copies) void host.copy(rowsTsv([row]));
    const act = keys[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  body.addEventListener('focusin', (event) => {
    const row = rows[rowOf(event)];
    if (row !== undefined) focusKey = row.key;
  });
  scroller.addEventListener(
    'scroll',
    () => {
      ({ scrollTop } = scroller);
      dispatch({ kind: 'scroll', table: scrollTop });
      draw();
    },
    { passive: true },
  );
  new ResizeObserver(() => {
    measure();
    draw();
  }).observe(scroller);

  let restored = false;
  const refresh = (report: PanelReport, view: View): void => {
    rows = tableRows(report, view);
    selectedKey = keyOf(view.selection);
    if (!rows.some(({ key }) => key === focusKey)) {
      focusKey = rows.find(({ key }) => key === selectedKey)?.key ?? rows[0]?.key ?? '';
    }
    setVariable(body, '--rows', String(rows.length));
    setAttributes(grid, { 'aria-rowcount': rows.length + 1 });
    show(empty, rows.length === 0);
    show(scroller, rows.length > 0);
    if (!restored) measure();
    restored = true;
    scrollTo(view.tableScroll);
    draw();
  };

  return {
    root,
    update(state, previous) {
      const report = state.document?.report ?? null;
      show(root, report !== null);
      toolbar.update(state, previous);
      head.update(state.view, previous?.view ?? null);
      if (report === null) {
        drawn.clear();
        replaceChildren(body);
        return;
      }
      if (needsRows(state, previous)) refresh(report, state.view);
      if (state.view.selection !== previous?.view.selection) reveal(state.view.selection);
    },
  };

  /** Scrolls a selection that was made elsewhere into view, if it is listed. */
  function reveal(selection: Selection): void {
    const index = rows.findIndex(({ key }) => key === keyOf(selection));
    if (index === -1 || !restored) return;
    scrollTo(scrollToRow(index, scrollTop, height));
    draw();
  }
}

/** Elements stand in the order of the rows, which is the order in which they are read out; what is right stays untouched. */
function inOrder(body: HTMLElement, shown: readonly HTMLElement[]): void {
  const members = new Set<Element>(shown);
  let next = body.firstElementChild;
  for (const root of shown) {
    while (next !== null && !members.has(next)) next = next.nextElementSibling;
    if (root === next) next = next.nextElementSibling;
    else body.insertBefore(root, next);
  }
}

function needsRows(state: PanelState, previous: PanelState | null): boolean {
  if (previous === null) return true;
  const now = state.document?.report;
  const before = previous.document?.report;
  const { view } = state;
  return (
    now?.tensors !== before?.tensors ||
    now?.layers !== before?.layers ||
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
