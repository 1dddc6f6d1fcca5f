// What was found in the training config, in full.
import type { Finding } from '../../../src/shared/report/training.ts';
import { element } from '../../parts/dom/dom.ts';
import { icon } from '../../parts/dom/icons.ts';
import { quietButton } from '../../parts/dom/quietButton.ts';
import type { Tools } from '../section.ts';
import { sourceLink } from './sourceLink.ts';

export function findingPart(tools: Tools, findings: readonly Finding[]): HTMLElement[] {
  const help = quietButton(
    'All findings explained',
    () => {
      tools.host.act('openFindingsHelp');
    },
    { hint: 'Opens the list of everything that can be found in a training config, with its sources' },
  );
  if (findings.length === 0) return [element('p', { class: 'finding-help' }, help)];
  return [
    element(
      'div',
      { class: 'finding-head' },
      element('h3', { id: 'findings-title' }, `Findings (${findings.length})`),
      element('span', { class: 'grow' }),
      help,
    ),
    element(
      'ol',
      { class: 'findings' },
      ...findings.map((finding, index) => findingItem(tools, finding, index + 1)),
    ),
  ];
}

function findingItem(tools: Tools, finding: Finding, number: number): HTMLElement {
  const { severity, message, evidence, nextStep, source, location } = finding;
  const line = location === null ? [] : [' · ', sourceLink(tools, 'show line', location, 'Show')];
  return element(
    'li',
    { id: `finding-${number}`, class: severity, tabindex: -1 },
    icon(severity, severity),
    element(
      'div',
      {},
      element(
        'p',
        { class: 'finding-message' },
        element('span', { class: 'hidden-text' }, `${severity}: `),
        `${number}. ${message}`,
      ),
      evidence === null ? null : element('p', {}, evidence),
      element('p', {}, nextStep),
      element('p', { class: 'dim' }, source, ...line),
    ),
  );
}
