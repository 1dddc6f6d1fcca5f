// A list of any length of which only the rows in view exist: 100,000 rows cost what a screenful does. Elements are used
// again for other rows. On paper nothing scrolls, so it has all rows up to a limit. Arrow keys walk and open, Enter activates; exactly one row is in the tab order.
import { setVariable } from '../dom/dom.ts';
import { RowPool, type RowElement } from './rowPool.ts';
import { mostPrinted, printedNote, scrollToRow, visibleWindow, type Scrolled } from './window.ts';

interface TableWishes<Row> {
  /** What scrolls, and inside it what holds the rows; a style sheet places them by `--rows` and `--index`. */
  scroller: HTMLElement;
  body: HTMLElement;
  /** Columns' heads that stay in view over the rows, inside of what scrolls. */
  head?: HTMLElement;
  /** Pixels, as in the style sheet. */
  rowHeight: number;
  keyOf: (row: Row) => string;
  createRow: () => RowElement<Row>;
  /** Of a tree; absent for a plain list. */
  tree?: {
    levelOf: (row: Row) => number;
    /** Null where there is nothing to open. */
    isOpen: (row: Row) => boolean | null;
    onToggle: (row: Row, open: boolean) => void;
  };
  onActivate: (row: Row) => void;
  /** Absent where a click does what Enter does. */
  onClick?: (row: Row, event: MouseEvent) => void;
  /** The page's own keys; true when the key meant something. */
  onKey?: (row: Row, event: KeyboardEvent) => boolean;
  onScroll?: (scrollTop: number) => void;
}

export class VirtualTable<Row> {
  private readonly wishes: TableWishes<Row>;
  private rows: readonly Row[] = [];
  private focusKey: string | null = null;
  private readonly pool: RowPool<Row>;
  // Read when they change, not when rows are drawn: asking for them then would lay the page out in between.
  private height = 0;
  private scrollTop = 0;

  constructor(wishes: TableWishes<Row>) {
    this.wishes = wishes;
    const { scroller, body } = wishes;
    this.pool = new RowPool(body, wishes.keyOf, wishes.createRow);
    scroller.addEventListener('keydown', (event) => {
      this.press(event);
    });
    body.addEventListener('click', (event) => {
      this.click(event);
    });
    body.addEventListener('focusin', (event) => {
      const row = this.rowAt(event);
      if (row !== undefined) this.focusKey = wishes.keyOf(row);
    });
    scroller.addEventListener(
      'scroll',
      () => {
        ({ scrollTop: this.scrollTop } = scroller);
        wishes.onScroll?.(this.scrollTop);
        this.draw();
      },
      { passive: true },
    );
    new ResizeObserver(() => {
      this.measure();
      this.draw();
    }).observe(scroller);
    addEventListener('beforeprint', () => {
      this.drawForPaper();
    });
    addEventListener('afterprint', () => {
      this.draw();
    });
  }

  /** Other rows, or the same with other content. Where the focused row is gone, `orElse` or the first row is next in the tab order. */
  show(rows: readonly Row[], orElse = ''): void {
    this.rows = rows;
    const keys = new Set(rows.map(this.wishes.keyOf));
    if (this.focusKey === null || !keys.has(this.focusKey)) {
      const [first] = rows;
      const firstKey = first === undefined ? null : this.wishes.keyOf(first);
      this.focusKey = keys.has(orElse) ? orElse : firstKey;
    }
    setVariable(this.wishes.body, '--rows', String(rows.length));
  }

  /** Takes every row away, with its element. */
  clear(): void {
    this.rows = [];
    this.pool.clear();
  }

  /** Reads how much room there is. */
  measure(): void {
    const { scroller, head } = this.wishes;
    this.height = scroller.clientHeight - (head?.offsetHeight ?? 0);
    this.scrollTop = scroller.scrollTop;
  }

  scrollTo(top: number): void {
    if (top === this.scrollTop) return;
    this.wishes.scroller.scrollTop = top;
    // The end of the list may hold it back.
    ({ scrollTop: this.scrollTop } = this.wishes.scroller);
  }

  /** Scrolls a row into view, if it is listed. */
  reveal(key: string): void {
    const index = this.rows.findIndex((row) => this.wishes.keyOf(row) === key);
    if (index === -1) return;
    this.scrollTo(scrollToRow(index, this.scrolled()));
    this.draw();
  }

  /** The row that an event is about; undefined beside the rows. */
  rowAt(event: Event): Row | undefined {
    return this.rows[indexOf(event)];
  }

  draw(): void {
    const { first, end } = visibleWindow(this.scrolled(), this.rows.length);
    this.pool.draw(this.rows.slice(first, end), first, this.focusKey);
  }

  private drawForPaper(): void {
    this.wishes.body.dataset['printed'] = printedNote(this.rows.length);
    this.pool.draw(this.rows.slice(0, mostPrinted), 0, this.focusKey);
  }

  private scrolled(): Scrolled {
    return { scrollTop: this.scrollTop, height: this.height, rowHeight: this.wishes.rowHeight };
  }

  private focusRow(index: number): void {
    const at = Math.max(0, Math.min(this.rows.length - 1, index));
    const row = this.rows[at];
    if (row === undefined) return;
    this.focusKey = this.wishes.keyOf(row);
    this.scrollTo(scrollToRow(at, this.scrolled()));
    this.draw();
    this.pool.focus(this.focusKey);
  }

  private click(event: MouseEvent): void {
    const row = this.rowAt(event);
    if (row === undefined) return;
    this.focusKey = this.wishes.keyOf(row);
    if (this.wishes.onClick === undefined) this.wishes.onActivate(row);
    else this.wishes.onClick(row, event);
    this.draw();
  }

  private press(event: KeyboardEvent): void {
    const hit = indexOf(event);
    // A key on the list itself is one on the row in the tab order.
    const index = hit !== -1 ? hit : this.rows.findIndex((row) => this.wishes.keyOf(row) === this.focusKey);
    const row = this.rows[index];
    if (row === undefined || this.isInHead(event)) return;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (this.wishes.onKey?.(row, event) === true || (isPlain && this.walk(event.key, row, index)))
      event.preventDefault();
  }

  private isInHead({ target }: Event): boolean {
    return target instanceof Node && this.wishes.head?.contains(target) === true;
  }

  /** True when the key meant something. */
  private walk(key: string, row: Row, index: number): boolean {
    const page = Math.max(1, Math.floor(this.height / this.wishes.rowHeight) - 1);
    const targets: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: this.rows.length - 1,
    };
    const target = targets[key];
    if (target !== undefined) this.focusRow(target);
    else if (key === 'Enter' || key === ' ') this.wishes.onActivate(row);
    else if (key === 'ArrowRight' || key === 'ArrowLeft') this.branch(key === 'ArrowRight', row, index);
    else return false;
    return true;
  }

  /** Right opens a row, or goes on to what it holds; left closes it, or goes to the row that holds it. */
  private branch(right: boolean, row: Row, index: number): void {
    const { tree } = this.wishes;
    if (tree === undefined) return;
    const isOpen = tree.isOpen(row);
    if (isOpen === !right) tree.onToggle(row, right);
    else if (right && isOpen === true) this.focusRow(index + 1);
    else if (!right) {
      const level = tree.levelOf(row);
      const parent = this.rows.findLastIndex((each, at) => at < index && tree.levelOf(each) < level);
      if (parent !== -1) this.focusRow(parent);
    }
  }
}

function indexOf({ target }: Event): number {
  const hit = target instanceof Element ? target.closest('[data-index]') : null;
  return hit === null ? -1 : Number(hit.getAttribute('data-index'));
}
