// What to know and what to do next, as banners: a request that failed, where the analysis stands, what was not compared.
import type { ProblemCode } from '../../../src/shared/errors.ts';
import { formatCount, formatShare, formatWhole } from '../../../src/shared/text/format.ts';
import type { PanelDocument, PanelShards, RunState } from '../../../src/shared/protocol/panelProtocol.ts';
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import type { NotCompared } from '../../../src/shared/report/report.ts';
import { missedIn } from '../../../src/shared/report/missed.ts';
import type { SampleReport } from '../../../src/shared/report/sample.ts';
import {
  estimateColumns,
  estimateNote,
  estimateRows,
  sampleSentence,
  undecidedSentence,
} from '../../../src/shared/text/sampleText.ts';
import { element } from '../../parts/dom/dom.ts';
import type { Tools } from '../section.ts';
import { act, banner, buttons } from './banner.ts';
import { shardBanners } from './shardBanners.ts';

export function banners(
  tools: Tools,
  { run, report, stored }: PanelDocument,
  notice: string | null,
): HTMLElement[] {
  return [
    ...(notice === null ? [] : [banner('warning', notice)]),
    ...(stored === undefined ? runBanners(tools, run, report) : storedBanners(tools, run, stored.shards)),
    ...(report === null ? [] : reportBanners(report)),
  ];
}

/** Of a stored report: that it cannot be shown, and how far the shards are that it is of. */
function storedBanners(tools: Tools, run: RunState, shards: PanelShards | null): HTMLElement[] {
  const next =
    shards === null ? act(tools, 'Open as text', 'openAsText', 'primary') : act(tools, 'Show log', 'showLog');
  const fault = run.kind === 'failed' ? [banner('error', run.problem.message, buttons(next))] : [];
  return [...fault, ...(shards === null ? [] : shardBanners(tools, shards))];
}

function runBanners(tools: Tools, run: RunState, report: PanelReport | null): HTMLElement[] {
  switch (run.kind) {
    case 'idle':
      return report === null ? [welcome(tools)] : [];
    case 'cancelled':
      return [banner('info', cancelledText(report), buttons(act(tools, 'Resume', 'run', 'primary')))];
    case 'failed': {
      const choices = [
        ...nextSteps(tools, run.problem.code),
        ...(run.canRetryWithWasm ? [act(tools, 'Try with WebAssembly', 'retryWithWasm')] : []),
        act(tools, 'Show log', 'showLog'),
      ];
      const kept = report === null ? [] : [element('p', {}, 'What was measured before is shown below.')];
      return [banner('error', run.problem.message, ...kept, buttons(...choices))];
    }
    default:
      return [];
  }
}

function nextSteps(tools: Tools, code: ProblemCode): HTMLElement[] {
  switch (code) {
    case 'remote-cost':
      return [act(tools, 'Read them', 'readRemote', 'primary')];
    case 'remote-denied':
      return [act(tools, 'Try again', 'run', 'primary'), act(tools, 'Set Token…', 'setToken')];
    default:
      return [act(tools, 'Try again', 'run', 'primary')];
  }
}

function welcome(tools: Tools): HTMLElement {
  return element(
    'div',
    { class: 'empty' },
    element(
      'p',
      {},
      'Three-Gate reads both checkpoints once, compares every weight, and says what kind of update this was, where in the model it happened, and what in the training config explains it. Nothing of yours is sent anywhere.',
    ),
    buttons(act(tools, 'Analyse', 'run', 'primary'), act(tools, 'Choose training config…', 'chooseConfig')),
  );
}

function cancelledText(report: PanelReport | null): string {
  if (report === null) return 'The analysis was cancelled before anything was measured.';
  const done = report.tensors.filter(({ status }) => status === 'done').length;
  return `Cancelled. ${formatWhole(done)} of ${formatWhole(report.tensors.length)} tensors are measured, and the verdicts below rest on these alone. Resume to measure the rest.`;
}

/** Problems beyond this many are counted, not listed. */
const problemsShown = 5;

function reportBanners(report: PanelReport): HTMLElement[] {
  const { missed, outsideSample } = missedIn(report.coverage);
  const more = report.problems.length - problemsShown;
  return [
    ...(report.sample === undefined ? [] : [sampleBanner(report.sample)]),
    ...(missed.length === 0
      ? []
      : [banner('warning', missedLine(report, { missed, outsideSample }), reasonList(missed))]),
    ...report.problems.slice(0, problemsShown).map(({ message }) => banner('warning', message)),
    ...(more > 0 ? [banner('warning', `${more} more problems are listed in the exported report.`)] : []),
  ];
}

/** "12 tensors (0.31 % of the parameters) could not be compared." */
function missedLine(
  { coverage, tensors }: PanelReport,
  { missed, outsideSample }: ReturnType<typeof missedIn>,
): string {
  const count = missed.length;
  const read = outsideSample.reduce((left, { elements }) => left - elements, coverage.elements);
  const share = coverage.elements === 0 ? 0 : (read - coverage.compared) / coverage.elements;
  const noun = count === 1 ? 'tensor' : 'tensors';
  return `${formatWhole(count)} of ${formatWhole(Math.max(tensors.length, count))} ${noun} (${formatShare(share)} of the parameters) could not be compared.`;
}

/** A preview from a sample: what was drawn, and what may be expected of all tensors. */
function sampleBanner(sample: SampleReport): HTMLElement {
  const row = (cell: 'th' | 'td', texts: readonly string[]): HTMLElement =>
    element('tr', {}, ...texts.map((text) => element(cell, {}, text)));
  const table = element(
    'table',
    { class: 'estimates' },
    element('thead', {}, row('th', estimateColumns)),
    element('tbody', {}, ...estimateRows(sample).map((texts) => row('td', texts))),
  );
  const words = [sampleSentence(sample), undecidedSentence(sample)].filter((part) => part !== null);
  return banner('info', words.join(' '), table, element('p', {}, estimateNote));
}

/** Most tensors shown by name for one reason. */
const namesShown = 40;

function reasonList(all: readonly NotCompared[]): HTMLElement {
  const byCode = new Map<string, NotCompared[]>();
  for (const each of all) byCode.set(each.reason.code, [...(byCode.get(each.reason.code) ?? []), each]);
  const groups = [...byCode].map(([code, list]) => {
    const elements = list.reduce((sum, each) => sum + each.elements, 0);
    const names = list.slice(0, namesShown).map((each) => element('li', {}, each.reason.message));
    const more = list.length - names.length;
    if (more > 0) names.push(element('li', {}, `… and ${more} more, each a row in the table.`));
    return element(
      'details',
      {},
      element(
        'summary',
        {},
        `${code}: ${list.length} ${list.length === 1 ? 'tensor' : 'tensors'}, ${formatCount(elements)} parameters`,
      ),
      element('ul', {}, ...names),
    );
  });
  return element('div', { class: 'reasons' }, ...groups);
}
