// The controls that the editor's own look comes from a library for. The library is archived, so this is the only
// importer; replacing it means rewriting this file.
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeTextField } from '@vscode/webview-ui-toolkit';
import { element, setAttributes } from './dom.ts';

export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField());
}

export interface Choice<Value extends string> {
  value: Value;
  label: string;
}

export interface Dropdown<Value extends string> {
  root: HTMLElement;
  set(value: Value): void;
}

interface TextField {
  root: HTMLElement;
  set(text: string): void;
}

interface ValueElement extends HTMLElement {
  value: string;
}

export function button(
  label: string,
  onClick: () => void,
  look: 'primary' | 'secondary' = 'secondary',
): HTMLElement {
  const made = make('vscode-button', { appearance: look });
  made.textContent = label;
  made.addEventListener('click', onClick);
  return made;
}

/** The browser's own list in the editor's colours: the library's loses a value set before its options have arrived. */
export function dropdown<Value extends string>(
  label: string,
  choices: readonly Choice<Value>[],
  value: Value,
  onChange: (value: Value) => void,
): Dropdown<Value> {
  const options = choices.map((choice) => element('option', { value: choice.value }, choice.label));
  const root = element('select', { class: 'dropdown', 'aria-label': label }, ...options);
  root.value = value;
  root.addEventListener('change', () => {
    const chosen = choices[root.selectedIndex];
    if (chosen !== undefined) onChange(chosen.value);
  });
  return {
    root,
    set(next) {
      if (root.value !== next) root.value = next;
    },
  };
}

export function textField(label: string, placeholder: string, onInput: (text: string) => void): TextField {
  const root = make('vscode-text-field', { 'aria-label': label, placeholder });
  root.addEventListener('input', () => {
    onInput(root.value);
  });
  return {
    root,
    set(text) {
      if (root.value !== text) root.value = text;
    },
  };
}

function make(tag: string, attributes: Record<string, string>): ValueElement {
  const made = Object.assign(document.createElement(tag), { value: '' });
  setAttributes(made, attributes);
  return made;
}
