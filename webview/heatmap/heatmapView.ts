// Draws the heat map as a grid of cells that arrow keys walk and Enter or a click selects.
import { gateNames } from '../../src/shared/options.ts';
import type { GateStanding } from '../../src/shared/verdicts.ts';
import { gateTitles } from '../metrics/gates.ts';
import { metricDefinitions } from '../metrics/catalog.ts';
import { sameSelection, type HeatMetric, type Selection } from '../state/state.ts';
import { dropdown, type Choice } from '../toolkit.ts';
import { inkOn, type Color } from '../view/color.ts';
import { element, replaceChildren, setAttributes, setText, setVariable, show } from '../view/dom.ts';
import type { Section, Tools } from '../view/section.ts';
import { css, type Theme } from '../view/theme.ts';
import { cellLabel, legend, legendKeyOf, stateGlyphs } from './legend.ts';
import { changedCells, rampSteps, type CellLook } from './look.ts';
import { heatMap, type HeatMap } from './model.ts';

const choices: Choice<HeatMetric>[] = [
  ...metricDefinitions.map(({ id, label, unit }) => ({ value: id, label: `${label} (${unit})` })),
  ...gateNames.map((gate) => ({
    value: gate,
    label: `Verdict ${gateTitles[gate].numeral} · ${gateTitles[gate].title}`,
  })),
];

export function createHeatmap({ dispatch, theme }: Tools): Section {
  const grid = element('div', { class: 'heat-grid', role: 'grid', 'aria-label': 'Module kinds by layers' });
  const readout = element('p', { class: 'readout' });
  const key = element('div', { class: 'legend' });
  const chooser = dropdown('Colour by', choices, 'sparsityBf16', (metric) => {
    dispatch({ kind: 'heatMetric', metric });
  });
  const root = element(
    'section',
    { class: 'heat', 'aria-labelledby': 'heat-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'heat-title' }, 'Where in the model'),
      element('span', { class: 'grow' }),
      element('span', { class: 'control-label', 'aria-hidden': 'true' }, 'colour by'),
      chooser.root,
    ),
    element('div', { class: 'heat-scroll' }, grid),
    element('div', { class: 'heat-foot' }, key, readout),
  );

  let map: HeatMap | null = null;
  let cells: (HTMLElement | null)[][] = [];
  let focus: [number, number] = [0, 0];
  let selected: HTMLElement | null = null;
  let legendKey = '';

  const build = (next: HeatMap): void => {
    const head = element(
      'div',
      { role: 'row', class: 'heat-row' },
      element(
        'span',
        { role: 'columnheader', class: 'heat-corner' },
        element('span', { class: 'hidden-text' }, 'Module'),
      ),
      ...next.columns.map(({ key: title, label }, index) =>
        element(
          'span',
          {
            role: 'columnheader',
            class: `heat-column${isMargin(index, next.columns) ? ' margin' : ''}`,
            'aria-label': title,
          },
          label,
        ),
      ),
    );
    cells = next.cells.map((row, at) =>
      row.map((cell, column) =>
        cell === null
          ? null
          : element('span', {
              role: 'gridcell',
              class: `heat-cell${isMargin(column, next.columns) || isMargin(at, next.rows) ? ' margin' : ''}`,
              'data-at': `${at} ${column}`,
              'aria-selected': 'false',
              tabindex: -1,
            }),
      ),
    );
    replaceChildren(
      grid,
      head,
      ...next.rows.map(({ label }, at) =>
        element(
          'div',
          { role: 'row', class: `heat-row${isMargin(at, next.rows) ? ' margin' : ''}` },
          element('span', { role: 'rowheader', class: 'heat-label' }, label),
          ...(cells[at] ?? []).map(
            (cell) => cell ?? element('span', { role: 'gridcell', class: 'heat-none', 'aria-label': 'none' }),
          ),
        ),
      ),
    );
    setVariable(grid, '--columns', String(next.columns.length));
    focus = firstCell();
    cells[focus[0]]?.[focus[1]]?.setAttribute('tabindex', '0');
    selected = null;
  };

  const firstCell = (): [number, number] => {
    for (const [at, row] of cells.entries()) {
      const column = row.findIndex((cell) => cell !== null);
      if (column !== -1) return [at, column];
    }
    return [0, 0];
  };

  const paint = (next: HeatMap, previous: HeatMap | null): void => {
    const colors = theme();
    for (const { at, column, cell, look } of changedCells(previous, next)) {
      const target = cells[at]?.[column];
      if (target === null || target === undefined) continue;
      paintCell(target, look, colors);
      setAttributes(target, {
        'data-state': look.kind === 'unresolved' ? look.kind : cell.state,
        'aria-label': cellLabel(next, at, column),
      });
    }
    const nextKey = legendKeyOf(next);
    if (nextKey !== legendKey || previous === null) replaceChildren(key, ...legend(next, colors));
    legendKey = nextKey;
  };

  const markSelected = (next: HeatMap, selection: Selection): void => {
    let found: HTMLElement | null = null;
    for (const [at, row] of next.cells.entries()) {
      const column = row.findIndex((cell) => cell !== null && sameSelection(cell.selection, selection));
      if (column !== -1) found = cells[at]?.[column] ?? null;
    }
    if (found === selected) return;
    selected?.setAttribute('aria-selected', 'false');
    found?.setAttribute('aria-selected', 'true');
    selected = found;
  };

  const cellAt = (event: Event): [number, number] | null => {
    const target = event.target instanceof HTMLElement ? event.target.closest('[data-at]') : null;
    const [at, column] = (target?.getAttribute('data-at') ?? '').split(' ').map(Number);
    return at === undefined || column === undefined ? null : [at, column];
  };
  const select = (at: [number, number]): void => {
    const cell = map?.cells[at[0]]?.[at[1]] ?? null;
    if (cell !== null) dispatch({ kind: 'select', selection: cell.selection });
  };
  const moveTo = (at: [number, number]): void => {
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

  grid.addEventListener('click', (event) => {
    const at = cellAt(event);
    if (at === null) return;
    moveTo(at);
    select(at);
  });
  grid.addEventListener('keydown', (event) => {
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
        select(focus);
      },
      ' ': () => {
        select(focus);
      },
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  });
  const readOut = (event: Event): void => {
    const at = cellAt(event);
    if (at !== null && map !== null) setText(readout, cellLabel(map, at[0], at[1]));
  };
  grid.addEventListener('pointerover', readOut);
  grid.addEventListener('focusin', readOut);

  return {
    root,
    update(state, previous) {
      const report = state.document?.report ?? null;
      show(root, report !== null);
      if (report === null) return;
      const { view } = state;
      const before = previous?.document?.report ?? null;
      const same =
        before !== null &&
        report.tensors === before.tensors &&
        report.layers === before.layers &&
        report.summary === before.summary &&
        view.heatMetric === previous?.view.heatMetric &&
        view.selection === previous.view.selection;
      if (same) return;
      const drawn = map;
      map = heatMap(report, view.heatMetric, drawn);
      chooser.set(view.heatMetric);
      const isNew = map.columns !== drawn?.columns;
      if (isNew) build(map);
      paint(map, isNew ? null : drawn);
      markSelected(map, view.selection);
    },
    themeChanged() {
      if (map !== null) paint(map, null);
    },
  };
}

function isMargin(index: number, all: readonly unknown[]): boolean {
  return index === all.length - 1;
}

const glyphs: Record<GateStanding, string> = { holds: '✓', middle: '~', broken: '✕', unknown: '?' };

function paintCell(target: HTMLElement, look: CellLook, theme: Theme): void {
  let color: Color | null = null;
  let text = '';
  if (look.kind === 'step') color = theme.ramp(look.step / (rampSteps - 1));
  else if (look.kind === 'standing') {
    color = standingColor(theme, look.standing);
    text = glyphs[look.standing];
  } else text = stateGlyphs[look.kind];
  target.style.backgroundColor = color === null ? '' : css(color);
  target.style.color = color === null ? '' : css(inkOn(color));
  setText(target, text);
}

/** The standings' colours, spread in lightness so that they stay apart without hue. */
export function standingColor(theme: Theme, standing: GateStanding): Color {
  return { holds: theme.green, middle: theme.yellow, broken: theme.red, unknown: theme.grid }[standing];
}
