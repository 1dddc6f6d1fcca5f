// "As published", folded away: each published statistic computed as its source computes it, on its own scale, the only place
// where its bands may stand. The gates' pooled and truncated relatives of these numbers carry no bands.
import { element, replaceChildren, show } from '../../parts/dom/dom.ts';
import { tip } from '../../parts/dom/tooltip.ts';
import type { Section } from '../section.ts';
import { publishedRows, type PublishedRow } from './publishedRows.ts';
import { track } from './track.ts';

export function createPublished(): Section {
  const rows = element('div', { class: 'published-rows' });
  const root = element(
    'details',
    { class: 'published' },
    element(
      'summary',
      {},
      element('span', { class: 'published-title' }, 'As published'),
      element('span', { class: 'dim' }, 'each statistic as its paper computes it, with the papers’ values'),
    ),
    rows,
  );
  return {
    root,
    update({ document }, previous) {
      const found = document?.report?.published ?? null;
      if (previous !== null && found === (previous.document?.report?.published ?? null)) return;
      show(root, found !== null);
      replaceChildren(rows, ...(found === null ? [] : publishedRows(found).map(rowElement)));
    },
  };
}

function rowElement(row: PublishedRow): HTMLElement {
  const { title, text, value, why, scale, format, bands } = row;
  const axis = track({ scale, threshold: null, format, bands });
  axis.point(value, null);
  const made = element(
    'div',
    { class: 'reading', tabindex: 0, role: 'group', 'aria-label': `${title}: ${text}. ${row.statistic}` },
    element(
      'div',
      { class: 'reading-line' },
      element('span', { class: 'reading-label' }, title),
      element('span', { class: 'number' }, text),
    ),
    element('p', { class: 'why' }, why),
    axis.root,
  );
  tip(made, () => row.lines);
  return made;
}
