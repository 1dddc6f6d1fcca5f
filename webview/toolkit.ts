// The controls that the editor's own look comes from a library for. The library is archived, so this is the only
// importer; replacing it means rewriting this file.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { setAttributes } from './view/dom.ts';

export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption(), vsCodeTextField());
}

export interface Choice<Value extends string> {
  value: Value;
  label: string;
}

export interface Dropdown<Value extends string> {
  root: HTMLElement;
  set: (value: Value) => void;
}

export interface TextField {
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

export function dropdown<Value extends string>(
  label: string,
  choices: readonly Choice<Value>[],
  value: Value,
  onChange: (value: Value) => void,
): Dropdown<Value> {
  const root = make('vscode-dropdown', { 'aria-label': label });
  const options = choices.map((choice) => {
    const option = make('vscode-option', { value: choice.value });
    option.textContent = choice.label;
    return option;
  });
  root.append(...options);
  const set = (next: Value): void => {
    // The list reads `selected` when its options arrive, which may be after this.
    options.forEach((option, index) => {
      const selected = choices[index]?.value === next;
      Object.assign(option, { selected });
      option.toggleAttribute('selected', selected);
    });
    if (root.value !== next) root.value = next;
  };
  set(value);
  root.addEventListener('change', () => {
    const chosen = choices.find((choice) => choice.value === root.value);
    if (chosen !== undefined) onChange(chosen.value);
  });
  return { root, set };
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
