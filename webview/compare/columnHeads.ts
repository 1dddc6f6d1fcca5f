// The heads of the table's columns, and what belongs together above them. A line sorts the checkpoints by what it says; a checkpoint
// opens its pair.
import { element, replaceChildren, setVariable } from '../parts/dom/dom.ts';
import { tip } from '../parts/dom/tooltip.ts';
import { columnTitle, groupSpans, type CompareModel, type Subject } from './rows.ts';
import type { CompareView } from './state.ts';

export interface HeadActions {
  sort: (column: string) => void;
  openPair: (run: number) => void;
}

/** Fills the head of the table. */
export function showHeads(
  head: HTMLElement,
  { columns, layout }: CompareModel,
  { sort }: CompareView,
  actions: HeadActions,
): void {
  const sortedBy = (id: string): string =>
    sort?.column === id ? (sort.descending ? 'descending' : 'ascending') : 'none';
  const corner = element('span', { role: 'columnheader', class: 'cell name' });
  if (layout === 'checkpoints') {
    corner.append(
      sorter('checkpoint', ['The last folders that tell it apart.'], () => {
        actions.sort('label');
      }),
    );
    corner.setAttribute('aria-sort', sortedBy('label'));
  } else corner.append('reading');
  const heads = columns.map((column) => {
    const made = element(
      'span',
      { role: 'columnheader', class: `cell${startsGroup(column) ? ' starts' : ''}` },
      headButton(column, columnTitle(column), actions),
    );
    if (column.kind === 'line') made.setAttribute('aria-sort', sortedBy(column.line.id));
    return made;
  });
  const spans = groupSpans(columns).map(({ title, count }) => {
    const made = element(
      'span',
      { role: 'columnheader', class: 'cell starts', 'aria-colspan': count },
      title,
    );
    setVariable(made, '--span', String(count));
    return made;
  });
  const above = element(
    'div',
    { role: 'row', class: 'row group-heads' },
    element(
      'span',
      { role: 'columnheader', class: 'cell name' },
      element('span', { class: 'hidden-text' }, 'group'),
    ),
    ...spans,
  );
  replaceChildren(
    head,
    spans.length === 0 ? null : above,
    element('div', { role: 'row', class: 'row head' }, corner, ...heads),
  );
}

export function startsGroup(subject: Subject): boolean {
  return subject.kind === 'line' && subject.startsGroup;
}

/** What a click on a row's or a column's head does. */
export function headButton(subject: Subject, text: string, { sort, openPair }: HeadActions): HTMLElement {
  if (subject.kind === 'run') {
    const open = element('button', { type: 'button', class: 'link' }, text);
    open.addEventListener('click', () => {
      openPair(subject.run);
    });
    tip(open, () => [subject.label, 'Open the pair']);
    return open;
  }
  const { id, title, definition } = subject.line;
  return sorter(text, [title, definition, 'Click to sort the checkpoints by it.'], () => {
    sort(id);
  });
}

function sorter(title: string, lines: readonly string[], onClick: () => void): HTMLElement {
  const button = element(
    'button',
    { type: 'button', class: 'sorter' },
    element('span', {}, title),
    element('span', { class: 'sort-mark', 'aria-hidden': 'true' }),
  );
  button.addEventListener('click', onClick);
  tip(button, () => lines);
  return button;
}
