// Small drawn shapes. Each standing has its own outline, so that colour is never the only difference.
import type { GateStanding, Vote } from '../../../src/shared/report/verdicts.ts';
import { element, vector } from './dom.ts';

const paths = {
  holds: 'M2.5 8.5l3.5 3.5L13.5 4',
  middle: 'M2 9.5C3.5 6.2 6 6.4 8 8s4.5 1.8 6-1.5',
  broken: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  unknown: 'M5.3 5.6a2.7 2.7 0 1 1 4 2.3c-.9.5-1.3 1-1.3 2M8 12.9v.2',
  warning: 'M8 2.2L14.6 13.5H1.4zM8 6.4v3.4M8 11.6v.2',
  info: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.4v4M8 4.8v.2',
  error: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8',
  chevron: 'M6 3.5L10.5 8 6 12.5',
  swap: 'M2.5 5.5h10M9.5 2.5l3 3-3 3M13.5 10.5h-10M6.5 7.5l-3 3 3 3',
} as const;

type IconName = keyof typeof paths;

/** Decorative: words beside it carry the meaning. */
export function icon(name: IconName, className = ''): SVGSVGElement {
  return vector(
    'svg',
    { class: `icon ${name} ${className}`, viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' },
    vector('path', { d: paths[name] }),
  );
}

export function standingIcon(standing: GateStanding | Vote): SVGSVGElement {
  const name = standing === 'neutral' ? 'middle' : standing;
  return icon(name, 'standing');
}

/** A verdict: its shape and its word. */
export function badge(standing: GateStanding, word: string): HTMLElement {
  return element('span', { class: `badge ${standing}` }, standingIcon(standing), element('span', {}, word));
}
