// Tensors as a tree of dotted names, and the rows of it that are unfolded. Pure: no DOM.
import type { TensorEntry } from '../../src/shared/protocol/engineProtocol.ts';

export interface TreeNode {
  /** What the row shows: one or more dotted segments; a chain without branches is one node. */
  label: string;
  /** Full dotted name; unique. */
  name: string;
  children: TreeNode[];
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

interface Branch {
  segment: string;
  branches: Map<string, Branch>;
  tensor: TensorEntry | null;
}

/** Linear in the number of tensors; siblings in natural order, so that layer 10 follows layer 9. */
export function buildTree(tensors: readonly TensorEntry[]): TreeNode[] {
  const root: Branch = { segment: '', branches: new Map(), tensor: null };
  for (const tensor of tensors) {
    let at = root;
    for (const segment of tensor.name.split('.')) {
      let next = at.branches.get(segment);
      if (next === undefined) {
        next = { segment, branches: new Map(), tensor: null };
        at.branches.set(segment, next);
      }
      at = next;
    }
    at.tensor = tensor;
  }
  return childrenOf(root, '');
}

const naturally = new Intl.Collator('en', { numeric: true });

function childrenOf(branch: Branch, prefix: string): TreeNode[] {
  const branches = [...branch.branches.values()];
  branches.sort((left, right) => naturally.compare(left.segment, right.segment));
  return branches.map((child) => nodeOf(child, prefix));
}

function nodeOf(branch: Branch, prefix: string): TreeNode {
  let at = branch;
  let label = branch.segment;
  while (at.tensor === null && at.branches.size === 1) {
    const [only] = at.branches.values();
    if (only === undefined) break;
    at = only;
    label += `.${only.segment}`;
  }
  const name = prefix === '' ? label : `${prefix}.${label}`;
  const children = childrenOf(at, name);
  const own = at.tensor;
  const node: TreeNode = {
    label,
    name,
    children,
    tensor: own,
    tensors: own === null ? 0 : 1,
    elements: own?.elements ?? 0,
    bytes: own?.bytes ?? 0,
  };
  for (const child of children) {
    node.tensors += child.tensors;
    node.elements += child.elements;
    node.bytes += child.bytes;
  }
  return node;
}

/** The rows that show, top to bottom. */
export function visibleRows(nodes: readonly TreeNode[], expanded: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  const walk = (siblings: readonly TreeNode[], depth: number): void => {
    for (const node of siblings) {
      rows.push({ node, depth });
      if (node.children.length > 0 && expanded.has(node.name)) walk(node.children, depth + 1);
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
        children: [],
        tensor,
        tensors: 1,
        elements: tensor.elements,
        bytes: tensor.bytes,
      },
    }));
}
