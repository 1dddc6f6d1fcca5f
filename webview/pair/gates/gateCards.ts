// The three gates: each one's word, what is left of it beyond the size of the update, its readings on their scales beside
// what a random update of that size shows, and the rule that decided.
import { lowerFirst } from '../../../src/shared/text/format.ts';
import { gateNames, type GateName } from '../../../src/shared/options/options.ts';
import type { GateVerdict } from '../../../src/shared/report/verdicts.ts';
import type { PreliminaryVerdict } from '../../../src/shared/report/preliminary.ts';
import { numbersOfGate, soFarGate, soFarNumber } from '../../../src/shared/text/soFarText.ts';
import { gateTitles } from '../../parts/model/gates.ts';
import { nullDefinition } from '../metrics/expected.ts';
import { metricNamed } from '../metrics/catalog.ts';
import { element, replaceChildren, setText, show } from '../../parts/dom/dom.ts';
import { createFactList } from '../../parts/dom/factList.ts';
import { badge } from '../../parts/dom/icons.ts';
import type { Section } from '../section.ts';
import { tip } from '../../parts/dom/tooltip.ts';
import { factsOf, type CardReport } from './gateFacts.ts';
import { measuredMark, randomMark } from './marks.ts';
import { missingKl, readingRow, rowKey, type ReadingRow, type RowReading } from './readingRow.ts';

export function createGateCards(): Section {
  const cards = gateNames.map(createCard);
  const key = marksKey();
  const root = element(
    'section',
    { class: 'gates', 'aria-label': 'The three gates' },
    ...cards.map((card) => card.root),
    key,
  );
  return {
    root,
    update({ document }, previous) {
      const report = document?.report ?? null;
      const before = previous?.document?.report ?? null;
      const same = report?.summary === before?.summary && report?.training === before?.training;
      if (same && previous !== null) return;
      show(root, report !== null);
      if (report === null) return;
      for (const card of cards) card.update(report);
      const { name } = report.summary.regime;
      root.classList.toggle('no-training', name === 'rounding' || name === 'not-weights');
      show(
        key,
        gateNames.some((gate) => report.summary.gates[gate].beyondSize !== null),
      );
    },
  };
}

/** What the marks mean, in one sentence. */
function marksKey(): HTMLElement {
  const random = element(
    'span',
    { class: 'legend-item' },
    randomMark(),
    'a random update of the same size, with the range that counts as random',
  );
  tip(random, () => ['A random update of the same size', nullDefinition]);
  return element(
    'p',
    { class: 'gates-key' },
    element('span', { class: 'legend-item' }, measuredMark(), 'measured'),
    random,
    element(
      'span',
      {},
      'A reading inside that range is set lighter: it says how small the step was, nothing of its direction.',
    ),
  );
}

interface Card {
  root: HTMLElement;
  update(report: CardReport): void;
}

/** Built once; while an analysis runs, only what moved is written. */
function createCard(gate: GateName): Card {
  const { numeral, title, question } = gateTitles[gate];
  const heading = element(
    'h2',
    {},
    element('span', { class: 'numeral', 'aria-label': `Gate ${numeral}` }, numeral),
    ` ${title}`,
  );
  tip(heading, () => [`Gate ${numeral}: ${title}`, question]);
  const head = element('div', { class: 'gate-head' }, heading);
  const beyondWords = element('span', {});
  const beyond = element(
    'p',
    { class: 'beyond' },
    element('span', { class: 'dim' }, 'Beyond size: '),
    beyondWords,
  );
  tip(beyond, () => ['Beyond size', 'What a random update of this size would not show.', nullDefinition]);
  const soFar = createSoFar(gate);
  const readings = element('div', { class: 'readings' });
  const facts = createFactList('gate-facts');
  const rule = element('p', { class: 'rule' });
  let rows: ReadingRow[] = [];
  let shape = '';
  let shownWord = '';
  return {
    root: element('article', { class: `gate ${gate}` }, head, soFar.root, beyond, readings, facts.root, rule),
    update(report) {
      const verdict: GateVerdict = report.summary.gates[gate];
      // Of the whole, as far as it can be told.
      const told = report.preliminary?.gates.find((each) => each.gate === gate) ?? verdict;
      const word = told.standing === 'unknown' ? 'not measured' : told.verdict;
      if (`${told.standing} ${word}` !== shownWord) {
        shownWord = `${told.standing} ${word}`;
        replaceChildren(head, heading, badge(told.standing, word));
      }
      soFar.update(report.preliminary);
      show(beyond, verdict.beyondSize !== null);
      setText(beyondWords, lowerFirst(verdict.beyondSize?.words ?? ''));
      const lacksKl = gate === 'anchor' && !verdict.readings.some(({ metric }) => metric === 'kl');
      const noKl = lacksKl ? (report.summary.kl.reason ?? '') : null;
      const shown = rowReadings(verdict, report);
      const nextShape = JSON.stringify([shown.map(rowKey), noKl]);
      if (nextShape !== shape) {
        shape = nextShape;
        rows = shown.map((reading) => readingRow(reading, gate === 'geometry'));
        replaceChildren(readings, ...rows.map((row) => row.root), noKl === null ? null : missingKl(noKl));
      }
      shown.forEach((reading, index) => rows[index]?.update(reading));
      const found = factsOf(report, gate);
      facts.update(found);
      show(facts.root, found.length > 0);
      setText(rule, verdict.rule);
    },
  };
}

/** While the analysis runs: whether the rest can change the gate's word. */
function createSoFar(gate: GateName): {
  root: HTMLElement;
  update(verdict: PreliminaryVerdict | undefined): void;
} {
  const root = element('p', { class: 'so-far' });
  let shown: PreliminaryVerdict | undefined;
  tip(root, () =>
    shown === undefined ? [] : ['What the whole may come to', ...numbersOfGate(shown, gate).map(soFarNumber)],
  );
  return {
    root,
    update(verdict) {
      shown = verdict;
      const found = verdict?.gates.find((each) => each.gate === gate);
      setText(root, found === undefined ? '' : soFarGate(found, verdict?.numbers ?? []));
      show(root, found !== undefined);
    },
  };
}

/** The readings that decide, then those that only say something beyond size. */
function rowReadings({ readings, beyondSize }: GateVerdict, { summary }: CardReport): RowReading[] {
  const beside = beyondSize?.readings ?? [];
  const expectedOf = (metric: string): RowReading['expected'] =>
    metricNamed(metric)?.expected?.ofPool(summary) ?? null;
  return [
    ...readings.map(({ metric, value, error, vote, threshold, source }): RowReading => ({
      ...{ metric, value, error: error ?? null, judged: { vote, threshold, source } },
      beyond: beside.find((each) => each.metric === metric) ?? null,
      expected: expectedOf(metric),
    })),
    ...beside
      .filter(({ metric }) => !readings.some((each) => each.metric === metric))
      .map((beyond): RowReading => {
        const { metric, value } = beyond;
        return { metric, value, error: null, judged: null, beyond, expected: expectedOf(metric) };
      }),
  ];
}
