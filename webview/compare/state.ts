// What the page of checkpoints side by side knows: the host's document, and what the user chose to look at. Plain data; the view and
// the choice are what survives tab switches and restarts, read back field by field.
import type { SideBySideDocument } from '../../src/shared/protocol/sideBySideProtocol.ts';
import { fieldsOf } from '../parts/model/kept.ts';

export interface Sort {
  /** `label`, or the id of a line. */
  column: string;
  descending: boolean;
}

/** What a row is: something that is said of every checkpoint, or a checkpoint. */
export type Layout = 'readings' | 'checkpoints';

export interface CompareView {
  /** Null is what suits the number of checkpoints. */
  layout: Layout | null;
  /** Null is the order that was asked for. */
  sort: Sort | null;
  filter: string;
  /** What is said of every checkpoint alike is left out. */
  onlyDifferent: boolean;
}

export interface CompareState {
  /** Null until the host has answered. */
  document: SideBySideDocument | null;
  /** Why a request failed, until the next one. */
  notice: string | null;
  view: CompareView;
}

export type Action =
  | { kind: 'document'; document: SideBySideDocument }
  | { kind: 'notice'; notice: string }
  | { kind: 'sort'; column: string }
  | { kind: 'look'; change: Partial<Omit<CompareView, 'sort'>> };

export function reduce(state: CompareState, action: Action): CompareState {
  const { view } = state;
  switch (action.kind) {
    case 'document':
      return { ...state, document: action.document, notice: null };
    case 'notice':
      return { ...state, notice: action.notice };
    case 'sort':
      return { ...state, view: { ...view, sort: nextSort(view.sort, action.column) } };
    case 'look':
      return { ...state, view: { ...view, ...action.change } };
  }
}

/** Ascending, descending, then the order that was asked for. */
function nextSort(sort: Sort | null, column: string): Sort | null {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? null : { column, descending: true };
}

export function restoreView(kept: unknown): CompareView {
  const view = fieldsOf(fieldsOf(kept)['view']);
  const { column, descending } = fieldsOf(view['sort']);
  const layouts: readonly Layout[] = ['readings', 'checkpoints'];
  return {
    layout: layouts.find((layout) => layout === view['layout']) ?? null,
    sort: typeof column === 'string' ? { column, descending: descending === true } : null,
    filter: typeof view['filter'] === 'string' ? view['filter'] : '',
    onlyDifferent: view['onlyDifferent'] === true,
  };
}
