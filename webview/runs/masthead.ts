// What stands at the top of the page: which base and which runs, what they have in common in one sentence, and the ways to take it away.
import { formatCount, formatDuration, formatShare, formatWhole } from '../../src/shared/text/format.ts';
import type { CheckpointInfo } from '../../src/shared/report/report.ts';
import type { RunsReport } from '../../src/shared/report/runsReport.ts';
import { overlapSentence, settledSentence } from '../../src/shared/text/runsTables.ts';
import type { RunsAction, RunsDocument } from '../../src/shared/protocol/runsProtocol.ts';
import { button } from '../parts/dom/toolkit.ts';
import { element, replaceChildren, setText, show } from '../parts/dom/dom.ts';
import { icon } from '../parts/dom/icons.ts';
import { menu, type Command } from '../parts/dom/menu.ts';
import { tip } from '../parts/dom/tooltip.ts';
import type { RunsSection, RunsTools } from './section.ts';

export function createMasthead(tools: RunsTools): RunsSection {
  const sides = element('p', { class: 'pair' });
  const { again, followAgain, exports } = actionsOf(tools);
  const lead = element('h1', {});
  const facts = element('p', { class: 'facts' });
  const live = element('p', { class: 'following' });
  const problems = element('div', { class: 'runs-problems' });
  const root = element(
    'header',
    { class: 'header' },
    element(
      'div',
      { class: 'identity' },
      sides,
      element('div', { class: 'actions' }, exports, again, followAgain),
    ),
    element('div', { class: 'headline' }, lead),
    facts,
    live,
    problems,
  );
  return {
    root,
    update({ document, notice, following }, previous) {
      setText(live, following ?? '');
      show(live, following !== null);
      if (document === previous?.document && notice === previous.notice) return;
      const report = document?.report ?? null;
      const refused = document?.problem ?? null;
      replaceChildren(sides, ...(report === null ? [] : sidesOf(report)));
      setText(lead, headlineOf(document).replaceAll(' %', '\u00a0%'));
      replaceChildren(facts, ...(report === null ? [] : factsOf(report)));
      show(facts, report !== null);
      show(exports, report !== null);
      const follows = document?.choice.follow !== undefined;
      show(again, !follows && (report !== null || refused !== null));
      show(followAgain, follows && refused !== null);
      const said = [
        ...(refused === null ? [] : [refused.message]),
        ...(notice === null ? [] : [notice]),
        ...(report?.problems ?? []).map(({ message }) => message),
      ];
      replaceChildren(problems, ...said.map(problemLine));
    },
  };
}

function actionsOf({ host }: RunsTools): Record<'again' | 'followAgain' | 'exports', HTMLElement> {
  const command = (label: string, action: RunsAction): Command => ({
    label,
    run: () => {
      host.act(action);
    },
  });
  const { label, run } = command('Compare again', 'rerun');
  return {
    again: button(label, run),
    followAgain: button('Follow again', run),
    exports: menu('Export', [
      command('Everything as JSON…', 'exportJson'),
      command('Summary as Markdown…', 'exportMarkdown'),
      command('Overlaps as CSV…', 'exportCsv'),
    ]),
  };
}

function problemLine(text: string): HTMLElement {
  return element('p', { class: 'detail-problem' }, icon('warning', 'warning'), ' ', text);
}

function headlineOf(document: RunsDocument | null): string {
  if (document === null) return 'Opening…';
  const { report, problem, choice } = document;
  if (report === null && choice.follow !== undefined) {
    return problem === null ? 'No complete checkpoint is there yet' : 'The run could not be followed';
  }
  if (report === null) return problem === null ? 'Comparing the runs…' : 'The runs could not be compared';
  const [only] = report.trajectories;
  return report.overlap.value === null && only !== undefined
    ? settledSentence(only)
    : overlapSentence(report);
}

function sidesOf({ base, runs }: RunsReport): (HTMLElement | string)[] {
  const name = (info: CheckpointInfo): HTMLElement => {
    const made = element('span', { class: 'side-name' }, info.label);
    tip(made, () => [info.label, info.path, `${formatCount(info.parameters)} parameters · ${info.format}`]);
    return made;
  };
  const tuned = runs.flatMap((run, at) => [
    at === 0 ? ' → ' : ' · ',
    element('span', { class: 'dim' }, `${at + 1} `),
    name(run),
  ]);
  return [element('span', { class: 'dim' }, 'base '), name(base), ...tuned];
}

function factsOf({ base, overlap, eta, version, elapsedMs }: RunsReport): HTMLElement[] {
  const fact = (text: string, lines: readonly string[]): HTMLElement => {
    const made = element('span', { class: 'fact' }, text);
    tip(made, () => lines);
    return made;
  };
  const { value } = overlap;
  const compared =
    value === null
      ? []
      : [
          fact(
            `${formatShare(value.whole.compared / base.parameters)} of ${formatCount(base.parameters)} weights compared`,
            [
              'Compared',
              `${formatWhole(value.whole.compared)} weights that are finite in the base and in every run, in ${formatWhole(value.whole.tensors)} tensors.`,
              ...(value.notCompared.length === 0
                ? []
                : [
                    `${value.notCompared.length} tensors were not compared in some run; the JSON names them.`,
                  ]),
            ],
          ),
        ];
  return [
    ...compared,
    fact(`η ${eta}`, [
      'Tolerance',
      'A weight counts as changed when its bf16 value moved by more than η of its size.',
    ]),
    fact(`Three-Gate ${version}`, ['Version']),
    fact(formatDuration(elapsedMs), ['Elapsed time']),
  ];
}
