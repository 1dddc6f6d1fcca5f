// A banner: a mark, what to know, and buttons for what to do next.
import type { PanelAction } from '../../../src/shared/protocol/panelProtocol.ts';
import { element } from '../../parts/dom/dom.ts';
import { icon } from '../../parts/dom/icons.ts';
import { button } from '../../parts/dom/toolkit.ts';
import type { Tools } from '../section.ts';

export function banner(
  kind: 'info' | 'warning' | 'error',
  text: string,
  ...rest: HTMLElement[]
): HTMLElement {
  return element(
    'div',
    { class: `banner ${kind}` },
    icon(kind),
    element('div', { class: 'banner-text' }, text, ...rest),
  );
}

export function act({ host }: Tools, label: string, action: PanelAction, look?: 'primary'): HTMLElement {
  return button(
    label,
    () => {
      host.act(action);
    },
    look,
  );
}

export function buttons(...made: HTMLElement[]): HTMLElement {
  return element('div', { class: 'banner-actions' }, ...made);
}
