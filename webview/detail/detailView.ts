// What was selected, in full: its verdicts with their rules, every number with its definition, and its charts.
import { formatDegrees, formatNumber } from '../../src/shared/text/format.ts';
import { belowResolution, formatResolved, isBelowResolution } from '../../src/shared/report/resolution.ts';
import { gateNames } from '../../src/shared/options.ts';
import { chartsOf } from '../charts/builders.ts';
import { createChartCard, type ChartCard } from '../charts/chartCard.ts';
import { createPace } from '../charts/pace.ts';
import { createDrawQueue } from '../charts/queue.ts';
import { gateTitles } from '../metrics/gates.ts';
import { adapterFacts } from '../metrics/adapters.ts';
import { metricDefinitions } from '../metrics/catalog.ts';
import { beyondGlyphs, besideLines } from '../metrics/beside.ts';
import { exactLine } from '../metrics/exactLine.ts';
import { bandsOf, readingLines } from '../gates/readingLines.ts';
import { subjectOf, type Subject } from '../state/subject.ts';
import { element, replaceChildren, setText, show } from '../view/dom.ts';
import { badge } from '../view/icons.ts';
import { createFactList, type Fact } from '../view/factList.ts';
import type { Section, Tools } from '../view/section.ts';

/** Between two drawings of the same chart while an analysis runs. */
const chartPauseMs = 400;

export function createDetail(tools: Tools): Section {
  const queue = createDrawQueue((run) => {
    requestAnimationFrame(run);
  });
  const title = element('h2', { id: 'detail-title' });
  const note = element('p', { class: 'detail-note' });
  const back = element('button', { type: 'button', class: 'quiet' }, 'Whole model');
  back.addEventListener('click', () => {
    tools.dispatch({ kind: 'select', selection: { kind: 'model' } });
  });
  const verdicts = element('div', { class: 'detail-verdicts' });
  const numbers = createFactList('numbers');
  const charts = element('div', { class: 'charts' });
  const hint = element(
    'p',
    { class: 'hint' },
    'Select a matrix in the map or the table to see its singular values, principal angles, stripes and energies.',
  );
  const root = element(
    'section',
    { class: 'detail', 'aria-labelledby': 'detail-title' },
    element('div', { class: 'section-head' }, title, note, element('span', { class: 'grow' }), back),
    verdicts,
    numbers.root,
    charts,
    hint,
  );
  let cards: ChartCard[] = [];
  let verdictKey = '';

  const pace = createPace(chartPauseMs, {
    now: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => {
        clearTimeout(timer);
      };
    },
  });

  const draw = (subject: Subject): void => {
    setText(title, subject.title);
    setText(note, subject.note);
    const key = JSON.stringify([subject.key, subject.verdicts, subject.tensor?.problem ?? null]);
    if (key !== verdictKey) replaceChildren(verdicts, ...verdictParts(subject));
    verdictKey = key;
    numbers.update(numberParts(subject));
    show(hint, subject.tensor === null);
  };

  const drawCharts = (subject: Subject): void => {
    const slots = chartsOf(subject);
    while (cards.length > slots.length) cards.pop()?.dispose();
    while (cards.length < slots.length) cards.push(createChartCard(tools, queue));
    const roots = cards.map((card) => card.root);
    if (roots.length !== charts.childElementCount) replaceChildren(charts, ...roots);
    slots.forEach((slot, index) => cards[index]?.show(slot, subject.title));
  };

  return {
    root,
    update(state, previous) {
      const { document, view } = state;
      const report = document?.report ?? null;
      show(root, report !== null);
      if (report === null) return;
      const subject = subjectOf(report, view.selection, state.curves) ?? subjectOf(report, { kind: 'model' });
      if (subject === null) return;
      const before = previous?.document?.report ?? null;
      const shown =
        before === null || previous === null
          ? null
          : subjectOf(before, previous.view.selection, previous.curves);
      show(back, view.selection.kind !== 'model');
      const running = document?.run.kind === 'running';
      if (!running) pace.flush();
      const isSame =
        shown?.key === subject.key && shown.source === subject.source && shown.curves === subject.curves;
      if (isSame) return;
      // Charts of another kind of subject are made anew: Chart.js cannot turn bars into lines.
      if (shown?.key !== subject.key) {
        for (const card of cards) card.dispose();
        cards = [];
        pace.forget();
      }
      draw(subject);
      if (running && cards.length > 0) {
        pace.ask(() => {
          drawCharts(subject);
        });
      } else drawCharts(subject);
    },
    themeChanged() {
      for (const card of cards) card.redraw();
    },
  };
}

function verdictParts({ key, verdicts, tensor }: Subject): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (tensor?.problem) parts.push(element('p', { class: 'detail-problem' }, tensor.problem.message));
  // The gate cards say it for the whole model.
  if (verdicts === null || key === 'model') return parts;
  for (const gate of gateNames) {
    const { standing, verdict, rule } = verdicts[gate];
    parts.push(
      element(
        'div',
        { class: 'detail-verdict' },
        element(
          'span',
          { class: 'numeral', 'aria-label': `Gate ${gateTitles[gate].numeral}` },
          gateTitles[gate].numeral,
        ),
        badge(standing, standing === 'unknown' ? 'not measured' : verdict),
        element('span', { class: 'rule' }, rule),
      ),
    );
  }
  return parts;
}

function numberParts(subject: Subject): Fact[] {
  const parts = metricDefinitions.map((metric): Fact => {
    const value = subject.value(metric);
    const error = subject.error(metric);
    const expected = subject.expected(metric);
    const reading = subject.beyond(metric);
    const { format } = metric;
    const lines = (): string[] =>
      readingLines({
        ...{ metric, value, error, format, threshold: null, bands: bandsOf(metric.id) },
        beside: besideLines(expected, reading, format),
      });
    const text = formatResolved(value, error, format);
    if (value === null || expected === null) return { label: metric.label, text, lines };
    const glyph = beyondGlyphs[reading?.word ?? 'unknown'];
    const note = `random ${format(expected.mean)}${glyph === '' ? '' : ` ${glyph}`}`;
    return { label: metric.label, text, note, muted: reading?.word === 'as random', lines };
  });
  const adapter = subject.tensor?.adapter;
  for (const { label, text, lines } of adapter === undefined ? [] : adapterFacts(adapter)) {
    parts.push(number(label, text, lines));
  }
  const geometry = subject.tensor?.geometry.value ?? null;
  if (geometry !== null) {
    const angle = Math.max(geometry.rotationLeftMaxDeg, geometry.rotationRightMaxDeg);
    parts.push(
      number(
        'Largest angle',
        isBelowResolution(angle, geometry.rotationErrorDeg)
          ? belowResolution
          : `${formatDegrees(angle)} ± ${formatDegrees(geometry.rotationErrorDeg)}`,
        [
          'Largest principal angle',
          exactLine(angle, geometry.rotationErrorDeg),
          'The bound on its error comes from the residuals and the gap.',
        ],
      ),
      number('Wedin bound', formatNumber(geometry.wedinBound), [
        'Wedin bound',
        'min(1, ‖Δ‖₂/gap): bounds the sine of the largest angle.',
      ]),
      number('Rank of the update', formatNumber(geometry.deltaStableRank), [
        'Stable rank of the update',
        '‖Δ‖²_F/‖Δ‖²₂: about how many directions carry the update.',
      ]),
      number('Residual', formatNumber(geometry.residual), [
        'Residual',
        `Largest residual of the ${geometry.rank} singular triplets over σ₁, after ${geometry.passes} passes: the error bound that travels with these numbers.`,
      ]),
    );
  }
  return parts;
}

function number(label: string, text: string, lines: readonly string[]): Fact {
  return { label, text, lines: () => lines };
}
