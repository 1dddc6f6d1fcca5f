// One run over time: charts of the three gates' numbers by step, and the verdict at every step as a table.
import { gateNames } from '../../src/shared/options/options.ts';
import type { Trajectory } from '../../src/shared/report/runsReport.ts';
import { settledSentence, trajectoryTable } from '../../src/shared/text/runsTables.ts';
import { createChartCard, type ChartCard } from '../parts/charts/chartCard.ts';
import type { PlainTable } from '../parts/table/tsv.ts';
import { createFrameQueue } from '../parts/charts/frameQueue.ts';
import { standingWords, standings } from '../parts/model/gates.ts';
import { tableTsv } from '../parts/table/tsv.ts';
import { element, replaceChildren, show } from '../parts/dom/dom.ts';
import { badge } from '../parts/dom/icons.ts';
import { quietButton } from '../parts/dom/quietButton.ts';
import { copyText } from '../parts/page/section.ts';
import type { RunsSection, RunsTools } from './section.ts';
import { stepsDirectionPart } from './stepsDirectionView.ts';
import { stepCharts } from './stepCharts.ts';

export function createTrajectories(tools: RunsTools): RunsSection {
  const queue = createFrameQueue();
  let cards: ChartCard[] = [];
  const root = element('div', { class: 'trajectories' });
  return {
    root,
    update({ document }, previous) {
      if (document === previous?.document) return;
      const trajectories = document?.report?.trajectories ?? [];
      const alone = document?.report?.overlap.value === null;
      show(root, trajectories.length > 0);
      for (const card of cards) card.dispose();
      cards = [];
      replaceChildren(
        root,
        ...trajectories.map((trajectory, at) => {
          const made = stepCharts(trajectory).map((slot) => {
            const card = createChartCard(tools, queue);
            return { card, slot };
          });
          const direction = stepsDirectionPart(tools, trajectory, queue);
          cards.push(...made.map(({ card }) => card), ...(direction.card === null ? [] : [direction.card]));
          const section = trajectorySection(
            tools,
            trajectory,
            at,
            alone,
            made.map(({ card }) => card.root),
          );
          section.append(...direction.nodes);
          // Drawn once they stand in the page, which a chart takes its size from.
          queueMicrotask(() => {
            for (const { card, slot } of made) card.show(slot, trajectory.label);
            direction.draw();
          });
          return section;
        }),
      );
    },
    themeChanged() {
      for (const card of cards) card.redraw();
    },
  };
}

function trajectorySection(
  tools: RunsTools,
  trajectory: Trajectory,
  at: number,
  alone: boolean,
  charts: readonly HTMLElement[],
): HTMLElement {
  const id = `trajectory-${at}`;
  const copy = quietButton('Copy table', () => {
    void copyText(tools, tableTsv(exactTable(trajectory)), `Copied ${trajectory.points.length} rows.`);
  });
  return element(
    'section',
    { class: 'trajectory', 'aria-labelledby': id },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id }, `${trajectory.label} over its checkpoints`),
      element('span', { class: 'grow' }),
      copy,
    ),
    // Alone, the page's headline says it.
    alone ? null : element('p', { class: 'settled' }, settledSentence(trajectory)),
    stepTable(trajectory),
    element('div', { class: 'charts' }, ...charts),
  );
}

function stepTable(trajectory: Trajectory): HTMLElement {
  const [head = [], ...lines] = trajectoryTable(trajectory);
  const words = gateNames.length;
  const settled = trajectory.settled.value;
  const rows = lines.map((cells, index) => {
    const point = trajectory.points[index];
    const isSettled = settled !== null && point?.label === settled.label;
    return element(
      'tr',
      { class: isSettled ? 'settles' : '' },
      ...cells.map((text, column) => {
        if (column === 0) {
          return element(
            'th',
            { scope: 'row' },
            text,
            isSettled ? element('span', { class: 'dim' }, ' settles') : null,
          );
        }
        const gate = gateNames[column - (cells.length - words)];
        if (gate === undefined)
          return element('td', { class: column < cells.length - words - 1 ? 'number' : '' }, text);
        const standing = standings.find((each) => standingWords[gate][each] === text) ?? 'unknown';
        return element('td', {}, badge(standing, text));
      }),
    );
  });
  return element(
    'div',
    { class: 'steps-scroll', tabindex: 0, role: 'region', 'aria-label': `${trajectory.label} by step` },
    element(
      'table',
      { class: 'steps' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...head.map((text, column) =>
            element(
              'th',
              { scope: 'col', class: column > 0 && column < head.length - words - 1 ? 'number' : '' },
              text,
            ),
          ),
        ),
      ),
      element('tbody', {}, ...rows),
    ),
  );
}

/** At full precision. */
function exactTable({ points }: Trajectory): PlainTable {
  return {
    columns: [
      'step',
      'checkpoint',
      'unchanged',
      'drift',
      'spectral drift',
      'rotation deg',
      'KL',
      'regime',
      'I',
      'II',
      'III',
      'problem',
    ],
    rows: points.map((point) => [
      point.step,
      point.label,
      point.sparsityBf16,
      point.relativeDrift,
      point.spectralDriftTopK,
      point.rotationMeanDeg,
      point.kl,
      point.regime,
      ...point.words,
      point.problem?.message ?? '',
    ]),
  };
}
