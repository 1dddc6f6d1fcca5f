// The three gates: each one's word, its readings on their scales with the published bands, and the rule that decided.
import { formatDegrees, formatNumber, formatShare } from '../../src/shared/format.ts';
import { gateNames, type GateName } from '../../src/shared/options.ts';
import type { PanelReport } from '../../src/shared/panelReport.ts';
import { curvatureText, optimizerNote, optimizerText, stepText } from '../../src/shared/trainingText.ts';
import type { GateVerdict, Reading } from '../../src/shared/verdicts.ts';
import { gateTitles } from '../metrics/gates.ts';
import { adapterSummary } from '../metrics/adapters.ts';
import { metricNamed, metricOf, type MetricDefinition, type MetricId } from '../metrics/catalog.ts';
import { element, replaceChildren, setAttributes, setText, show } from '../view/dom.ts';
import { createFactList, type Fact } from '../view/factList.ts';
import { badge, standingIcon } from '../view/icons.ts';
import type { Section } from '../view/section.ts';
import { tip } from '../view/tooltip.ts';
import { bandsOf, readingLines, track } from './track.ts';

export function createGateCards(): Section {
  const cards = gateNames.map(createCard);
  const root = element(
    'section',
    { class: 'gates', 'aria-label': 'The three gates' },
    ...cards.map((card) => card.root),
  );
  return {
    root,
    update({ document }, previous) {
      const report = document?.report ?? null;
      const before = previous?.document?.report ?? null;
      const same = report?.summary === before?.summary && report?.training === before?.training;
      if (same && previous !== null) return;
      show(root, report !== null);
      if (report !== null) for (const card of cards) card.update(report);
    },
  };
}

interface Card {
  root: HTMLElement;
  update(report: CardReport): void;
}

/** Of a report, what the cards show. */
type CardReport = Pick<PanelReport, 'summary' | 'training' | 'tensors'>;

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
  const readings = element('div', { class: 'readings' });
  const facts = createFactList('gate-facts');
  const rule = element('p', { class: 'rule' });
  let rows: ReadingRow[] = [];
  let shape = '';
  let shownWord = '';
  return {
    root: element('article', { class: `gate ${gate}` }, head, readings, facts.root, rule),
    update(report) {
      const verdict: GateVerdict = report.summary.gates[gate];
      const word = verdict.standing === 'unknown' ? 'not measured' : verdict.verdict;
      if (`${verdict.standing} ${word}` !== shownWord) {
        shownWord = `${verdict.standing} ${word}`;
        replaceChildren(head, heading, badge(verdict.standing, word));
      }
      const lacksKl = gate === 'anchor' && !verdict.readings.some(({ metric }) => metric === 'kl');
      const noKl = lacksKl ? (report.summary.kl.reason ?? '') : null;
      const nextShape = JSON.stringify([
        verdict.readings.map(({ metric, threshold, source }) => [metric, threshold, source]),
        noKl,
      ]);
      if (nextShape !== shape) {
        shape = nextShape;
        rows = verdict.readings.map((reading) => readingRow(reading, gate === 'geometry'));
        replaceChildren(readings, ...rows.map((row) => row.root), noKl === null ? null : missingKl(noKl));
      }
      verdict.readings.forEach((reading, index) => rows[index]?.update(reading));
      const found = factsOf(report, gate);
      facts.update(found);
      show(facts.root, found.length > 0);
      setText(rule, verdict.rule);
    },
  };
}

/** Not a weight metric, so it stands beside the catalog. */
const kl: Pick<MetricDefinition, 'label' | 'definition' | 'source' | 'scale'> = {
  label: 'KL to reference',
  definition:
    'The last logged divergence from the reference policy, in nats per token; from the training log alone.',
  source: 'the training log',
  scale: { kind: 'log', min: 1e-4, max: 10 },
};

interface ReadingRow {
  root: HTMLElement;
  /** With another value of the same metric, against the same threshold. */
  update(reading: Reading): void;
}

function readingRow(first: Reading, votes: boolean): ReadingRow {
  const metric = metricNamed(first.metric);
  const known =
    metric ??
    (first.metric === 'kl' ? kl : { ...kl, label: first.metric, definition: '', source: first.source });
  const format = (value: number | null): string => (metric ?? { format: formatNumber }).format(value);
  const bands = bandsOf(first.metric);
  const unit = first.metric === 'kl' ? ' nats/token' : '';
  const scale = track(known.scale, first.threshold, (limit) => `${format(limit)}${unit}`, bands);
  const number = element('span', { class: 'number' });
  const mark = element('span', { class: 'vote' });
  const root = element(
    'div',
    { class: 'reading', tabindex: 0, role: 'group' },
    element(
      'div',
      { class: 'reading-line' },
      element('span', { class: 'reading-label' }, known.label),
      number,
      mark,
    ),
    scale.root,
  );
  let shown = first;
  let vote: Reading['vote'] | null = null;
  tip(root, () => readingLines(known, shown.value, null, format, shown.threshold, shown.source, bands));
  return {
    root,
    update(reading) {
      shown = reading;
      const word = (votes ? geometryVotes : plainVotes)[reading.vote];
      setText(number, format(reading.value));
      setAttributes(root, { 'aria-label': `${known.label}: ${format(reading.value)}${unit}, ${word}` });
      if (reading.vote !== vote) {
        vote = reading.vote;
        replaceChildren(mark, standingIcon(vote), votes ? element('span', {}, word) : null);
      }
      scale.point(reading.value);
    },
  };
}

const geometryVotes = { holds: 'off', neutral: 'neutral', broken: 'on', unknown: 'not measured' };
const plainVotes = { holds: 'holds', neutral: 'between', broken: 'broken', unknown: 'not measured' };

function missingKl(reason: string): HTMLElement {
  const row = element(
    'div',
    {
      class: 'reading missing',
      tabindex: 0,
      role: 'group',
      'aria-label': `KL to the reference: not measured. ${reason}`,
    },
    element(
      'div',
      { class: 'reading-line' },
      element('span', { class: 'reading-label' }, kl.label),
      element('span', { class: 'number' }, 'not measured'),
      element('span', { class: 'vote' }, standingIcon('unknown')),
    ),
    element('p', { class: 'why' }, reason),
  );
  tip(row, () => [kl.label, kl.definition]);
  return row;
}

function factsOf({ summary, training, tensors }: CardReport, gate: GateName): Fact[] {
  const facts: Fact[] = [];
  const metric = (id: MetricId): void => {
    const definition = metricOf(id);
    const value = definition.ofPool(summary);
    if (value === null) return;
    const lines = (): string[] =>
      readingLines(definition, value, null, definition.format, null, '', bandsOf(id));
    facts.push({ label: definition.label, text: definition.format(value), lines });
  };
  if (gate === 'anchor') {
    metric('topPercentEnergy');
    if (summary.stepEnvelope !== null) {
      facts.push({
        label: 'Step envelope',
        text: formatNumber(summary.stepEnvelope),
        lines: () => [
          'Step envelope',
          `Largest |Δ| over the sum of learning rates: ${stepText(summary)}.`,
          'Well above the bound, the config shown is not the one that made these weights.',
        ],
      });
    }
    if (summary.meanCurvature !== null) {
      facts.push({
        label: 'Mean curvature',
        text: `${formatNumber(summary.meanCurvature)} ${summary.meanCurvatureUnit ?? ''}`.trim(),
        lines: () => [
          'Mean curvature',
          'Of the KL along the update, 2·KL/‖Δ‖² for the last logged KL:',
          `${curvatureText(summary)}.`,
          'Source: Zhu et al., arXiv 2511.08567, Gate I.',
        ],
      });
    }
  }
  if (gate === 'precision' && summary.optimizer !== null) {
    const { optimizer } = summary;
    facts.push({
      label: 'Optimizer',
      text: optimizer.name,
      lines: () => ['Optimizer', `${optimizerText(optimizer)}.`, optimizerNote],
    });
  }
  if (gate === 'geometry') {
    metric('principalEnergy');
    const { value } = summary.geometry;
    if (value !== null) {
      if (value.principalEnergyExpected !== null) {
        const chance = formatShare(value.principalEnergyExpected);
        facts.push({
          label: 'The same by chance',
          text: chance,
          lines: () => ['Energy by chance', 'What an update without any direction would put there: k²/mn.'],
        });
      }
      facts.push({
        label: 'Largest angle',
        text: formatDegrees(value.rotationMaxDeg),
        lines: () => ['Largest angle', `The largest principal angle of ${value.matrices} matrices.`],
      });
    }
  }
  if (gate === 'precision') {
    metric('oneStepShare');
    metric('hiddenByBf16');
    metric('absorbedShare');
    metric('unchangedAbs1e5');
    const adapter = adapterSummary(tensors);
    if (adapter !== null) {
      const { label, text, lines } = adapter.absorbed;
      facts.push({ label, text, lines: () => lines });
    }
    if (training.learningRatePeak === null) {
      facts.push({
        label: 'Absorbed steps',
        text: 'not measured',
        lines: () => [
          'Absorbed steps',
          'Needs the peak learning rate: choose the training config of this run.',
        ],
      });
    }
    const nonFinite = summary.precision.value?.counts.nonFinite ?? 0;
    if (nonFinite > 0) {
      facts.push({
        label: 'NaN or infinite',
        text: `${nonFinite.toLocaleString('en')} (${formatShare(nonFinite / summary.elements)})`,
        lines: () => ['NaN or infinite', 'Elements where a side is not a number; left out of every metric.'],
      });
    }
  }
  return facts;
}
