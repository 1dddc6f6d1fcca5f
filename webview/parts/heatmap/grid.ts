// A grid of cells that arrow keys walk and Enter or a click selects. What a cell looks like and says is its owner's.
import { element, replaceChildren, setVariable } from '../dom/dom.ts';
import type { HeatLine } from './lines.ts';

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

/** From so many columns on cells are narrower than their numbers, of which every fifth is written. */
const dense = 48;

/** The cells' elements by row and column; null for a hole. */
export type GridCells = readonly (readonly (HTMLElement | null)[])[];

export class HeatGrid {
  readonly root: HTMLElement;
  private readonly wishes: GridWishes;
  private cells: GridCells = [];
  private focus: Place = [0, 0];

  constructor(wishes: GridWishes) {
    this.wishes = wishes;
    this.root = element('div', { class: 'heat-grid', role: 'grid', 'aria-label': wishes.label });
    this.root.addEventListener('click', (event) => {
      const at = placeOf(event);
      if (at === null) return;
      this.moveTo(at);
      wishes.onSelect(at);
    });
    this.root.addEventListener('keydown', (event) => {
      if (this.press(event.key)) event.preventDefault();
    });
    const visit = (event: Event): void => {
      const at = placeOf(event);
      if (at !== null) wishes.onVisit(at);
    };
    this.root.addEventListener('pointerover', visit);
    this.root.addEventListener('focusin', visit);
  }

  /** Makes the cells' elements anew, for lines or holes that differ. The last row and column are margins. */
  build(lines: GridLines): GridCells {
    const { columns, rows } = lines;
    this.cells = cellsOf(lines);
    const drawn = rows.map(({ label }, at) =>
      element(
        'div',
        { role: 'row', class: `heat-row${isMargin(at, rows) ? ' margin' : ''}` },
        element('span', { role: 'rowheader', class: 'heat-label' }, label),
        ...(this.cells[at] ?? []).map(
          (cell) => cell ?? element('span', { role: 'gridcell', class: 'heat-none', 'aria-label': 'none' }),
        ),
      ),
    );
    replaceChildren(this.root, stacksAbove(columns), columnHeads(columns, this.wishes.corner), ...drawn);
    setVariable(this.root, '--columns', String(columns.length));
    this.root.classList.toggle('dense', columns.length > dense);
    this.focus = this.firstCell();
    // The one cell that Tab reaches.
    this.at(this.focus)?.setAttribute('tabindex', '0');
    return this.cells;
  }

  private at([row, column]: Place): HTMLElement | null {
    return this.cells[row]?.[column] ?? null;
  }

  private firstCell(): Place {
    for (const [at, row] of this.cells.entries()) {
      const column = row.findIndex((cell) => cell !== null);
      if (column !== -1) return [at, column];
    }
    return [0, 0];
  }

  private moveTo(at: Place): void {
    const target = this.at(at);
    if (target === null) return;
    this.at(this.focus)?.setAttribute('tabindex', '-1');
    this.focus = at;
    target.setAttribute('tabindex', '0');
    target.focus();
  }

  /** To the next cell that exists in a direction; holes are stepped over. */
  private step([down, right]: Place): void {
    let [at, column] = this.focus;
    do {
      at += down;
      column += right;
    } while (this.cells[at]?.[column] === null);
    this.moveTo([at, column]);
  }

  /** True when the key meant something. */
  private press(key: string): boolean {
    const [at] = this.focus;
    const row = this.cells[at] ?? [];
    const step = steps[key];
    if (step !== undefined) this.step(step);
    else if (key === 'Home') this.moveTo([at, row.findIndex((cell) => cell !== null)]);
    else if (key === 'End') this.moveTo([at, row.findLastIndex((cell) => cell !== null)]);
    else if (key === 'Enter' || key === ' ') this.wishes.onSelect(this.focus);
    else return false;
    return true;
  }
}

/** Down and right. */
const steps: Record<string, Place> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

function placeOf({ target }: Event): Place | null {
  const cell = target instanceof HTMLElement ? target.closest('[data-at]') : null;
  const [at, column] = (cell?.getAttribute('data-at') ?? '').split(' ').map(Number);
  return at === undefined || column === undefined ? null : [at, column];
}

function cellsOf({ columns, rows, exists }: GridLines): GridCells {
  return rows.map((_, at) =>
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
}

function columnHeads(columns: readonly HeatLine[], corner: string): HTMLElement {
  const heads = columns.map(({ key, label }, index) =>
    element(
      'span',
      {
        role: 'columnheader',
        class: `heat-column${isMargin(index, columns) ? ' margin' : ''}`,
        'aria-label': key,
      },
      columns.length > dense && Number(label) % 5 > 0 ? '' : label,
    ),
  );
  return element(
    'div',
    { role: 'row', class: 'heat-row' },
    element(
      'span',
      { role: 'columnheader', class: 'heat-corner' },
      element('span', { class: 'hidden-text' }, corner),
    ),
    ...heads,
  );
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

function isMargin(index: number, all: readonly unknown[]): boolean {
  return index === all.length - 1;
}
