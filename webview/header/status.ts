// What is going on and what to do next: the empty, running, cancelled and failed states, and what could not be compared.
import { formatBytes, formatCount, formatDuration, formatShare } from '../../src/shared/text/format.ts';
import type { PanelDocument } from '../../src/shared/protocol/panelProtocol.ts';
import type { PanelReport } from '../../src/shared/protocol/panelReport.ts';
import type { NotCompared } from '../../src/shared/report/report.ts';
import type { Progress } from '../../src/shared/protocol/runEvents.ts';
import { button } from '../toolkit.ts';
import { element, replaceChildren, setAttributes, setText, setVariable, show } from '../view/dom.ts';
import { icon, type IconName } from '../view/icons.ts';
import type { Section, Tools } from '../view/section.ts';

export function createStatus(tools: Tools): Section {
  const { host } = tools;
  const progress = createProgress(tools);
  const message = element('div', { class: 'banners' });
  const root = element(
    'section',
    { class: 'status', 'aria-label': 'State of the analysis' },
    progress.root,
    message,
  );

  const banner = (kind: 'info' | 'warning' | 'error', text: string, ...rest: HTMLElement[]): HTMLElement => {
    const name: IconName = kind;
    return element(
      'div',
      { class: `banner ${kind}` },
      icon(name),
      element('div', { class: 'banner-text' }, text, ...rest),
    );
  };
  const act = (label: string, action: Parameters<typeof host.act>[0], look?: 'primary'): HTMLElement =>
    button(
      label,
      () => {
        host.act(action);
      },
      look,
    );
  const buttons = (...made: HTMLElement[]): HTMLElement =>
    element('div', { class: 'banner-actions' }, ...made);

  const banners = ({ run, report }: PanelDocument, notice: string | null): HTMLElement[] => {
    const made: HTMLElement[] = [];
    if (notice !== null) made.push(banner('warning', notice));
    if (run.kind === 'idle' && report === null) {
      made.push(
        element(
          'div',
          { class: 'empty' },
          element(
            'p',
            {},
            'Three-Gate reads both checkpoints once, compares every weight, and says what kind of update this was, where in the model it happened, and what in the training config explains it. Everything stays on this machine.',
          ),
          buttons(act('Analyse', 'run', 'primary'), act('Choose training config…', 'chooseConfig')),
        ),
      );
    }
    if (run.kind === 'cancelled') {
      const done = report?.tensors.filter(({ status }) => status === 'done').length ?? 0;
      const text =
        report === null
          ? 'The analysis was cancelled before anything was measured.'
          : `Cancelled. ${done} of ${report.tensors.length} tensors are measured, and the verdicts below rest on these alone. Resume to measure the rest.`;
      made.push(banner('info', text, buttons(act('Resume', 'run', 'primary'))));
    }
    if (run.kind === 'failed') {
      const choices = [act('Try again', 'run', 'primary'), act('Show log', 'showLog')];
      if (run.canRetryWithWasm) choices.splice(1, 0, act('Try with WebAssembly', 'retryWithWasm'));
      const kept = report === null ? [] : [element('p', {}, 'What was measured before is shown below.')];
      made.push(banner('error', run.problem.message, ...kept, buttons(...choices)));
    }
    if (report !== null) made.push(...reportBanners(report));
    return made;
  };

  const reportBanners = (report: PanelReport): HTMLElement[] => {
    const made: HTMLElement[] = [];
    const { notCompared } = report.coverage;
    if (notCompared.length > 0)
      made.push(banner('warning', notComparedLine(report), reasonList(notCompared)));
    for (const each of report.problems.slice(0, 5)) made.push(banner('warning', each.message));
    const more = report.problems.length - 5;
    if (more > 0) made.push(banner('warning', `${more} more problems are listed in the exported report.`));
    return made;
  };

  return {
    root,
    update(state, previous) {
      progress.update(state, previous);
      const { document, notice } = state;
      const unchanged =
        previous !== null &&
        notice === previous.notice &&
        document?.run.kind === previous.document?.run.kind &&
        document?.report?.coverage === previous.document?.report?.coverage &&
        document?.report?.problems === previous.document?.report?.problems;
      if (unchanged) return;
      replaceChildren(message, ...(document === null ? [] : banners(document, notice)));
    },
  };
}

/** "12 tensors (0.31 % of the parameters) could not be compared." */
function notComparedLine({ coverage, tensors }: PanelReport): string {
  const count = coverage.notCompared.length;
  const share = coverage.elements === 0 ? 0 : 1 - coverage.share;
  const noun = count === 1 ? 'tensor' : 'tensors';
  return `${count} of ${Math.max(tensors.length, count)} ${noun} (${formatShare(share)} of the parameters) could not be compared.`;
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

function createProgress({ host }: Tools): Section {
  const bar = element('div', { class: 'bar-fill' });
  const track = element(
    'div',
    { class: 'bar', role: 'progressbar', 'aria-label': 'Analysis', 'aria-valuemin': 0, 'aria-valuemax': 100 },
    bar,
  );
  const text = element('p', { class: 'progress-text' });
  const current = element('p', { class: 'progress-current' });
  const cancel = button('Cancel', () => {
    host.act('cancel');
  });
  const words = element('div', { class: 'progress-words' }, text, current);
  const root = element(
    'div',
    { class: 'progress' },
    track,
    element('div', { class: 'progress-row' }, words, cancel),
  );
  return {
    root,
    update({ document, progress }, previous) {
      const running = document?.run.kind === 'running';
      show(root, running);
      if (!running || (progress === previous?.progress && previous.document?.run.kind === 'running')) return;
      const share = progress === null ? 0 : doneShare(progress);
      setVariable(bar, '--done', share.toFixed(4));
      setAttributes(track, { 'aria-valuenow': progress === null ? null : Math.round(share * 100) });
      setText(text, progress === null ? 'Starting the engine…' : progressLine(progress));
      setText(current, progress?.current ?? '');
    },
  };
}

/** Reading counts a fifth of the work, matrices the rest. */
function doneShare({ bytesDone, bytesTotal, matrixElementsDone, matrixElementsTotal }: Progress): number {
  const read = bytesTotal > 0 ? bytesDone / bytesTotal : 1;
  const computed = matrixElementsTotal > 0 ? matrixElementsDone / matrixElementsTotal : read;
  return Math.min(1, 0.2 * read + 0.8 * computed);
}

function progressLine(progress: Progress): string {
  const { bytesDone, bytesTotal, matricesDone, matricesTotal, elapsedMs, remainingMs } = progress;
  return [
    `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)} read`,
    `${matricesDone} of ${matricesTotal} matrices`,
    `${formatDuration(elapsedMs)} elapsed`,
    remainingMs === null ? 'time left not known yet' : `about ${formatDuration(remainingMs)} left`,
  ].join(' · ');
}
