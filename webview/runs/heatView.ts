// Where in the model the runs agree: module kinds by layers, coloured by a number of the overlap.
import { positionOn } from '../metrics/scale.ts';
import { createHeatGrid } from '../heatmap/grid.ts';
import { dropdown } from '../toolkit.ts';
import { inkOn } from '../view/color.ts';
import { element, replaceChildren, setAttributes, setText, show } from '../view/dom.ts';
import { css, type Theme } from '../view/theme.ts';
import { sameSelection, type Selection } from '../state/state.ts';
import { overlapCellLabel, overlapHeat, type OverlapHeat } from './overlapHeat.ts';
import { overlapMetric, overlapMetrics } from './overlapMetrics.ts';
import type { RunsSection, RunsTools } from './section.ts';

export function createOverlapHeat({ look, theme }: RunsTools): RunsSection {
  let map: OverlapHeat | null = null;
  let selection: Selection = { kind: 'model' };
  let drawn: readonly (readonly (HTMLElement | null)[])[] = [];
  let shape = '';
  const grid = createHeatGrid({
    label: 'Module kinds by layers',
    corner: 'Module',
    onSelect: ([at, column]) => {
      const cell = map?.cells[at]?.[column] ?? null;
      if (cell !== null) look({ selection: cell.selection });
    },
    onVisit: ([at, column]) => {
      if (map !== null) setText(readout, overlapCellLabel(map, at, column));
    },
  });
  const readout = element('p', { class: 'readout' });
  const key = element('div', { class: 'legend' });
  const pairName = element('span', { class: 'dim' });
  const chooser = dropdown(
    'Colour by',
    overlapMetrics.map(({ id, label }) => ({ value: id, label })),
    'jaccard',
    (metric) => {
      look({ metric });
    },
  );
  const root = element(
    'section',
    { class: 'heat', 'aria-labelledby': 'heat-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'heat-title' }, 'Where in the model'),
      pairName,
      element('span', { class: 'grow' }),
      element('span', { class: 'control-label', 'aria-hidden': 'true' }, 'colour by'),
      chooser.root,
    ),
    element('div', { class: 'heat-scroll' }, grid.root),
    element('div', { class: 'heat-foot' }, key, readout),
  );

  const paint = (next: OverlapHeat): void => {
    const colors = theme();
    const { columns, rows, cells, scale, metric } = next;
    const lines = { columns, rows, exists: cells.map((row) => row.map((cell) => cell !== null)) };
    const nextShape = JSON.stringify(lines);
    if (nextShape !== shape) drawn = grid.build(lines);
    shape = nextShape;
    cells.forEach((row, at) => {
      row.forEach((cell, column) => {
        const target = drawn[at]?.[column] ?? null;
        if (cell === null || target === null) return;
        const color =
          cell.value === null || scale === null ? null : colors.ramp(positionOn(scale, cell.value));
        target.style.backgroundColor = color === null ? '' : css(color);
        target.style.color = color === null ? '' : css(inkOn(color));
        setText(target, cell.value === null ? '–' : '');
        setAttributes(target, {
          'data-state': cell.value === null ? 'unmeasured' : 'measured',
          'aria-label': overlapCellLabel(next, at, column),
          'aria-selected': String(sameSelection(cell.selection, selection)),
        });
      });
    });
    replaceChildren(key, ...legendOf(next, colors));
    setText(readout, overlapMetric(metric).definition);
  };

  return {
    root,
    update({ document, view }, previous) {
      const report = document?.report ?? null;
      const overlap = report?.overlap.value ?? null;
      show(root, overlap !== null);
      if (report === null || overlap === null) return;
      const same =
        document === previous?.document &&
        previous.view.metric === view.metric &&
        previous.view.pair === view.pair &&
        previous.view.selection === view.selection;
      if (same) return;
      ({ selection } = view);
      chooser.set(view.metric);
      const pair = overlap.whole.pairs[view.pair];
      const names =
        pair === undefined ? [] : [report.runs[pair.a]?.label ?? '', report.runs[pair.b]?.label ?? ''];
      setText(
        pairName,
        overlapMetric(view.metric).ofPair ? names.join(' ∩ ') : `all ${report.runs.length} runs`,
      );
      map = overlapHeat(overlap, view.metric, view.pair);
      paint(map);
    },
    themeChanged() {
      if (map !== null) paint(map);
    },
  };
}

const steps = 24;

function legendOf({ scale, metric }: OverlapHeat, theme: Theme): HTMLElement[] {
  if (scale === null) return [];
  const { format, label } = overlapMetric(metric);
  const ramp = element('span', { class: 'ramp', 'aria-hidden': 'true' });
  for (let step = 0; step < steps; step += 1) {
    const swatch = element('span', {});
    swatch.style.backgroundColor = css(theme.ramp(step / (steps - 1)));
    ramp.append(swatch);
  }
  return [
    element('span', { class: 'number' }, format(scale.min)),
    ramp,
    element('span', { class: 'number' }, format(scale.max)),
    element('span', { class: 'dim' }, label),
  ];
}
