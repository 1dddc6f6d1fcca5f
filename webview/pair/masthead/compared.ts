// Another report beside the one that is shown: what the two say differently, as a table under the headline.
import type { PanelDocument } from '../../../src/shared/protocol/panelProtocol.ts';
import type { ReportsCompared } from '../../../src/shared/report/reportsCompared.ts';
import { element, replaceChildren, show } from '../../parts/dom/dom.ts';

interface ComparedPart {
  root: HTMLElement;
  update(document: PanelDocument | null): void;
}

export function comparedPart(): ComparedPart {
  const root = element('section', { class: 'compared', 'aria-label': 'Compared reports', hidden: true });
  let shown: ReportsCompared | null = null;
  return {
    root,
    update(document) {
      const compared = document?.stored?.compared ?? null;
      show(root, compared !== null);
      if (compared === null || compared === shown) return;
      shown = compared;
      replaceChildren(root, title(compared), ...(compared.differences.length === 0 ? [] : [table(compared)]));
    },
  };
}

function title({ file, pair, differences, same }: ReportsCompared): HTMLElement {
  const found =
    differences.length === 0
      ? `all ${same} words and numbers are the same`
      : `${differences.length} differ, ${same} are the same`;
  return element('h2', {}, `Beside ${file} `, element('span', { class: 'dim' }, `(${pair}): ${found}`));
}

function table({ file, differences }: ReportsCompared): HTMLElement {
  const head = ['what', 'this report', file].map((text) => element('th', { scope: 'col' }, text));
  const rows = differences.map(({ title: name, values }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      ...values.map((value) => element('td', {}, value)),
    ),
  );
  return element(
    'div',
    { class: 'compared-scroll', tabindex: 0, role: 'region', 'aria-label': 'Differences' },
    element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows)),
  );
}
