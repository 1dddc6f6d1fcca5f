// A table of text as the other surfaces print it: the first row is its head, the first column names the rows.
import { element } from '../parts/dom/dom.ts';
import { tip } from '../parts/dom/tooltip.ts';

export function plainTable(
  [head = [], ...rows]: readonly (readonly string[])[],
  label: string,
  definition: string,
): HTMLElement {
  const name = element('th', { scope: 'col' }, head[0] ?? '');
  tip(name, () => [label, definition]);
  const heads = head.slice(1).map((text) => element('th', { scope: 'col', class: 'number' }, text));
  const lines = rows.map(([first = '', ...cells]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, first),
      ...cells.map((text) => element('td', { class: 'number' }, text)),
    ),
  );
  return element(
    'div',
    { class: 'steps-scroll', tabindex: 0, role: 'region', 'aria-label': label },
    element(
      'table',
      { class: 'steps' },
      element('thead', {}, element('tr', {}, name, ...heads)),
      element('tbody', {}, ...lines),
    ),
  );
}
