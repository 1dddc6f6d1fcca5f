// The cells of the matrix of runs.
import type { CheckpointInfo } from '../../src/shared/report/report.ts';
import type { OverlapPool, PairOverlap, RunsReport } from '../../src/shared/report/runsReport.ts';
import { formatNumber, formatShare, formatWhole } from '../../src/shared/text/format.ts';
import { element } from '../parts/dom/dom.ts';
import { tip } from '../parts/dom/tooltip.ts';
import { inkOn } from '../parts/theme/color.ts';
import { css, type Theme } from '../parts/theme/theme.ts';
import { liftOf } from './overlapMetrics.ts';

type Run = Pick<CheckpointInfo, 'label' | 'path'>;

export function runHead({ label }: Run, at: number): HTMLElement {
  const made = element(
    'th',
    { scope: 'col' },
    element('span', { class: 'hidden-text' }, `${label} `),
    String(at + 1),
  );
  tip(made, () => [label]);
  return made;
}

export function runName({ label, path }: Run, at: number): HTMLElement {
  const made = element('th', { scope: 'row' }, element('span', { class: 'dim' }, `${at + 1} `), label);
  tip(made, () => [label, path]);
  return made;
}

export function emptyCell(): HTMLElement {
  return element('td', { class: 'matrix-empty' });
}

export function pressCell(press: HTMLElement): HTMLElement {
  return element('td', { class: 'matrix-cell' }, press);
}

/** How much a run changed. */
export function changedCell({ changed, compared }: OverlapPool, run: number): HTMLElement {
  const share = compared === 0 ? null : (changed[run] ?? 0) / compared;
  return element('td', { class: 'matrix-own' }, hidden('changed '), formatShare(share));
}

/** The overlap of two runs, on the colour of its size. */
export function pairPress({ runs }: RunsReport, pair: PairOverlap, theme: Theme): HTMLElement {
  const names = [runs[pair.a]?.label ?? '', runs[pair.b]?.label ?? ''];
  const press = element(
    'button',
    { type: 'button' },
    hidden(`${names.join(' and ')}: overlap `),
    element('b', {}, formatNumber(pair.jaccard)),
    hidden(' if random '),
    element('span', { class: 'chance' }, formatNumber(pair.expected)),
  );
  if (pair.jaccard !== null) {
    const color = theme.ramp(pair.jaccard);
    press.style.backgroundColor = css(color);
    press.style.color = css(inkOn(color));
  }
  tip(press, () => [
    names.join(' ∩ '),
    pair.reason ??
      `Overlap ${formatNumber(pair.jaccard)}: ${formatWhole(pair.intersection)} weights changed by both, ${formatWhole(pair.union)} by either.`,
    `If random ${formatNumber(pair.expected)}, random within each tensor ${formatNumber(pair.expectedByTensor)}; ${liftText(pair)}`,
  ]);
  return press;
}

function hidden(text: string): HTMLElement {
  return element('span', { class: 'hidden-text' }, text);
}

function liftText(pair: PairOverlap): string {
  const lift = liftOf(pair);
  return lift === null ? 'no ratio.' : `${lift.toFixed(2)} times chance.`;
}
