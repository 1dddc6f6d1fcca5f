// Tensors as a tree of dotted names, and the rows of it that are unfolded. Pure: no DOM.
import type { TensorEntry } from '../../src/shared/protocol/engineProtocol.ts';

export interface TreeNode {
  /** What the row shows: one or more dotted segments; a chain without branches is one node. */
  label: string;
  /** Full dotted name; unique. */
  name: string;
  isGroup: boolean;
  /** In natural order; made when first looked at, so that what stays folded costs nothing. */
  readonly children: readonly TreeNode[];
  /** Null for a group. */
  tensor: TensorEntry | null;
  tensors: number;
  elements: number;
  bytes: number;
}

export interface Row {
  node: TreeNode;
  depth: number;
}

/** What shares a name up to the end of a segment: the tensor of that name, and those below it. */
interface Branch {
  segment: string;
  own: TensorEntry | null;
  below: TensorEntry[];
}

/**
 * Siblings in natural order, so that layer 10 follows layer 9. Looks at names as far as the rows that can show: linear in
 * the number of tensors for each level that is unfolded.
 */
export function buildTree(tensors: readonly TensorEntry[]): readonly TreeNode[] {
  return childrenOf(tensors, 0);
}

const naturally = new Intl.Collator('en', { numeric: true });

/** @param start where the next segment begins in every name */
function childrenOf(tensors: readonly TensorEntry[], start: number): readonly TreeNode[] {
  return branchesOf(tensors, start)
    .sort((left, right) => naturally.compare(left.segment, right.segment))
    .map((branch) => nodeOf(branch, start));
}

function branchesOf(tensors: readonly TensorEntry[], start: number): Branch[] {
  const branches = new Map<string, Branch>();
  let last: Branch | null = null;
  for (const tensor of tensors) {
    const { name } = tensor;
    // Neighbours in a file are mostly of one branch.
    if (last === null || !isSegment(name, start, last.segment)) {
      const segment = segmentAt(name, start);
      last = branches.get(segment) ?? { segment, own: null, below: [] };
      branches.set(segment, last);
    }
    if (start + last.segment.length === name.length) last.own = tensor;
    else last.below.push(tensor);
  }
  return [...branches.values()];
}

function segmentAt(name: string, start: number): string {
  const dot = name.indexOf('.', start);
  return name.slice(start, dot === -1 ? name.length : dot);
}

function isSegment(name: string, start: number, segment: string): boolean {
  const end = start + segment.length;
  return (name.length === end || name[end] === '.') && name.startsWith(segment, start);
}

function nodeOf({ segment, own, below }: Branch, start: number): TreeNode {
  let label = segment;
  let tensor = own;
  let deeper: readonly TensorEntry[] = below;
  for (;;) {
    const only = tensor === null ? onlySegment(deeper, start + label.length + 1) : null;
    if (only === null) break;
    const [branch] = branchesOf(deeper, start + label.length + 1);
    if (branch === undefined) break;
    label += `.${only}`;
    ({ own: tensor, below: deeper } = branch);
  }
  const sums = { tensors: 0, elements: 0, bytes: 0 };
  for (const { elements, bytes } of tensor === null ? deeper : [tensor, ...deeper]) {
    sums.tensors += 1;
    sums.elements += elements;
    sums.bytes += bytes;
  }
  const [first = tensor] = deeper;
  let children: readonly TreeNode[] | null = null;
  return {
    ...sums,
    label,
    name: first?.name.slice(0, start + label.length) ?? label,
    tensor,
    isGroup: deeper.length > 0,
    get children() {
      return (children ??= childrenOf(deeper, start + label.length + 1));
    },
  };
}

/** The segment that all have at `start`; null where they differ. */
function onlySegment(tensors: readonly TensorEntry[], start: number): string | null {
  const [first] = tensors;
  if (first === undefined) return null;
  const segment = segmentAt(first.name, start);
  return tensors.every(({ name }) => isSegment(name, start, segment)) ? segment : null;
}

/** The rows that show, top to bottom. */
export function visibleRows(nodes: readonly TreeNode[], expanded: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  const walk = (siblings: readonly TreeNode[], depth: number): void => {
    for (const node of siblings) {
      rows.push({ node, depth });
      if (node.isGroup && expanded.has(node.name)) walk(node.children, depth + 1);
    }
  };
  walk(nodes, 0);
  return rows;
}

/** Tensors whose name holds every word of the filter, as flat rows. */
export function matchingRows(tensors: readonly TensorEntry[], filter: string): Row[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return tensors
    .filter(({ name }) => {
      const lower = name.toLowerCase();
      return words.every((word) => lower.includes(word));
    })
    .map((tensor) => ({
      depth: 0,
      node: {
        label: tensor.name,
        name: tensor.name,
        isGroup: false,
        children: [],
        tensor,
        tensors: 1,
        elements: tensor.elements,
        bytes: tensor.bytes,
      },
    }));
}
