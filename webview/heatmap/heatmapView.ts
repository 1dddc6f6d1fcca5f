// Draws the heat map as a grid of cells that arrow keys walk and Enter or a click selects.
import { gateNames } from '../../src/shared/options.ts';
import type { GateStanding } from '../../src/shared/report/verdicts.ts';
import { gateTitles } from '../metrics/gates.ts';
import { beyondGlyphs } from '../metrics/beside.ts';
import { beyondDefinitions, metricDefinitions } from '../metrics/catalog.ts';
import { sameSelection, type HeatMetric, type Selection } from '../state/state.ts';
import { dropdown, type Choice } from '../toolkit.ts';
import { inkOn, type Color } from '../view/color.ts';
import { element, replaceChildren, setAttributes, setText, show } from '../view/dom.ts';
import type { Section, Tools } from '../view/section.ts';
import { css, type Theme } from '../view/theme.ts';
import { createHeatGrid } from './grid.ts';
import { cellLabel, legend, legendKeyOf, stateGlyphs } from './legend.ts';
import { changedCells, rampSteps, type CellLook } from './look.ts';
import { heatMap, type HeatMap } from './model.ts';

const choices: Choice<HeatMetric>[] = [
  ...[...metricDefinitions, ...beyondDefinitions].map(({ id, label, unit }) => ({
    value: id,
    label: `${label} (${unit})`,
  })),
  ...gateNames.map((gate) => ({
    value: gate,
    label: `Verdict ${gateTitles[gate].numeral} · ${gateTitles[gate].title}`,
  })),
];

export function createHeatmap({ dispatch, theme }: Tools): Section {
  let map: HeatMap | null = null;
  let cells: readonly (readonly (HTMLElement | null)[])[] = [];
  let selected: HTMLElement | null = null;
  let legendKey = '';
  const grid = createHeatGrid({
    label: 'Module kinds by layers',
    corner: 'Module',
    onSelect: ([at, column]) => {
      const cell = map?.cells[at]?.[column] ?? null;
      if (cell !== null) dispatch({ kind: 'select', selection: cell.selection });
    },
    onVisit: ([at, column]) => {
      if (map !== null) setText(readout, cellLabel(map, at, column));
    },
  });
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
    element('div', { class: 'heat-scroll' }, grid.root),
    element('div', { class: 'heat-foot' }, key, readout),
  );

  const build = ({ columns, rows, cells: all }: HeatMap): void => {
    cells = grid.build({ columns, rows, exists: all.map((row) => row.map((cell) => cell !== null)) });
    selected = null;
  };

  const paint = (next: HeatMap, previous: HeatMap | null): void => {
    const colors = theme();
    for (const { at, column, cell, look } of changedCells(previous, next)) {
      const target = cells[at]?.[column];
      if (target === null || target === undefined) continue;
      paintCell(target, look, colors, next.scale?.around === undefined ? colors.ramp : colors.diverging);
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

const glyphs: Record<GateStanding, string> = { holds: '✓', middle: '~', broken: '✕', unknown: '?' };

function paintCell(target: HTMLElement, look: CellLook, theme: Theme, ramp: Theme['ramp']): void {
  let color: Color | null = null;
  let text = '';
  if (look.kind === 'step') {
    color = ramp(look.step / (rampSteps - 1));
    text = look.beyond === null ? '' : beyondGlyphs[look.beyond];
  } else if (look.kind === 'standing') {
    color = standingColor(theme, look.standing);
    text = glyphs[look.standing];
  } else text = stateGlyphs[look.kind];
  target.style.backgroundColor = color === null ? '' : css(color);
  target.style.color = color === null ? '' : css(inkOn(color));
  setText(target, text);
}

/** The standings' colours, spread in lightness so that they stay apart without hue. */
function standingColor(theme: Theme, standing: GateStanding): Color {
  return { holds: theme.green, middle: theme.yellow, broken: theme.red, unknown: theme.grid }[standing];
}
