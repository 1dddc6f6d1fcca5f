// In which direction a run went over its checkpoints: sentences beside their controls, two tables, and the stripes of one
// tensor, which is chosen here.
import type { Trajectory } from '../../src/shared/report/runsReport.ts';
import type { StepsDirection } from '../../src/shared/report/stepsDirection.ts';
import {
  directionDefinitions,
  stepCosineTable,
  straightSentences,
  stepSyncTable,
  straightTable,
} from '../../src/shared/text/directionTables.ts';
import { createChartCard, type ChartCard } from '../parts/charts/chartCard.ts';
import type { createFrameQueue } from '../parts/charts/frameQueue.ts';
import { element } from '../parts/dom/dom.ts';
import { dropdown } from '../parts/dom/toolkit.ts';
import { plainTable } from './plainTable.ts';
import type { RunsTools } from './section.ts';
import { stepStripesChart, type StripeAxis } from './stripesChart.ts';

interface StepsDirectionPart {
  nodes: HTMLElement[];
  card: ChartCard | null;
  /** To be called once the nodes stand in the page, which a chart takes its size from. */
  draw: () => void;
}

export function stepsDirectionPart(
  tools: RunsTools,
  { direction, label }: Trajectory,
  queue: ReturnType<typeof createFrameQueue>,
): StepsDirectionPart {
  const said = straightSentences({ direction }).map((text) => element('p', { class: 'settled' }, text));
  const { value } = direction;
  if (value === null) return { nodes: said, card: null, draw: () => undefined };
  const tables = element(
    'div',
    { class: 'direction-tables' },
    plainTable(stepCosineTable(value), `Cosine of every two steps of ${label}`, directionDefinitions.cosines),
    plainTable(
      straightTable(value),
      `How straight ${label} went`,
      `${directionDefinitions.firstDirectionShare} ${directionDefinitions.linearity}`,
    ),
    plainTable(stepSyncTable(value), `Bytes to send ${label} step by step`, directionDefinitions.sync),
  );
  const stripes = stripesPart(tools, value, queue);
  return { nodes: [...said, tables, ...stripes.nodes], card: stripes.card, draw: stripes.draw };
}

function stripesPart(
  tools: RunsTools,
  direction: StepsDirection,
  queue: ReturnType<typeof createFrameQueue>,
): StepsDirectionPart {
  const matrices = direction.tensors.filter(({ stripes }) => stripes !== null);
  const first = matrices.find(({ stripes }) => stripes?.heads !== null) ?? matrices[0];
  if (first === undefined) return { nodes: [], card: null, draw: () => undefined };
  let shown = first;
  let axis: StripeAxis = first.stripes?.heads?.axis ?? 'row';
  const card = createChartCard(tools, queue);
  card.root.style.setProperty('--lanes', String(direction.steps.length));
  const draw = (): void => {
    card.show(stepStripesChart(direction, shown, axis), shown.name);
  };
  const names = matrices.map(({ name }) => ({ value: name, label: name }));
  const tensors = dropdown('Tensor', names, first.name, (name) => {
    shown = matrices.find((tensor) => tensor.name === name) ?? first;
    draw();
  });
  const axes = [
    { value: 'row' as const, label: 'along rows' },
    { value: 'column' as const, label: 'along columns' },
  ];
  const along = dropdown<StripeAxis>('Along', axes, axis, (next) => {
    axis = next;
    draw();
  });
  const choosers = element('div', { class: 'stripe-choosers' }, tensors.root, along.root);
  return { nodes: [choosers, element('div', { class: 'stripe-part' }, card.root)], card, draw };
}
