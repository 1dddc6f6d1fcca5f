// The three gates: each one's word, its readings on their scales with the published bands, and the rule that decided.
import { formatDegrees, formatNumber, formatShare } from '../../src/shared/format.ts';
import { gateNames, type GateName } from '../../src/shared/options.ts';
import type { Report, Summary } from '../../src/shared/report.ts';
import type { GateVerdict, Reading } from '../../src/shared/verdicts.ts';
import { gateTitles } from '../metrics/gates.ts';
import { metricNamed, metricOf, type MetricDefinition, type MetricId } from '../metrics/catalog.ts';
import { element, replaceChildren, show } from '../view/dom.ts';
import { badge, standingIcon } from '../view/icons.ts';
import type { Section } from '../view/section.ts';
import { tip } from '../view/tooltip.ts';
import { bandsOf, readingLines, track } from './track.ts';

export function createGateCards(): Section {
  const root = element('section', { class: 'gates', 'aria-label': 'The three gates' });
  return {
    root,
    update({ document }, previous) {
      const report = document?.report ?? null;
      if (report?.summary === previous?.document?.report?.summary && previous !== null) return;
      show(root, report !== null);
      if (report !== null) replaceChildren(root, ...gateNames.map((gate) => card(report, gate)));
    },
  };
}

function card(report: Report, gate: GateName): HTMLElement {
  const verdict: GateVerdict = report.summary.gates[gate];
  const { numeral, title, question } = gateTitles[gate];
  const heading = element(
    'h2',
    {},
    element('span', { class: 'numeral', 'aria-label': `Gate ${numeral}` }, numeral),
    ` ${title}`,
  );
  tip(heading, () => [`Gate ${numeral}: ${title}`, question]);
  const word = verdict.standing === 'unknown' ? 'not measured' : verdict.verdict;
  const readings = verdict.readings.map((reading) => readingRow(reading, gate === 'geometry'));
  if (gate === 'anchor' && !verdict.readings.some(({ metric }) => metric === 'kl')) {
    readings.push(missingKl(report.summary));
  }
  return element(
    'article',
    { class: `gate ${gate}` },
    element('div', { class: 'gate-head' }, heading, badge(verdict.standing, word)),
    element('div', { class: 'readings' }, ...readings),
    factList(factsOf(report, gate)),
    element('p', { class: 'rule' }, verdict.rule),
  );
}

/** Not a weight metric, so it stands beside the catalog. */
const kl: Pick<MetricDefinition, 'label' | 'definition' | 'source' | 'scale'> = {
  label: 'KL to reference',
  definition:
    'The last logged divergence from the reference policy, in nats per token; from the training log alone.',
  source: 'the training log',
  scale: { kind: 'log', min: 1e-4, max: 10 },
};

function readingRow(reading: Reading, votes: boolean): HTMLElement {
  const metric = metricNamed(reading.metric);
  const known =
    metric ??
    (reading.metric === 'kl' ? kl : { ...kl, label: reading.metric, definition: '', source: reading.source });
  const format = (value: number | null): string => (metric ?? { format: formatNumber }).format(value);
  const bands = bandsOf(reading.metric);
  const unit = reading.metric === 'kl' ? ' nats/token' : '';
  const vote = votes
    ? { holds: 'off', neutral: 'neutral', broken: 'on', unknown: 'not measured' }[reading.vote]
    : { holds: 'holds', neutral: 'between', broken: 'broken', unknown: 'not measured' }[reading.vote];
  const row = element(
    'div',
    {
      class: 'reading',
      tabindex: 0,
      role: 'group',
      'aria-label': `${known.label}: ${format(reading.value)}${unit}, ${vote}`,
    },
    element(
      'div',
      { class: 'reading-line' },
      element('span', { class: 'reading-label' }, known.label),
      element('span', { class: 'number' }, format(reading.value)),
      element(
        'span',
        { class: 'vote' },
        standingIcon(reading.vote),
        votes ? element('span', {}, vote) : null,
      ),
    ),
    track(known.scale, reading.value, reading.threshold, (limit) => `${format(limit)}${unit}`, bands),
  );
  tip(row, () => readingLines(known, reading.value, format, reading.threshold, reading.source, bands));
  return row;
}

function missingKl({ kl: measured }: Summary): HTMLElement {
  const reason = measured.reason ?? '';
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

interface Fact {
  label: string;
  text: string;
  lines: readonly string[];
}

function factsOf({ summary, training }: Report, gate: GateName): Fact[] {
  const facts: Fact[] = [];
  const metric = (id: MetricId): void => {
    const definition = metricOf(id);
    const value = definition.ofPool(summary);
    if (value === null) return;
    const lines = readingLines(definition, value, definition.format, null, '', bandsOf(id));
    facts.push({ label: definition.label, text: definition.format(value), lines });
  };
  if (gate === 'anchor') {
    metric('topPercentEnergy');
    if (summary.stepEnvelope !== null) {
      facts.push({
        label: 'Step envelope',
        text: formatNumber(summary.stepEnvelope),
        lines: [
          'Step envelope',
          'Largest |Δ| over the sum of learning rates: at most about 1 for Adam-like optimizers. Above it, the config shown is not the one that made these weights.',
        ],
      });
    }
    if (summary.curvatureCeiling !== null) {
      facts.push({
        label: 'Curvature ceiling',
        text: formatNumber(summary.curvatureCeiling),
        lines: [
          'Curvature ceiling',
          'μ ≤ 2K/‖Δ‖² for the logged KL K.',
          'Source: Zhu et al., arXiv 2511.08567, Gate I.',
        ],
      });
    }
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
          lines: ['Energy by chance', 'What an update without any direction would put there: k²/mn.'],
        });
      }
      facts.push({
        label: 'Largest angle',
        text: formatDegrees(value.rotationMaxDeg),
        lines: ['Largest angle', `The largest principal angle of ${value.matrices} matrices.`],
      });
    }
  }
  if (gate === 'precision') {
    metric('oneStepShare');
    metric('hiddenByBf16');
    metric('absorbedShare');
    metric('unchangedAbs1e5');
    if (training.learningRatePeak === null) {
      facts.push({
        label: 'Absorbed steps',
        text: 'not measured',
        lines: ['Absorbed steps', 'Needs the peak learning rate: choose the training config of this run.'],
      });
    }
    const nonFinite = summary.precision.value?.counts.nonFinite ?? 0;
    if (nonFinite > 0) {
      facts.push({
        label: 'NaN or infinite',
        text: `${nonFinite.toLocaleString('en')} (${formatShare(nonFinite / summary.elements)})`,
        lines: ['NaN or infinite', 'Elements where a side is not a number; left out of every metric.'],
      });
    }
  }
  return facts;
}

function factList(facts: readonly Fact[]): HTMLElement | null {
  if (facts.length === 0) return null;
  return element(
    'dl',
    { class: 'gate-facts' },
    ...facts.map(({ label, text, lines }) => {
      const pair = element('div', {}, element('dt', {}, label), element('dd', { class: 'number' }, text));
      tip(pair, () => lines);
      return pair;
    }),
  );
}
