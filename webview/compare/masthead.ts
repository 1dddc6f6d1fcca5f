// What stands at the top of the page: the base, in two sentences what tells its checkpoints apart, and the ways to take it away.
import { formatCount, formatDuration } from '../../src/shared/text/format.ts';
import type { SideBySideReport } from '../../src/shared/report/sideBySide.ts';
import type { SideBySideAction, SideBySideDocument } from '../../src/shared/protocol/sideBySideProtocol.ts';
import { sideBySideSentences } from '../../src/shared/text/sideBySideText.ts';
import { element, replaceChildren, setText, show } from '../parts/dom/dom.ts';
import { icon } from '../parts/dom/icons.ts';
import { menu, type Command } from '../parts/dom/menu.ts';
import { button } from '../parts/dom/toolkit.ts';
import { tip } from '../parts/dom/tooltip.ts';
import type { CompareSection, CompareTools } from './section.ts';

export function createMasthead({ host }: CompareTools): CompareSection {
  const command = (label: string, action: SideBySideAction): Command => ({
    label,
    run: () => {
      host.act(action);
    },
  });
  const again = command('Compare again', 'rerun');
  const againButton = button(again.label, again.run);
  const exports = menu('Export', [
    command('Everything as JSON…', 'exportJson'),
    command('Both tables as Markdown…', 'exportMarkdown'),
    command('A row per checkpoint as CSV…', 'exportCsv'),
  ]);
  const sides = element('p', { class: 'pair' });
  const lead = element('h1', {});
  const rest = element('p', { class: 'rest' });
  const facts = element('p', { class: 'facts' });
  const problems = element('div', { class: 'compare-problems' });
  const actions = element('div', { class: 'actions' }, exports, againButton);
  return {
    root: element(
      'header',
      { class: 'header' },
      element('div', { class: 'identity' }, sides, actions),
      element('div', { class: 'headline' }, lead, rest),
      facts,
      problems,
    ),
    update({ document, notice }, previous) {
      if (document === previous?.document && notice === previous.notice) return;
      const report = document?.report ?? null;
      const refused = document?.problem ?? null;
      replaceChildren(sides, ...(report === null ? [] : sidesOf(report)));
      const [weights, configs] = headlinesOf(document);
      setText(lead, weights);
      setText(rest, configs);
      replaceChildren(facts, ...(report === null ? [] : factsOf(report)));
      show(facts, report !== null);
      show(exports, report !== null);
      show(againButton, report !== null || refused !== null);
      const said = [refused?.message, notice, ...(report?.notes ?? [])];
      replaceChildren(
        problems,
        ...said.flatMap((text) => (text === null || text === undefined ? [] : [problemLine(text)])),
      );
    },
  };
}

function headlinesOf(document: SideBySideDocument | null): [string, string] {
  if (document === null) return ['Opening…', ''];
  const { report, problem } = document;
  if (report !== null) {
    const [weights = '', configs = ''] = sideBySideSentences(report);
    return [weights, configs];
  }
  return [problem === null ? 'Analysing the checkpoints…' : 'Nothing could be put side by side', ''];
}

function problemLine(text: string): HTMLElement {
  return element('p', { class: 'detail-problem' }, icon('warning', 'warning'), ' ', text);
}

function sidesOf({ base, runs }: SideBySideReport): HTMLElement[] {
  const name = element('span', { class: 'side-name' }, base.label);
  tip(name, () => [base.label, base.path, `${formatCount(base.parameters)} parameters · ${base.format}`]);
  return [
    element('span', { class: 'dim' }, 'base '),
    name,
    element('span', { class: 'dim' }, ` → ${runs.length} tuned checkpoints`),
  ];
}

function factsOf({ version, elapsedMs, configs }: SideBySideReport): HTMLElement[] {
  const fact = (text: string, lines: readonly string[]): HTMLElement => {
    const made = element('span', { class: 'fact' }, text);
    tip(made, () => lines);
    return made;
  };
  const same = configs.value?.same ?? [];
  return [
    ...(same.length === 0
      ? []
      : [
          fact(`${same.length} ${same.length === 1 ? 'setting' : 'settings'} alike`, [
            'The same in every config',
            same.join(', '),
          ]),
        ]),
    fact(`Three-Gate ${version}`, ['Version']),
    fact(formatDuration(elapsedMs), ['Elapsed time']),
  ];
}
