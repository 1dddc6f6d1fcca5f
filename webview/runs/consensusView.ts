// The consensus map: along rows or columns, how many runs write in each band, a lane for every layer of a module kind;
// of a selected matrix, its rows and columns.
import { moduleKinds, type ModuleKind } from '../../src/shared/report/moduleKinds.ts';
import type { RunsOverlap } from '../../src/shared/report/runsReport.ts';
import { moduleTitle } from '../../src/shared/text/reportTables.ts';
import { createChartCard, type ChartCard } from '../parts/charts/chartCard.ts';
import { createFrameQueue } from '../parts/charts/frameQueue.ts';
import { element, setVariable, show } from '../parts/dom/dom.ts';
import { dropdown } from '../parts/dom/toolkit.ts';
import { poolOfSelection } from './overlapMetrics.ts';
import { bandsChart, consensusChart, consensusKinds, laneCount } from './runsCharts.ts';
import type { RunsSection, RunsTools } from './section.ts';
import type { BandMeasure, RunsState, RunsView } from './state.ts';

export function createConsensus(tools: RunsTools): RunsSection {
  const queue = createFrameQueue();
  const lanes = createChartCard(tools, queue);
  const bands = createChartCard(tools, queue);
  const choosers = createChoosers(tools);
  const note = element(
    'p',
    { class: 'hint' },
    'Select a matrix in the map or the table to see its own rows and columns here.',
  );
  const root = element(
    'section',
    { class: 'consensus', 'aria-labelledby': 'consensus-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'consensus-title' }, 'Which rows and columns'),
      element('span', { class: 'grow' }),
      ...choosers.roots,
    ),
    element('div', { class: 'consensus-parts' }, lanes.root, bands.root),
    note,
  );
  return {
    root,
    update({ document, view }, previous) {
      const overlap = document?.report?.overlap.value ?? null;
      show(root, overlap !== null);
      if (overlap === null || (previous?.document === document && sameLook(previous.view, view))) return;
      const known = consensusKinds(overlap.tensors);
      const module = known.find((kind) => kind === view.module) ?? known[0] ?? 'other';
      choosers.set(known, module, view);
      showLanes(lanes, overlap, module, view);
      const tensor = poolOfSelection(overlap, view.selection)?.tensor ?? null;
      show(bands.root, tensor !== null);
      show(note, tensor === null);
      if (tensor !== null) bands.show(bandsChart(tensor, view.measure), tensor.name);
    },
    themeChanged() {
      lanes.redraw();
      bands.redraw();
    },
  };
}

function sameLook(one: RunsView, other: RunsView): boolean {
  return (
    one.module === other.module &&
    one.axis === other.axis &&
    one.measure === other.measure &&
    one.selection === other.selection
  );
}

function showLanes(card: ChartCard, { tensors }: RunsOverlap, module: ModuleKind, view: RunsView): void {
  const slot = consensusChart(tensors, module, view.axis, view.measure);
  setVariable(card.root, '--lanes', String(laneCount(slot)));
  card.show(slot, moduleTitle({ module }));
}

interface Choosers {
  roots: HTMLElement[];
  /** Offers the kinds that are known. */
  set(known: readonly ModuleKind[], module: ModuleKind, view: RunsView): void;
}

function createChoosers({ dispatch }: RunsTools): Choosers {
  const look = (change: Partial<RunsView>): void => {
    dispatch({ kind: 'look', change });
  };
  const titles = moduleKinds.map((module) => ({ value: module, label: moduleTitle({ module }) }));
  const kinds = dropdown('Module kind', titles, 'q', (module) => {
    look({ module });
  });
  const axis = dropdown('Along', axes, 'row', (next) => {
    look({ axis: next });
  });
  const measure = dropdown('Measure', measures, 'mean', (next) => {
    look({ measure: next });
  });
  return {
    roots: [kinds.root, axis.root, measure.root],
    set(known, module, view) {
      for (const option of kinds.root.querySelectorAll('option')) {
        option.hidden = !known.some((kind) => kind === option.value);
      }
      kinds.set(module);
      axis.set(view.axis);
      measure.set(view.measure);
    },
  };
}

const axes: readonly { value: RunsState['view']['axis']; label: string }[] = [
  { value: 'row', label: 'along rows' },
  { value: 'column', label: 'along columns' },
];

const measures: readonly { value: BandMeasure; label: string }[] = [
  { value: 'mean', label: 'runs per weight' },
  { value: 'runs', label: 'runs that write here' },
];
