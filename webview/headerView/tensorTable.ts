// The tree as a grid of which only the rows in view exist: 100,000 tensors cost what a screenful does.
import { formatBytes, formatCount, formatShape } from '../../src/shared/text/format.ts';
import { element } from './element.ts';
import type { Row } from './tensorTree.ts';

const rowHeight = 22;
const overscan = 12;
/** Browsers cap an element's height at some 33 million pixels. */
const maxHeight = 30_000_000;

interface TableEvents {
  /** A group was folded or unfolded. */
  onToggle(name: string): void;
  onCopy(name: string): void;
}

export class TensorTable {
  readonly root: HTMLElement;
  private readonly spacer = element('div', { class: 'spacer', role: 'presentation' });
  private readonly viewport: HTMLElement;
  private readonly events: TableEvents;
  private rows: readonly Row[] = [];
  private expanded: ReadonlySet<string> = new Set();
  private focused = 0;

  constructor(events: TableEvents) {
    this.events = events;
    const titles = ['Tensor', 'Shape', 'dtype', 'Parameters', 'Size'].map((title) =>
      element('span', { role: 'columnheader' }, title),
    );
    this.viewport = element(
      'div',
      { class: 'rows', tabindex: '0', role: 'treegrid', 'aria-label': 'Tensors' },
      this.spacer,
    );
    this.root = element(
      'section',
      { class: 'table' },
      element('div', { class: 'row titles', role: 'row' }, ...titles),
      this.viewport,
    );
    this.viewport.addEventListener('scroll', () => {
      this.draw();
    });
    new ResizeObserver(() => {
      this.draw();
    }).observe(this.viewport);
    this.viewport.addEventListener('keydown', (event) => {
      if (this.press(event.key)) event.preventDefault();
    });
    this.viewport.addEventListener('click', (event) => {
      this.click(event);
    });
  }

  show(rows: readonly Row[], expanded: ReadonlySet<string>): void {
    this.rows = rows;
    this.expanded = expanded;
    this.focused = Math.min(this.focused, Math.max(rows.length - 1, 0));
    this.spacer.style.height = `${Math.min(rows.length * rowHeight, maxHeight)}px`;
    this.viewport.setAttribute('aria-rowcount', String(rows.length));
    this.draw();
  }

  private draw(): void {
    const { scrollTop, clientHeight } = this.viewport;
    const first = Math.max(0, Math.floor(scrollTop / rowHeight) - overscan);
    const last = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / rowHeight) + overscan);
    const drawn = this.rows.slice(first, last).map((row, offset) => this.drawRow(row, first + offset));
    this.spacer.replaceChildren(...drawn);
  }

  private drawRow({ node, depth }: Row, index: number): HTMLElement {
    const { tensor } = node;
    const isGroup = node.children.length > 0;
    const isOpen = this.expanded.has(node.name);
    const twistie = element('i', { class: `twistie${isGroup ? (isOpen ? ' open' : ' closed') : ''}` });
    const label = element('span', { class: 'name', role: 'gridcell', title: node.name }, twistie, node.label);
    label.style.paddingInlineStart = `${8 + 14 * depth}px`;
    const row = element(
      'div',
      {
        class: `row${index === this.focused ? ' focused' : ''}${isGroup ? ' group' : ''}`,
        role: 'row',
        'data-index': String(index),
        'aria-level': String(depth + 1),
        'aria-rowindex': String(index + 1),
        ...(isGroup ? { 'aria-expanded': String(isOpen) } : {}),
      },
      label,
      cell('shape', tensor === null ? `${formatCount(node.tensors)} tensors` : formatShape(tensor.shape)),
      cell('dtype', tensor?.dtype ?? ''),
      cell('number', formatCount(node.elements)),
      cell('number', formatBytes(node.bytes)),
    );
    if (tensor !== null) row.title = `${tensor.name} in ${tensor.file}`;
    row.style.top = `${index * rowHeight}px`;
    return row;
  }

  private click(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null;
    if (row === null) return;
    this.focused = Number(row.dataset['index']);
    this.toggle();
    this.draw();
  }

  private toggle(): void {
    const node = this.rows[this.focused]?.node;
    if (node !== undefined && node.children.length > 0) this.events.onToggle(node.name);
  }

  /** True when the key meant something. */
  private press(key: string): boolean {
    const row = this.rows[this.focused];
    if (row === undefined) return false;
    const isOpen = this.expanded.has(row.node.name);
    const isGroup = row.node.children.length > 0;
    const page = Math.max(1, Math.floor(this.viewport.clientHeight / rowHeight) - 1);
    switch (key) {
      case 'ArrowDown':
        return this.focus(this.focused + 1);
      case 'ArrowUp':
        return this.focus(this.focused - 1);
      case 'PageDown':
        return this.focus(this.focused + page);
      case 'PageUp':
        return this.focus(this.focused - page);
      case 'Home':
        return this.focus(0);
      case 'End':
        return this.focus(this.rows.length - 1);
      case 'ArrowRight':
        if (isGroup && !isOpen) this.toggle();
        else this.focus(this.focused + 1);
        return true;
      case 'ArrowLeft':
        if (isGroup && isOpen) this.toggle();
        else this.focus(this.parentOf(this.focused));
        return true;
      case 'Enter':
      case ' ':
        this.toggle();
        return true;
      case 'c':
        this.events.onCopy(row.node.name);
        return true;
      default:
        return false;
    }
  }

  private parentOf(index: number): number {
    const depth = this.rows[index]?.depth ?? 0;
    for (let at = index - 1; at >= 0; at -= 1) {
      if ((this.rows[at]?.depth ?? 0) < depth) return at;
    }
    return index;
  }

  private focus(index: number): true {
    this.focused = Math.max(0, Math.min(index, this.rows.length - 1));
    const top = this.focused * rowHeight;
    const { scrollTop, clientHeight } = this.viewport;
    if (top < scrollTop) this.viewport.scrollTop = top;
    else if (top + rowHeight > scrollTop + clientHeight)
      this.viewport.scrollTop = top + rowHeight - clientHeight;
    this.draw();
    return true;
  }
}

function cell(kind: string, text: string): HTMLElement {
  return element('span', { class: kind, role: 'gridcell' }, text);
}
