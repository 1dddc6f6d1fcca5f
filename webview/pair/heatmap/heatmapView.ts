// Draws the heat map as a grid of cells that arrow keys walk and Enter or a click selects.
import { gateNames } from '../../../src/shared/options/options.ts';
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import type { GateStanding } from '../../../src/shared/report/verdicts.ts';
import { gateTitles } from '../../parts/model/gates.ts';
import { beyondGlyphs } from '../metrics/beside.ts';
import { beyondDefinitions, metricDefinitions } from '../metrics/catalog.ts';
import { sameSelection, type Selection } from '../../parts/model/selection.ts';
import type { HeatMetric, PanelState, View } from '../state/state.ts';
import { dropdown, type Choice, type Dropdown } from '../../parts/dom/toolkit.ts';
import { inkOn, type Color } from '../../parts/theme/color.ts';
import { replaceChildren, setAttributes, setText, show } from '../../parts/dom/dom.ts';
import type { Section, Tools } from '../section.ts';
import { css, type Theme } from '../../parts/theme/theme.ts';
import { HeatGrid, type GridCells } from '../../parts/heatmap/grid.ts';
import { heatSection, type HeatSection } from '../../parts/heatmap/section.ts';
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

export function createHeatmap(tools: Tools): Section {
  return new HeatmapView(tools);
}

class HeatmapView implements Section {
  readonly root: HTMLElement;
  private readonly theme: () => Theme;
  private map: HeatMap | null = null;
  private cells: GridCells = [];
  private selected: HTMLElement | null = null;
  private legendKey = '';
  private readonly grid: HeatGrid;
  private readonly parts: HeatSection;
  private readonly chooser: Dropdown<HeatMetric>;

  constructor({ dispatch, theme }: Tools) {
    this.theme = theme;
    this.grid = new HeatGrid({
      label: 'Module kinds by layers',
      corner: 'Module',
      onSelect: ([at, column]) => {
        const cell = this.map?.cells[at]?.[column] ?? null;
        if (cell !== null) dispatch({ kind: 'select', selection: cell.selection });
      },
      onVisit: ([at, column]) => {
        if (this.map !== null) setText(this.parts.readout, cellLabel(this.map, at, column));
      },
    });
    this.chooser = dropdown('Colour by', choices, 'sparsityBf16', (metric) => {
      dispatch({ kind: 'heatMetric', metric });
    });
    this.parts = heatSection(this.grid, this.chooser.root);
    ({ root: this.root } = this.parts);
  }

  update(state: PanelState, previous: PanelState | null): void {
    const report = state.document?.report ?? null;
    show(this.root, report !== null);
    if (report === null || !needsMap(report, state.view, previous)) return;
    const { heatMetric, selection } = state.view;
    const drawn = this.map;
    const map = heatMap(report, heatMetric, drawn);
    this.map = map;
    this.chooser.set(heatMetric);
    const isNew = map.columns !== drawn?.columns;
    if (isNew) this.build(map);
    this.paint(map, isNew ? null : drawn);
    this.markSelected(map, selection);
  }

  themeChanged(): void {
    if (this.map !== null) this.paint(this.map, null);
  }

  private build({ columns, rows, cells }: HeatMap): void {
    this.cells = this.grid.build({
      columns,
      rows,
      exists: cells.map((row) => row.map((cell) => cell !== null)),
    });
    this.selected = null;
  }

  private paint(next: HeatMap, previous: HeatMap | null): void {
    const colors = this.theme();
    for (const { at, column, cell, look } of changedCells(previous, next)) {
      const target = this.cells[at]?.[column];
      if (target === null || target === undefined) continue;
      paintCell(target, look, colors, next.scale?.around === undefined ? colors.ramp : colors.diverging);
      setAttributes(target, {
        'data-state': look.kind === 'unresolved' ? look.kind : cell.state,
        'aria-label': cellLabel(next, at, column),
      });
    }
    const nextKey = legendKeyOf(next);
    if (nextKey !== this.legendKey || previous === null)
      replaceChildren(this.parts.key, ...legend(next, colors));
    this.legendKey = nextKey;
  }

  private markSelected(next: HeatMap, selection: Selection): void {
    let found: HTMLElement | null = null;
    for (const [at, row] of next.cells.entries()) {
      const column = row.findIndex((cell) => cell !== null && sameSelection(cell.selection, selection));
      if (column !== -1) found = this.cells[at]?.[column] ?? null;
    }
    if (found === this.selected) return;
    this.selected?.setAttribute('aria-selected', 'false');
    found?.setAttribute('aria-selected', 'true');
    this.selected = found;
  }
}

function needsMap(report: PanelReport, view: View, previous: PanelState | null): boolean {
  const before = previous?.document?.report;
  return (
    report.tensors !== before?.tensors ||
    report.layers !== before.layers ||
    report.summary !== before.summary ||
    view.heatMetric !== previous?.view.heatMetric ||
    view.selection !== previous.view.selection
  );
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
