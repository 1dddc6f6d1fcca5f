// Where in the model the runs agree: module kinds by layers, coloured by a number of the overlap.
import type { RunsOverlap, RunsReport } from '../../src/shared/report/runsReport.ts';
import { element, replaceChildren, setAttributes, setText, show } from '../parts/dom/dom.ts';
import { dropdown, type Dropdown } from '../parts/dom/toolkit.ts';
import { HeatGrid, type GridCells } from '../parts/heatmap/grid.ts';
import { rampKey } from '../parts/heatmap/rampKey.ts';
import { heatSection, type HeatSection } from '../parts/heatmap/section.ts';
import { positionOn } from '../parts/model/scale.ts';
import { sameSelection, type Selection } from '../parts/model/selection.ts';
import { inkOn } from '../parts/theme/color.ts';
import { css, type Theme } from '../parts/theme/theme.ts';
import { overlapCellLabel, overlapHeat, type OverlapCell, type OverlapHeat } from './overlapHeat.ts';
import type { OverlapMetric } from '../../src/shared/text/overlapMetrics.ts';
import { overlapMetric, overlapMetrics } from './overlapMetrics.ts';
import type { RunsSection, RunsTools } from './section.ts';
import type { RunsState, RunsView } from './state.ts';

export function createOverlapHeat(tools: RunsTools): RunsSection {
  return new OverlapHeatView(tools);
}

class OverlapHeatView implements RunsSection {
  readonly root: HTMLElement;
  private readonly theme: () => Theme;
  private map: OverlapHeat | null = null;
  private selection: Selection = { kind: 'model' };
  private drawn: GridCells = [];
  private shape = '';
  private readonly grid: HeatGrid;
  private readonly parts: HeatSection;
  private readonly chooser: Dropdown<OverlapMetric>;
  private readonly pairName = element('span', { class: 'dim' });

  constructor({ dispatch, theme }: RunsTools) {
    this.theme = theme;
    this.grid = new HeatGrid({
      label: 'Module kinds by layers',
      corner: 'Module',
      onSelect: ([at, column]) => {
        const cell = this.map?.cells[at]?.[column] ?? null;
        if (cell !== null) dispatch({ kind: 'look', change: { selection: cell.selection } });
      },
      onVisit: ([at, column]) => {
        if (this.map !== null) setText(this.parts.readout, overlapCellLabel(this.map, at, column));
      },
    });
    this.chooser = dropdown(
      'Colour by',
      overlapMetrics.map(({ id, label }) => ({ value: id, label })),
      'jaccard',
      (metric) => {
        dispatch({ kind: 'look', change: { metric } });
      },
    );
    this.parts = heatSection(this.grid, this.chooser.root, this.pairName);
    ({ root: this.root } = this.parts);
  }

  update({ document, view }: RunsState, previous: RunsState | null): void {
    const report = document?.report ?? null;
    const overlap = report?.overlap.value ?? null;
    show(this.root, overlap !== null);
    if (report === null || overlap === null) return;
    const before = document === previous?.document ? previous.view : null;
    if (before?.metric === view.metric && before.pair === view.pair && before.selection === view.selection)
      return;
    ({ selection: this.selection } = view);
    this.chooser.set(view.metric);
    setText(this.pairName, aboutText(report, overlap, view));
    this.map = overlapHeat(overlap, view.metric, view.pair);
    this.paint(this.map);
  }

  themeChanged(): void {
    if (this.map !== null) this.paint(this.map);
  }

  private paint(map: OverlapHeat): void {
    const { columns, rows, cells } = map;
    const lines = { columns, rows, exists: cells.map((row) => row.map((cell) => cell !== null)) };
    const shape = JSON.stringify(lines);
    if (shape !== this.shape) this.drawn = this.grid.build(lines);
    this.shape = shape;
    cells.forEach((row, at) => {
      row.forEach((cell, column) => {
        const target = this.drawn[at]?.[column] ?? null;
        if (cell === null || target === null) return;
        this.paintCell(target, cell, map);
        setAttributes(target, { 'aria-label': overlapCellLabel(map, at, column) });
      });
    });
    replaceChildren(this.parts.key, ...legendOf(map, this.theme()));
    setText(this.parts.readout, overlapMetric(map.metric).definition);
  }

  private paintCell(target: HTMLElement, { value, selection }: OverlapCell, { scale }: OverlapHeat): void {
    const color = value === null || scale === null ? null : this.theme().ramp(positionOn(scale, value));
    target.style.backgroundColor = color === null ? '' : css(color);
    target.style.color = color === null ? '' : css(inkOn(color));
    setText(target, value === null ? '–' : '');
    setAttributes(target, {
      'data-state': value === null ? 'unmeasured' : 'measured',
      'aria-selected': String(sameSelection(selection, this.selection)),
    });
  }
}

/** Which runs the colours are about. */
function aboutText({ runs }: RunsReport, { whole }: RunsOverlap, view: RunsView): string {
  if (!overlapMetric(view.metric).ofPair) return `all ${runs.length} runs`;
  const pair = whole.pairs[view.pair];
  return pair === undefined ? '' : [runs[pair.a]?.label ?? '', runs[pair.b]?.label ?? ''].join(' ∩ ');
}

function legendOf({ scale, metric }: OverlapHeat, theme: Theme): HTMLElement[] {
  if (scale === null) return [];
  const { format, label } = overlapMetric(metric);
  return [
    element('span', { class: 'number' }, format(scale.min)),
    rampKey(theme.ramp),
    element('span', { class: 'number' }, format(scale.max)),
    element('span', { class: 'dim' }, label),
  ];
}
