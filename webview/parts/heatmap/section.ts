// A heat map's place in a page: its title and what it is coloured by above, its legend and what a cell says below.
import { element } from '../dom/dom.ts';
import type { HeatGrid } from './grid.ts';

export interface HeatSection {
  root: HTMLElement;
  /** For the legend. */
  key: HTMLElement;
  /** For what the visited cell says. */
  readout: HTMLElement;
}

/** `about`: beside the title, what the colours are about. */
export function heatSection(
  grid: HeatGrid,
  chooser: HTMLElement,
  about: HTMLElement | null = null,
): HeatSection {
  const readout = element('p', { class: 'readout' });
  const key = element('div', { class: 'legend' });
  const root = element(
    'section',
    { class: 'heat', 'aria-labelledby': 'heat-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'heat-title' }, 'Where in the model'),
      about,
      element('span', { class: 'grow' }),
      element('span', { class: 'control-label', 'aria-hidden': 'true' }, 'colour by'),
      chooser,
    ),
    element('div', { class: 'heat-scroll' }, grid.root),
    element('div', { class: 'heat-foot' }, key, readout),
  );
  return { root, key, readout };
}
