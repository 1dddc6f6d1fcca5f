// What the page of a file's header knows: the host's document as a tree, and what of it is unfolded or looked for. Pure.
import type { HeaderDocument } from '../../src/shared/protocol/headerProtocol.ts';
import { fieldsOf } from '../parts/model/kept.ts';
import { buildTree, matchingRows, visibleRows, type Row, type TreeNode } from './tensorTree.ts';

export interface HeaderState {
  /** Null until the host has answered. */
  document: HeaderDocument | null;
  tree: readonly TreeNode[];
  /** Names of groups. */
  expanded: ReadonlySet<string>;
  filter: string;
  /** Nothing was kept and nothing folded yet, so the page chooses what is unfolded. */
  isUntouched: boolean;
  /** Why a request failed. */
  notice: string | null;
}

export type Action =
  | { kind: 'document'; document: HeaderDocument }
  /** It is read once more. */
  | { kind: 'again' }
  | { kind: 'toggle'; name: string }
  | { kind: 'filter'; text: string }
  | { kind: 'notice'; notice: string };

/** What the editor keeps. */
interface Kept {
  expanded: string[];
  filter: string;
}

export function initialState(kept: unknown): HeaderState {
  const { expanded, filter } = fieldsOf(kept);
  const names = Array.isArray(expanded) ? expanded.filter((name) => typeof name === 'string') : [];
  return {
    document: null,
    tree: [],
    expanded: new Set(names),
    filter: typeof filter === 'string' ? filter : '',
    isUntouched: kept === undefined || kept === null,
    notice: null,
  };
}

export function keptOf({ expanded, filter }: HeaderState): Kept {
  return { expanded: [...expanded], filter };
}

export function reduce(state: HeaderState, action: Action): HeaderState {
  switch (action.kind) {
    case 'document': {
      const { document } = action;
      const tree = document.listing === null ? [] : buildTree(document.listing.tensors);
      const expanded = state.isUntouched && state.expanded.size === 0 ? unfoldedTop(tree) : state.expanded;
      return { ...state, document, tree, expanded, notice: null };
    }
    case 'again':
      return { ...state, document: null, tree: [], notice: null };
    case 'toggle': {
      const expanded = new Set(state.expanded);
      if (!expanded.delete(action.name)) expanded.add(action.name);
      return { ...state, expanded };
    }
    case 'filter':
      return { ...state, filter: action.text };
    case 'notice':
      return { ...state, notice: action.notice };
  }
}

/** The rows to show: the tree as unfolded, or flat what the filter finds. */
export function rowsOf({ document, tree, expanded, filter }: HeaderState): Row[] {
  return filter.trim() === ''
    ? visibleRows(tree, expanded)
    : matchingRows(document?.listing?.tensors ?? [], filter);
}

/** Rows that a screen has room for. */
const screenful = 40;

/** Unfolds from the top while that stays within a screenful. */
function unfoldedTop(tree: readonly TreeNode[]): Set<string> {
  const expanded = new Set<string>();
  let level = tree;
  let shown = tree.length;
  while (level.length > 0) {
    const groups = level.filter(({ isGroup }) => isGroup);
    const next = groups.flatMap(({ children }) => children);
    shown += next.length;
    if (shown > screenful) break;
    for (const { name } of groups) expanded.add(name);
    level = next;
  }
  return expanded;
}
