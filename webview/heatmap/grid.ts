// A grid of cells that arrow keys walk and Enter or a click selects. What a cell looks like and says is its owner's.
import { element, replaceChildren, setVariable } from '../view/dom.ts';
import type { HeatLine } from './model.ts';

/** Row and column. */
type Place = readonly [number, number];

interface GridLines {
  columns: readonly HeatLine[];
  rows: readonly HeatLine[];
  /** exists[row][column]; false leaves a hole. */
  exists: readonly (readonly boolean[])[];
}

interface GridWishes {
  label: string;
  /** What the row labels are, for screen readers. */
  corner: string;
  onSelect: (at: Place) => void;
  /** The pointer or the focus came to a cell. */
  onVisit: (at: Place) => void;
}

interface HeatGrid {
  root: HTMLElement;
  /** Makes the cells' elements anew, for lines or holes that differ. The last row and column are margins. */
  build(lines: GridLines): readonly (readonly (HTMLElement | null)[])[];
}

/** The names of the stacks over their columns; null where the model is one stack. */
function stacksAbove(columns: readonly HeatLine[]): HTMLElement | null {
  const runs: { stack: string; length: number }[] = [];
  for (const { stack } of columns) {
    const last = runs[runs.length - 1];
    if (last?.stack === (stack ?? '')) last.length += 1;
    else runs.push({ stack: stack ?? '', length: 1 });
  }
  if (runs.every(({ stack }) => stack === '')) return null;
  const spans = runs.map(({ stack, length }) => {
    const span = element('span', { class: `heat-stack${stack === '' ? ' none' : ''}`, title: stack }, stack);
    setVariable(span, '--span', String(length));
    return span;
  });
  // Each column's own name says its stack too.
  return element('div', { class: 'heat-row', 'aria-hidden': 'true' }, element('span'), ...spans);
}

export function createHeatGrid({ label, corner, onSelect, onVisit }: GridWishes): HeatGrid {
  const root = element('div', { class: 'heat-grid', role: 'grid', 'aria-label': label });
  let cells: (HTMLElement | null)[][] = [];
  let focus: Place = [0, 0];

  const build = ({ columns, rows, exists }: GridLines): void => {
    const head = element(
      'div',
      { role: 'row', class: 'heat-row' },
      element(
        'span',
        { role: 'columnheader', class: 'heat-corner' },
        element('span', { class: 'hidden-text' }, corner),
      ),
      ...columns.map(({ key, label: text }, index) =>
        element(
          'span',
          {
            role: 'columnheader',
            class: `heat-column${isMargin(index, columns) ? ' margin' : ''}`,
            'aria-label': key,
          },
          text,
        ),
      ),
    );
    cells = rows.map((_, at) =>
      columns.map((__, column) =>
        exists[at]?.[column] === true
          ? element('span', {
              role: 'gridcell',
              class: `heat-cell${isMargin(column, columns) || isMargin(at, rows) ? ' margin' : ''}`,
              'data-at': `${at} ${column}`,
              'aria-selected': 'false',
              tabindex: -1,
            })
          : null,
      ),
    );
    const lines = rows.map(({ label: text }, at) =>
      element(
        'div',
        { role: 'row', class: `heat-row${isMargin(at, rows) ? ' margin' : ''}` },
        element('span', { role: 'rowheader', class: 'heat-label' }, text),
        ...(cells[at] ?? []).map(
          (cell) => cell ?? element('span', { role: 'gridcell', class: 'heat-none', 'aria-label': 'none' }),
        ),
      ),
    );
    replaceChildren(root, stacksAbove(columns), head, ...lines);
    setVariable(root, '--columns', String(columns.length));
    focus = firstCell();
    // The one cell that Tab reaches.
    cells[focus[0]]?.[focus[1]]?.setAttribute('tabindex', '0');
  };

  const firstCell = (): Place => {
    for (const [at, row] of cells.entries()) {
      const column = row.findIndex((cell) => cell !== null);
      if (column !== -1) return [at, column];
    }
    return [0, 0];
  };
  const cellAt = (event: Event): Place | null => {
    const target = event.target instanceof HTMLElement ? event.target.closest('[data-at]') : null;
    const [at, column] = (target?.getAttribute('data-at') ?? '').split(' ').map(Number);
    return at === undefined || column === undefined ? null : [at, column];
  };
  const moveTo = (at: Place): void => {
    const target = cells[at[0]]?.[at[1]] ?? null;
    if (target === null) return;
    cells[focus[0]]?.[focus[1]]?.setAttribute('tabindex', '-1');
    focus = at;
    target.setAttribute('tabindex', '0');
    target.focus();
  };
  /** The next cell that exists in a direction; holes are stepped over. */
  const step = (down: number, right: number): void => {
    let [at, column] = focus;
    for (;;) {
      at += down;
      column += right;
      if (cells[at]?.[column] === undefined) return;
      if (cells[at]?.[column] !== null) {
        moveTo([at, column]);
        return;
      }
    }
  };
  const ends = (last: boolean): void => {
    const row = cells[focus[0]] ?? [];
    const column = last ? row.findLastIndex((cell) => cell !== null) : row.findIndex((cell) => cell !== null);
    moveTo([focus[0], column]);
  };

  root.addEventListener('click', (event) => {
    const at = cellAt(event);
    if (at === null) return;
    moveTo(at);
    onSelect(at);
  });
  root.addEventListener('keydown', (event) => {
    const moves: Record<string, () => void> = {
      ArrowDown: () => {
        step(1, 0);
      },
      ArrowUp: () => {
        step(-1, 0);
      },
      ArrowRight: () => {
        step(0, 1);
      },
      ArrowLeft: () => {
        step(0, -1);
      },
      Home: () => {
        ends(false);
      },
      End: () => {
        ends(true);
      },
      Enter: () => {
        onSelect(focus);
      },
      ' ': () => {
        onSelect(focus);
      },
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  });
  const visit = (event: Event): void => {
    const at = cellAt(event);
    if (at !== null) onVisit(at);
  };
  root.addEventListener('pointerover', visit);
  root.addEventListener('focusin', visit);

  return {
    root,
    build(lines) {
      build(lines);
      return cells;
    },
  };
}

function isMargin(index: number, all: readonly unknown[]): boolean {
  return index === all.length - 1;
}
