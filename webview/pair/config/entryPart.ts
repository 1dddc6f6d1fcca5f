// The settings of the training config by group, each with the gate it bears on and the findings about it.
import type { ConfigEntry, Finding, TrainingEvidence } from '../../../src/shared/report/training.ts';
import { valueText } from '../../../src/shared/text/configText.ts';
import { breakable, element, replaceChildren } from '../../parts/dom/dom.ts';
import { icon } from '../../parts/dom/icons.ts';
import { textField } from '../../parts/dom/toolkit.ts';
import { tip } from '../../parts/dom/tooltip.ts';
import { gateTitles } from '../../parts/model/gates.ts';
import type { Tools } from '../section.ts';
import { configGroups, entriesFound, findingNumbers } from './configGroups.ts';
import { fileName } from './fileName.ts';
import { sourceLink } from './sourceLink.ts';

const kinds = {
  rl: 'reinforcement learning',
  sft: 'supervised',
  preference: 'preference',
  pretrain: 'pretraining',
  unknown: '',
};

export function entryPart(tools: Tools, { config, findings }: TrainingEvidence): HTMLElement[] {
  if (config === null) {
    return [
      element(
        'p',
        { class: 'absent' },
        'No training config was found beside the tuned checkpoint. Choose one to see which setting explains each gate, and how many weights one step could move.',
      ),
    ];
  }
  const list = element('div', {});
  const showFound = (text: string): void => {
    replaceChildren(list, ...groupParts(tools, entriesFound(config.entries, text), findings));
  };
  const search = textField('Find a setting by key, value or meaning', 'Find a setting', showFound);
  showFound('');
  const name = [config.framework, config.frameworkVersion].filter(Boolean).join(' ');
  return [
    element(
      'p',
      { class: 'framework' },
      element('span', {}, [name, kinds[config.kind]].filter(Boolean).join(' · ')),
      ...config.files.map((file) => element('span', { class: 'file', title: file }, fileName(file))),
    ),
    ...(config.entries.length < fewEntries ? [] : [search.root]),
    list,
  ];
}

/** Few enough to be seen at once. */
const fewEntries = 8;

function groupParts(
  tools: Tools,
  entries: readonly ConfigEntry[],
  findings: readonly Finding[],
): HTMLElement[] {
  if (entries.length === 0) return [element('p', { class: 'absent' }, 'No setting matches.')];
  return configGroups(entries).flatMap((group) => [
    element('h3', {}, group.title),
    element('ul', { class: 'entries' }, ...group.entries.map((entry) => entryRow(tools, entry, findings))),
  ]);
}

function entryRow(tools: Tools, entry: ConfigEntry, findings: readonly Finding[]): HTMLElement {
  const text = valueText(entry);
  const gate = entry.gate === null ? null : gateTitles[entry.gate];
  const mark = element('span', { class: 'numeral' }, gate?.numeral ?? '');
  if (gate !== null) tip(mark, () => [`Bears on gate ${gate.numeral}: ${gate.title}`, gate.question]);
  const notes = findingNumbers(entry, findings).map((number) => footnote(number, findings[number - 1]));
  const origin = originText(entry);
  return element(
    'li',
    { class: `entry ${entry.origin}` },
    mark,
    element(
      'span',
      { class: 'setting' },
      sourceLink(tools, entry.key, entry.location, `${entry.key} ${text}`),
      element('span', { class: 'value' }, ...breakable(text)),
    ),
    element('span', { class: 'notes' }, ...notes),
    origin === null ? null : element('span', { class: 'origin' }, origin),
  );
}

function originText({ origin, defaultNote }: ConfigEntry): string | null {
  if (origin !== 'default') return defaultNote;
  return defaultNote === null ? 'default' : `default: ${defaultNote}`;
}

function footnote(number: number, finding: Finding | undefined): HTMLElement {
  const note = element(
    'a',
    { class: 'footnote', href: `#finding-${number}`, 'aria-label': `Finding ${number}` },
    finding === undefined ? null : icon(finding.severity, finding.severity),
    String(number),
  );
  tip(note, () => (finding === undefined ? [] : [`Finding ${number}`, finding.message]));
  return note;
}
