// A list of named numbers, brought up to date in place: while an analysis runs only the numbers that moved are written.
import { element, replaceChildren, setText } from './dom.ts';
import { tip } from './tooltip.ts';

export interface Fact {
  label: string;
  text: string;
  /** Beside the number, lighter: what to hold it against. */
  note?: string;
  /** Carries no information of its own, and is set lighter. */
  muted?: boolean;
  /** For hover; the first line is the heading. Asked for when it opens. */
  lines: () => readonly string[];
}

interface FactList {
  root: HTMLElement;
  update(facts: readonly Fact[]): void;
}

export function createFactList(className: string): FactList {
  const root = element('dl', { class: className });
  let shown: readonly Fact[] = [];
  let values: { number: HTMLElement; note: HTMLElement }[] = [];
  const build = (facts: readonly Fact[]): void => {
    values = facts.map(() => ({
      number: element('span', {}),
      note: element('span', { class: 'fact-note' }),
    }));
    const pairs = facts.map(({ label }, index) => {
      const value = values[index];
      const held = element('dd', { class: 'number' }, value?.number ?? null, value?.note ?? null);
      const pair = element('div', {}, element('dt', {}, label), held);
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
      facts.forEach(({ text, note, muted }, index) => {
        const value = values[index];
        if (value === undefined) return;
        setText(value.number, text);
        setText(value.note, note ?? '');
        value.number.classList.toggle('muted', muted === true);
      });
    },
  };
}
