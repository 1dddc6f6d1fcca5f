// The two marks of every scale, told apart by shape as well as colour: a filled diamond for what was measured, a hollow
// triangle for a random update of the same size.
import { element, vector } from '../../parts/dom/dom.ts';

export function measuredMark(): HTMLElement {
  return element('span', { class: 'mark measured', 'aria-hidden': 'true' });
}

export function randomMark(): HTMLElement {
  return element(
    'span',
    { class: 'mark random', 'aria-hidden': 'true' },
    vector('svg', { viewBox: '0 0 10 8', focusable: 'false' }, vector('path', { d: 'M1 0.8h8L5 7z' })),
  );
}
