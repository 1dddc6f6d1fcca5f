// The consensus map: along rows or columns, how many runs write in each band, a lane for every layer of a module kind;
// of a selected matrix, its rows and columns.
import { createChartCard } from '../charts/chartCard.ts';
import { createDrawQueue } from '../charts/queue.ts';
import { moduleKinds } from '../../src/shared/report/report.ts';
import { moduleTitle } from '../../src/shared/text/reportTables.ts';
import { dropdown } from '../toolkit.ts';
import { element, setText, setVariable, show } from '../view/dom.ts';
import { poolOfSelection } from './overlapMetrics.ts';
import { bandsChart, consensusChart, consensusKinds, laneCount } from './runsCharts.ts';
import type { RunsSection, RunsTools } from './section.ts';

export function createConsensus(tools: RunsTools): RunsSection {
  const { look } = tools;
  const queue = createDrawQueue((run) => {
    requestAnimationFrame(run);
  });
  const lanes = createChartCard(tools, queue);
  const bands = createChartCard(tools, queue);
  const kinds = dropdown(
    'Module kind',
    moduleKinds.map((module) => ({ value: module, label: moduleTitle({ module }) })),
    'q',
    (module) => {
      look({ module });
    },
  );
  const axis = dropdown(
    'Along',
    [
      { value: 'row', label: 'along rows' },
      { value: 'column', label: 'along columns' },
    ],
    'row',
    (next) => {
      look({ axis: next });
    },
  );
  const measure = dropdown(
    'Measure',
    [
      { value: 'mean', label: 'runs per weight' },
      { value: 'runs', label: 'runs that write here' },
    ],
    'mean',
    (next) => {
      look({ measure: next });
    },
  );
  const note = element('p', { class: 'hint' });
  const root = element(
    'section',
    { class: 'consensus', 'aria-labelledby': 'consensus-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'consensus-title' }, 'Which rows and columns'),
      element('span', { class: 'grow' }),
      kinds.root,
      axis.root,
      measure.root,
    ),
    element('div', { class: 'consensus-parts' }, lanes.root, bands.root),
    note,
  );
  return {
    root,
    update({ document, view }, previous) {
      const overlap = document?.report?.overlap.value ?? null;
      show(root, overlap !== null);
      if (overlap === null) return;
      const before = previous?.view;
      const same =
        previous?.document === document &&
        before?.module === view.module &&
        before.axis === view.axis &&
        before.measure === view.measure &&
        before.selection === view.selection;
      if (same) return;
      const known = consensusKinds(overlap.tensors);
      const module = known.find((kind) => kind === view.module) ?? known[0] ?? 'other';
      for (const option of kinds.root.querySelectorAll('option')) {
        option.hidden = !known.some((kind) => kind === option.value);
      }
      kinds.set(module);
      axis.set(view.axis);
      measure.set(view.measure);
      const slot = consensusChart(overlap.tensors, module, view.axis, view.measure);
      setVariable(lanes.root, '--lanes', String(laneCount(slot)));
      lanes.show(slot, moduleTitle({ module }));
      const tensor = poolOfSelection(overlap, view.selection)?.tensor ?? null;
      show(bands.root, tensor !== null);
      show(note, tensor === null);
      setText(note, 'Select a matrix in the map or the table to see its own rows and columns here.');
      if (tensor !== null) bands.show(bandsChart(tensor, view.measure), tensor.name);
    },
    themeChanged() {
      lanes.redraw();
      bands.redraw();
    },
  };
}
