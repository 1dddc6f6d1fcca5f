// What was found about the run, beside the verdict: the most pressing findings with what to do next. The config's pane has them
// all, with their evidence.
import type { Finding } from '../../../src/shared/report/training.ts';
import type { PanelDocument } from '../../../src/shared/protocol/panelProtocol.ts';
import { element, replaceChildren, show } from '../../parts/dom/dom.ts';
import { icon } from '../../parts/dom/icons.ts';
import { pressing } from './pressing.ts';

export function nextStepsPart(): { root: HTMLElement; update(document: PanelDocument | null): void } {
  const list = element('ul', {});
  const root = element('section', { class: 'next-steps', 'aria-label': 'Findings' }, list);
  let shown: readonly Finding[] | null = null;
  return {
    root,
    update(document) {
      const findings = document?.report?.training.findings ?? [];
      if (findings === shown) return;
      shown = findings;
      show(root, findings.length > 0);
      const numbers = pressing(findings);
      const items = numbers.flatMap((number) => {
        const finding = findings[number - 1];
        return finding === undefined ? [] : [item(finding, number)];
      });
      const more = findings.length - numbers.length;
      replaceChildren(list, ...items, more === 0 ? null : moreItem(more));
    },
  };
}

function item({ severity, message, nextStep }: Finding, number: number): HTMLElement {
  return element(
    'li',
    {},
    icon(severity, severity),
    element(
      'div',
      {},
      element('a', { href: `#finding-${number}` }, `${number}. ${message}`),
      element('p', {}, nextStep),
    ),
  );
}

function moreItem(more: number): HTMLElement {
  const words = more === 1 ? 'one more finding' : `${more} more findings`;
  return element('li', { class: 'more' }, element('a', { href: '#findings-title' }, words));
}
