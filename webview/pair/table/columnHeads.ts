// The heads of the table's columns: every one sorts.
import type { View } from '../state/state.ts';
import type { Dispatch } from '../section.ts';
import { element, setAttributes } from '../../parts/dom/dom.ts';
import { tip } from '../../parts/dom/tooltip.ts';
import { columns } from './columns.ts';

export interface ColumnHeads {
  root: HTMLElement;
  update(view: View, previous: View | null): void;
}

export function createColumnHeads(dispatch: Dispatch): ColumnHeads {
  const cells = columns.map(({ id, label, kind, priority, lines }, index) => {
    const sorter = element(
      'button',
      { type: 'button', class: 'sorter' },
      element('span', {}, label),
      element('span', { class: 'sort-mark', 'aria-hidden': 'true' }),
    );
    sorter.addEventListener('click', () => {
      dispatch({ kind: 'sort', column: id });
    });
    if (lines.length > 0) tip(sorter, () => lines);
    return element(
      'span',
      { role: 'columnheader', class: `cell ${kind} p${priority}`, 'aria-colindex': index + 1 },
      sorter,
    );
  });
  const root = element(
    'div',
    { class: 'table-head', role: 'rowgroup' },
    element('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 }, ...cells),
  );
  return {
    root,
    update({ sort }, previous) {
      if (previous !== null && sort === previous.sort) return;
      columns.forEach(({ id }, index) => {
        const sorted = sort?.column === id ? (sort.descending ? 'descending' : 'ascending') : 'none';
        const cell = cells[index];
        if (cell !== undefined) setAttributes(cell, { 'aria-sort': sorted });
      });
    },
  };
}
