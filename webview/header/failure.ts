// What the page of a header shows without one: that it is being read, or why it could not be and what to do next.
import type { Problem } from '../../src/shared/errors.ts';
import { element } from '../parts/dom/dom.ts';
import { drawProblems } from './summary.ts';

interface NextSteps {
  again: () => void;
  /** For the Hub. */
  setToken: () => void;
}

/** Shows after a moment: a file of this machine is there before. */
export function drawWaiting(): HTMLElement {
  return element('p', { class: 'waiting', role: 'status' }, 'Reading the header…');
}

export function drawFailure({ code, message }: Problem, { again, setToken }: NextSteps): HTMLElement {
  const retry = button('Try again', again);
  const steps = element('div', { class: 'steps' }, retry);
  if (code === 'remote-denied') {
    retry.classList.add('secondary');
    steps.prepend(button('Set Token…', setToken));
  }
  return element('div', { class: 'failure' }, drawProblems([message]), steps);
}

function button(label: string, onClick: () => void): HTMLElement {
  const made = element('button', { type: 'button' }, label);
  made.addEventListener('click', onClick);
  return made;
}
