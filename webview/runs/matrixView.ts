// The runs against each other: the overlap of every two in a matrix, with that of random masks beneath it, and on the
// diagonal how much each run changed. A pair that is chosen here is the one that map and table speak of.
import type { OverlapPool, RunsReport } from '../../src/shared/report/runsReport.ts';
import { publishedOverlap } from '../../src/shared/text/publishedTables.ts';
import { createChartCard, type ChartCard } from '../parts/charts/chartCard.ts';
import { createFrameQueue } from '../parts/charts/frameQueue.ts';
import { element, replaceChildren, setText, show } from '../parts/dom/dom.ts';
import { quietButton } from '../parts/dom/quietButton.ts';
import { copyText } from '../parts/page/section.ts';
import { tableTsv } from '../parts/table/tsv.ts';
import { changedCell, emptyCell, pairPress, pressCell, runHead, runName } from './matrixCells.ts';
import { poolOfSelection } from './overlapMetrics.ts';
import { pairsTable } from './pairsTable.ts';
import { byRunsChart } from './runsCharts.ts';
import type { RunsSection, RunsTools } from './section.ts';
import type { RunsState } from './state.ts';

export function createMatrix(tools: RunsTools): RunsSection {
  return new Matrix(tools);
}

class Matrix implements RunsSection {
  readonly root: HTMLElement;
  private readonly tools: RunsTools;
  private pool: OverlapPool | null = null;
  private report: RunsReport | null = null;
  private chosen = 0;
  /** The matrix' buttons by pair. */
  private readonly presses = new Map<number, HTMLElement>();
  private readonly card: ChartCard;
  private readonly about = element('span', { class: 'dim' });
  private readonly whole: HTMLElement;
  private readonly head = element('tr', {});
  private readonly body = element('tbody', {});

  constructor(tools: RunsTools) {
    this.tools = tools;
    this.card = createChartCard(tools, createFrameQueue());
    this.whole = quietButton('Whole model', () => {
      tools.dispatch({ kind: 'look', change: { selection: { kind: 'model' } } });
    });
    this.root = element(
      'section',
      { class: 'overlap', 'aria-labelledby': 'overlap-title' },
      this.sectionHead(),
      element(
        'div',
        { class: 'overlap-parts' },
        element('div', { class: 'matrix-part' }, this.matrix(), legend()),
        this.card.root,
      ),
    );
  }

  update({ document, view }: RunsState, previous: RunsState | null): void {
    this.report = document?.report ?? null;
    const overlap = this.report?.overlap.value ?? null;
    show(this.root, overlap !== null);
    if (overlap === null) return;
    this.chosen = view.pair;
    // The cells stay, and with them the keyboard focus, when only another pair is chosen.
    for (const [at, press] of this.presses) press.setAttribute('aria-pressed', String(at === this.chosen));
    if (document === previous?.document && view.selection === previous.view.selection) return;
    const found = poolOfSelection(overlap, view.selection) ?? poolOfSelection(overlap, { kind: 'model' });
    if (found === null) return;
    ({ pool: this.pool } = found);
    setText(this.about, found.title);
    show(this.whole, view.selection.kind !== 'model');
    this.draw();
    this.card.show(byRunsChart(found.pool), found.title);
  }

  themeChanged(): void {
    this.draw();
    this.card.redraw();
  }

  private sectionHead(): HTMLElement {
    return element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'overlap-title' }, 'Do the runs change the same weights?'),
      this.about,
      element('span', { class: 'grow' }),
      this.whole,
      quietButton('Copy data', () => void this.copyData(), {
        hint: 'Copy every pair as tab-separated text',
      }),
    );
  }

  private matrix(): HTMLElement {
    return element(
      'div',
      { class: 'matrix-scroll', tabindex: 0, role: 'region', 'aria-label': 'Overlap of every two runs' },
      element('table', { class: 'matrix' }, element('thead', {}, this.head), this.body),
    );
  }

  private async copyData(): Promise<void> {
    if (this.pool === null || this.report === null) return;
    const table = pairsTable(this.report, this.pool);
    await copyText(this.tools, tableTsv(table), `Copied ${table.rows.length} pairs.`);
  }

  private draw(): void {
    const { report, pool } = this;
    if (report === null || pool === null) return;
    this.presses.clear();
    replaceChildren(this.head, element('td', {}), ...report.runs.map(runHead));
    const rows = report.runs.map((run, row) => {
      const cells = report.runs.map((_, column) => {
        if (column === row) return changedCell(pool, row);
        // One half says it all; the other would only repeat it.
        return column > row ? emptyCell() : this.pairCell(report, pool, [column, row]);
      });
      return element('tr', {}, runName(run, row), ...cells);
    });
    replaceChildren(this.body, ...rows);
  }

  private pairCell(report: RunsReport, pool: OverlapPool, runs: readonly [number, number]): HTMLElement {
    const at = pool.pairs.findIndex(({ a, b }) => a === runs[0] && b === runs[1]);
    const pair = pool.pairs[at];
    if (pair === undefined) return emptyCell();
    const press = pairPress(report, pair, this.tools.theme());
    press.setAttribute('aria-pressed', String(at === this.chosen));
    press.addEventListener('click', () => {
      this.tools.dispatch({ kind: 'look', change: { pair: at } });
    });
    this.presses.set(at, press);
    return pressCell(press);
  }
}

function legend(): HTMLElement {
  return element(
    'p',
    { class: 'definition' },
    `Bold: overlap |A∩B| / |A∪B| of the changed weights. Below it: what random masks of the same sizes would give. Diagonal: how much the run changed. ${publishedOverlap.sentence}`,
  );
}
