// A row of the table: its head, and a cell for every column with what stands behind its number.
import { beyondLegend } from '../../src/shared/text/besideNull.ts';
import type { SideBySideCell, SideBySideLine } from '../../src/shared/text/sideBySideLine.ts';
import { element, replaceChildren, setAttributes } from '../parts/dom/dom.ts';
import { badge } from '../parts/dom/icons.ts';
import { tip } from '../parts/dom/tooltip.ts';
import type { RowElement } from '../parts/table/rowPool.ts';
import { headButton, startsGroup, type HeadActions } from './columnHeads.ts';
import { isWord, titleOf, type CompareRow, type Subject } from './rows.ts';
import type { Sort } from './state.ts';

/** @param above rows of the head */
export function createRow(
  actions: HeadActions,
  looked: () => { sort: Sort | null; above: number },
): RowElement<CompareRow> {
  const root = element('div', { role: 'row' });
  return {
    root,
    update({ subject, cells }, index) {
      const { sort, above } = looked();
      setAttributes(root, {
        class: `row${startsGroup(subject) ? ' starts-group' : ''}`,
        'aria-rowindex': index + above + 1,
      });
      const isLine = subject.kind === 'line';
      replaceChildren(
        root,
        nameCell(subject, sort, actions),
        ...cells.map(({ line, cell, startsGroup: starts }) => cellElement(line, cell, starts && !isLine)),
      );
    },
  };
}

function nameCell(subject: Subject, sort: Sort | null, actions: HeadActions): HTMLElement {
  const button = headButton(subject, titleOf(subject), actions);
  // The row is what the keyboard stops at.
  button.tabIndex = -1;
  const made = element('span', { role: 'rowheader', class: 'cell name' }, button);
  if (subject.kind === 'run') return made;
  const { line } = subject;
  if (line.isReading === true) made.classList.add('reading');
  if (isWord(line) || line.group === 'verdict') made.classList.add('word');
  if (sort?.column === line.id)
    setAttributes(made, { 'aria-sort': sort.descending ? 'descending' : 'ascending' });
  return made;
}

function cellElement(
  { title, definition }: SideBySideLine,
  cell: SideBySideCell | undefined,
  starts: boolean,
): HTMLElement {
  const { text = '', standing, beyond } = cell ?? {};
  const made = element('span', { role: 'gridcell', class: `cell${starts ? ' starts' : ''}` });
  made.append(standing === undefined ? text : badge(standing, text));
  if (beyond !== undefined) {
    const carries = beyond.word === 'less' || beyond.word === 'more';
    made.append(' ', element('span', { class: carries ? 'beyond' : 'dim' }, beyond.words));
  }
  tip(made, () => [
    `${title}: ${text}`,
    ...(beyond === undefined
      ? []
      : [`A random update of the same size: ${beyond.random}. Measured: ${beyond.words}.`]),
    ...(definition === beyondLegend ? [] : [definition]),
  ]);
  return made;
}
