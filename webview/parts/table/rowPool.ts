// The elements of the rows in view, used again for other rows, and kept in the order of the rows.
import { setAttributes, setVariable } from '../dom/dom.ts';

/** A row's element, brought up to date in place. */
export interface RowElement<Row> {
  root: HTMLElement;
  update(row: Row, index: number, focusable: boolean): void;
}

export class RowPool<Row> {
  private readonly body: HTMLElement;
  private readonly keyOf: (row: Row) => string;
  private readonly createRow: () => RowElement<Row>;
  private readonly drawn = new Map<string, RowElement<Row>>();

  constructor(body: HTMLElement, keyOf: (row: Row) => string, createRow: () => RowElement<Row>) {
    this.body = body;
    this.keyOf = keyOf;
    this.createRow = createRow;
  }

  /** Shows these rows and no others, the first of them at a position of the list. */
  draw(visible: readonly Row[], first: number, focusKey: string | null): void {
    const focused = document.activeElement;
    const free = this.setFree(new Set(visible.map(this.keyOf)), focused);
    const shown = visible.map((row, offset) => {
      const key = this.keyOf(row);
      const made = this.drawn.get(key) ?? free.pop() ?? this.createRow();
      this.drawn.set(key, made);
      const index = first + offset;
      const focusable = key === focusKey;
      setVariable(made.root, '--index', String(index));
      setAttributes(made.root, { 'data-index': index, tabindex: focusable ? 0 : -1 });
      made.update(row, index, focusable);
      return made.root;
    });
    for (const { root: unused } of free) unused.remove();
    inOrder(this.body, shown);
    // An element that was moved has lost the focus.
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.body.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }

  focus(key: string): void {
    this.drawn.get(key)?.root.focus({ preventScroll: true });
  }

  clear(): void {
    this.drawn.clear();
    this.body.replaceChildren();
  }

  /** Elements of rows that are out of view. The row that holds the keyboard focus stays, or the focus would fall to the page. */
  private setFree(wanted: ReadonlySet<string>, focused: Element | null): RowElement<Row>[] {
    const free: RowElement<Row>[] = [];
    for (const [key, made] of this.drawn) {
      if (wanted.has(key) || made.root === focused) continue;
      free.push(made);
      this.drawn.delete(key);
    }
    return free;
  }
}

/** Elements stand in the order of the rows, which is the order in which they are read out; what is right stays untouched. */
function inOrder(body: HTMLElement, shown: readonly HTMLElement[]): void {
  const members = new Set<Element>(shown);
  let next = body.firstElementChild;
  for (const root of shown) {
    while (next !== null && !members.has(next)) next = next.nextElementSibling;
    if (root === next) next = next.nextElementSibling;
    else body.insertBefore(root, next);
  }
}
