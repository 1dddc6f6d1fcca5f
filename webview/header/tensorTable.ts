// The tree of tensors as a grid of which only the rows in view exist.
import { formatBytes, formatCount, formatShape } from '../../src/shared/text/format.ts';
import { element, setAttributes, setText } from '../parts/dom/dom.ts';
import type { SectionOf } from '../parts/page/section.ts';
import type { RowElement } from '../parts/table/rowPool.ts';
import { VirtualTable } from '../parts/table/virtualTable.ts';
import { rowsOf, type HeaderState } from './state.ts';
import type { Row } from './tensorTree.ts';

/** Pixels, as in the style sheet. */
const rowHeight = 22;

interface TableEvents {
  /** A group was folded or unfolded. */
  onToggle: (name: string) => void;
  onCopy: (name: string) => void;
}

export function createTensorTable({ onToggle, onCopy }: TableEvents): SectionOf<HeaderState> {
  let expanded: ReadonlySet<string> = new Set();
  const isOpen = ({ node }: Row): boolean | null => (node.isGroup ? expanded.has(node.name) : null);
  const body = element('div', { class: 'spacer', role: 'presentation' });
  const scroller = element(
    'div',
    { class: 'rows', tabindex: -1, role: 'treegrid', 'aria-label': 'Tensors' },
    body,
  );
  const table = new VirtualTable<Row>({
    scroller,
    body,
    rowHeight,
    keyOf: ({ node }) => node.name,
    createRow: () => createRow(isOpen),
    tree: {
      levelOf: ({ depth }) => depth,
      isOpen,
      onToggle: ({ node }) => {
        onToggle(node.name);
      },
    },
    onActivate: ({ node }) => {
      if (node.isGroup) onToggle(node.name);
    },
    onKey: ({ node }, { key }) => {
      if (key === 'c') onCopy(node.name);
      return key === 'c';
    },
  });
  return {
    root: element('section', { class: 'table' }, columnHeads(), scroller),
    update(state) {
      ({ expanded } = state);
      const rows = rowsOf(state);
      setAttributes(scroller, { 'aria-rowcount': rows.length });
      table.show(rows);
      table.draw();
    },
  };
}

function columnHeads(): HTMLElement {
  const titles = ['Tensor', 'Shape', 'dtype', 'Parameters', 'Size'].map((title) =>
    element('span', { role: 'columnheader' }, title),
  );
  return element('div', { class: 'row titles', role: 'row' }, ...titles);
}

function createRow(isOpen: (row: Row) => boolean | null): RowElement<Row> {
  const twistie = element('i', {});
  const name = element('span', {});
  const label = element('span', { class: 'name', role: 'gridcell' }, twistie, name);
  const [shape, dtype, parameters, size] = [cell('shape'), cell('dtype'), cell('number'), cell('number')];
  const root = element('div', { role: 'row' }, label, shape, dtype, parameters, size);
  return {
    root,
    update(row, index, focusable) {
      const { node, depth } = row;
      const { tensor } = node;
      const open = isOpen(row);
      root.className = `row${focusable ? ' focused' : ''}${open === null ? '' : ' group'}`;
      setAttributes(root, {
        'aria-level': depth + 1,
        'aria-rowindex': index + 1,
        'aria-expanded': open === null ? null : String(open),
        title: tensor === null ? null : `${tensor.name} in ${tensor.file}`,
      });
      twistie.className = `twistie${open === null ? '' : open ? ' open' : ' closed'}`;
      setText(name, node.label);
      label.title = node.name;
      label.style.paddingInlineStart = `${8 + 14 * depth}px`;
      setText(shape, tensor === null ? `${formatCount(node.tensors)} tensors` : formatShape(tensor.shape));
      setText(dtype, tensor?.dtype ?? '');
      setText(parameters, formatCount(node.elements));
      setText(size, formatBytes(node.bytes));
    },
  };
}

function cell(kind: string): HTMLElement {
  return element('span', { class: kind, role: 'gridcell' });
}
