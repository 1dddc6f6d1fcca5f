// The runs against each other: the overlap of every two in a matrix, with that of random masks beneath it, and on the
// diagonal how much each run changed. A pair that is chosen here is the one that map and table speak of.
import { formatNumber, formatShare } from '../../src/shared/text/format.ts';
import { publishedOverlap } from '../../src/shared/text/publishedTables.ts';
import type { OverlapPool, PairOverlap, RunsReport } from '../../src/shared/report/runsReport.ts';
import { createChartCard } from '../charts/chartCard.ts';
import { createDrawQueue } from '../charts/queue.ts';
import type { ChartTable } from '../charts/model.ts';
import { chartTsv } from '../table/tsv.ts';
import { inkOn } from '../view/color.ts';
import { element, replaceChildren, setText, show } from '../view/dom.ts';
import { css, type Theme } from '../view/theme.ts';
import { tip } from '../view/tooltip.ts';
import { liftOf, poolOfSelection } from './overlapMetrics.ts';
import { byRunsChart } from './runsCharts.ts';
import type { RunsSection, RunsTools } from './section.ts';

export function createMatrix(tools: RunsTools): RunsSection {
  const { host, theme, look, announce } = tools;
  let pool: OverlapPool | null = null;
  let report: RunsReport | null = null;
  let chosen = 0;
  /** The matrix' buttons by pair. */
  const presses = new Map<number, HTMLElement>();
  const queue = createDrawQueue((run) => {
    requestAnimationFrame(run);
  });
  const card = createChartCard(tools, queue);
  const about = element('span', { class: 'dim' });
  const whole = element('button', { type: 'button', class: 'quiet' }, 'Whole model');
  whole.addEventListener('click', () => {
    look({ selection: { kind: 'model' } });
  });
  const copy = element('button', { type: 'button', class: 'quiet' }, 'Copy data');
  tip(copy, () => ['Copy every pair as tab-separated text']);
  copy.addEventListener('click', () => {
    if (pool === null || report === null) return;
    const table = pairsTable(report, pool);
    void host.copy(chartTsv(table)).then((copied) => {
      if (copied) announce(`Copied ${table.rows.length} pairs.`);
    });
  });
  const head = element('tr', {});
  const body = element('tbody', {});
  const legend = element('p', { class: 'definition' });
  const matrix = element(
    'div',
    { class: 'matrix-scroll', tabindex: 0, role: 'region', 'aria-label': 'Overlap of every two runs' },
    element('table', { class: 'matrix' }, element('thead', {}, head), body),
  );
  const root = element(
    'section',
    { class: 'overlap', 'aria-labelledby': 'overlap-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'overlap-title' }, 'Do the runs change the same weights?'),
      about,
      element('span', { class: 'grow' }),
      whole,
      copy,
    ),
    element(
      'div',
      { class: 'overlap-parts' },
      element('div', { class: 'matrix-part' }, matrix, legend),
      card.root,
    ),
  );

  const draw = (): void => {
    if (report === null || pool === null) return;
    const { runs } = report;
    const shown = pool;
    presses.clear();
    replaceChildren(
      head,
      element('td', {}),
      ...runs.map(({ label }, at) => {
        const made = element(
          'th',
          { scope: 'col' },
          element('span', { class: 'hidden-text' }, `${label} `),
          String(at + 1),
        );
        tip(made, () => [label]);
        return made;
      }),
    );
    const rows = runs.map((run, row) => {
      const name = element(
        'th',
        { scope: 'row' },
        element('span', { class: 'dim' }, `${row + 1} `),
        run.label,
      );
      tip(name, () => [run.label, run.path]);
      const cells = runs.map((_, column) => {
        if (column === row) return changedCell(shown, row);
        const at = shown.pairs.findIndex(
          ({ a, b }) => a === Math.min(row, column) && b === Math.max(row, column),
        );
        const pair = shown.pairs[at];
        // One half says it all; the other would only repeat it.
        return pair === undefined || column > row
          ? element('td', { class: 'matrix-empty' })
          : pairCell(pair, at);
      });
      return element('tr', {}, name, ...cells);
    });
    replaceChildren(body, ...rows);
    setText(
      legend,
      `Bold: overlap |A∩B| / |A∪B| of the changed weights. Below it: what random masks of the same sizes would give. Diagonal: how much the run changed. ${publishedOverlap.sentence}`,
    );
  };

  const pairCell = (pair: PairOverlap, at: number): HTMLElement => {
    const cell = element('td', { class: 'matrix-cell' });
    const names = [report?.runs[pair.a]?.label ?? '', report?.runs[pair.b]?.label ?? ''];
    const hidden = (text: string): HTMLElement => element('span', { class: 'hidden-text' }, text);
    const press = element(
      'button',
      { type: 'button', 'aria-pressed': String(at === chosen) },
      hidden(`${names.join(' and ')}: overlap `),
      element('b', {}, formatNumber(pair.jaccard)),
      hidden(' if random '),
      element('span', { class: 'chance' }, formatNumber(pair.expected)),
    );
    presses.set(at, press);
    paint(press, pair.jaccard, theme());
    press.addEventListener('click', () => {
      look({ pair: at });
    });
    tip(press, () => [
      names.join(' ∩ '),
      pair.reason ??
        `Overlap ${formatNumber(pair.jaccard)}: ${pair.intersection.toLocaleString('en')} weights changed by both, ${pair.union.toLocaleString('en')} by either.`,
      `If random ${formatNumber(pair.expected)}, random within each tensor ${formatNumber(pair.expectedByTensor)}; ${liftText(pair)}`,
    ]);
    cell.append(press);
    return cell;
  };

  return {
    root,
    update({ document, view }, previous) {
      report = document?.report ?? null;
      const overlap = report?.overlap.value ?? null;
      show(root, overlap !== null);
      if (overlap === null) return;
      chosen = view.pair;
      // The cells stay, and with them the keyboard focus, when only another pair is chosen.
      for (const [at, press] of presses) press.setAttribute('aria-pressed', String(at === chosen));
      if (document === previous?.document && view.selection === previous.view.selection) return;
      const found = poolOfSelection(overlap, view.selection) ?? poolOfSelection(overlap, { kind: 'model' });
      if (found === null) return;
      ({ pool } = found);
      setText(about, found.title);
      show(whole, view.selection.kind !== 'model');
      draw();
      card.show(byRunsChart(pool), found.title);
    },
    themeChanged() {
      draw();
      card.redraw();
    },
  };
}

function paint(target: HTMLElement, value: number | null, theme: Theme): void {
  if (value === null) return;
  const color = theme.ramp(value);
  target.style.backgroundColor = css(color);
  target.style.color = css(inkOn(color));
}

function changedCell({ changed, compared }: OverlapPool, run: number): HTMLElement {
  const share = compared === 0 ? null : (changed[run] ?? 0) / compared;
  const text = formatShare(share);
  return element('td', { class: 'matrix-own' }, element('span', { class: 'hidden-text' }, 'changed '), text);
}

function liftText(pair: PairOverlap): string {
  const lift = liftOf(pair);
  return lift === null ? 'no ratio.' : `${lift.toFixed(2)} times chance.`;
}

function pairsTable({ runs }: RunsReport, { pairs, changed, compared }: OverlapPool): ChartTable {
  return {
    columns: [
      'a',
      'b',
      'changed by a',
      'changed by b',
      'both',
      'either',
      'overlap',
      'if random',
      'random per tensor',
      'compared',
    ],
    rows: pairs.map(({ a, b, intersection, union, jaccard, expected, expectedByTensor }) => [
      runs[a]?.label ?? '',
      runs[b]?.label ?? '',
      changed[a] ?? null,
      changed[b] ?? null,
      intersection,
      union,
      jaccard,
      expected,
      expectedByTensor,
      compared,
    ]),
  };
}
