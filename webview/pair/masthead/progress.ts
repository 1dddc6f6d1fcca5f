// How far a running analysis is.
import { formatBytes, formatDuration } from '../../../src/shared/text/format.ts';
import { shareDone } from '../../../src/shared/text/progressText.ts';
import type { Progress } from '../../../src/shared/protocol/analysisEvents.ts';
import { element, setAttributes, setText, setVariable, show } from '../../parts/dom/dom.ts';
import { button } from '../../parts/dom/toolkit.ts';
import type { Section, Tools } from '../section.ts';

export function createProgress({ host }: Tools): Section {
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
      const share = progress === null ? 0 : shareDone(progress);
      setVariable(bar, '--done', share.toFixed(4));
      setAttributes(track, { 'aria-valuenow': progress === null ? null : Math.round(share * 100) });
      setText(text, progress === null ? 'Starting the engine…' : progressLine(progress));
      setText(current, progress?.current ?? '');
    },
  };
}

function progressLine(progress: Progress): string {
  const { bytesDone, bytesTotal, matricesDone, matricesTotal, elapsedMs, remainingMs, remoteBytes } =
    progress;
  const remote = remoteBytes === undefined ? '' : `, ${formatBytes(remoteBytes)} of it from elsewhere`;
  return [
    `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)} read${remote}`,
    `${matricesDone} of ${matricesTotal} matrices`,
    `${formatDuration(elapsedMs)} elapsed`,
    remainingMs === null ? 'time left not known yet' : `about ${formatDuration(remainingMs)} left`,
  ].join(' · ');
}
