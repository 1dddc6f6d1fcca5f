// A list of named numbers, brought up to date in place: while an analysis runs only the numbers that moved are written.
import { element, replaceChildren, setText } from './dom.ts';
import { tip } from './tooltip.ts';

export interface Fact {
  label: string;
  text: string;
  /** For hover; the first line is the heading. Asked for when it opens. */
  lines: () => readonly string[];
}

export interface FactList {
  root: HTMLElement;
  update(facts: readonly Fact[]): void;
}

export function createFactList(className: string): FactList {
  const root = element('dl', { class: className });
  let shown: readonly Fact[] = [];
  let values: HTMLElement[] = [];
  const build = (facts: readonly Fact[]): void => {
    values = facts.map(() => element('dd', { class: 'number' }));
    const pairs = facts.map(({ label }, index) => {
      const pair = element('div', {}, element('dt', {}, label), values[index] ?? null);
      tip(pair, () => shown[index]?.lines() ?? []);
      return pair;
    });
    replaceChildren(root, ...pairs);
  };
  return {
    root,
    update(facts) {
      const isSame =
        facts.length === shown.length && facts.every(({ label }, at) => label === shown[at]?.label);
      shown = facts;
      if (!isSame) build(facts);
      facts.forEach(({ text }, index) => {
        const value = values[index];
        if (value !== undefined) setText(value, text);
      });
    },
  };
}
