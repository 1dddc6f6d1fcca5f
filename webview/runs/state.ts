// What the page of several runs knows: the host's document, and what the user chose to look at. Plain data; the view
// and the choice are what survives tab switches and restarts, read back field by field.
import { moduleKinds, type ModuleKind } from '../../src/shared/report/moduleKinds.ts';
import type { RunsDocument } from '../../src/shared/protocol/runsProtocol.ts';
import { fieldsOf, oneOf } from '../parts/model/kept.ts';
import { selectionOf, type Selection } from '../parts/model/selection.ts';
import type { OverlapMetric } from '../../src/shared/text/overlapMetrics.ts';
import { overlapMetrics } from './overlapMetrics.ts';

export type Grouping = 'layers' | 'modules' | 'tensors';
/** Mean number of runs that changed an element of a band, or how many runs write there more than elsewhere. */
export type BandMeasure = 'mean' | 'runs';

export interface RunsView {
  /** Position in a pool's `pairs`. */
  pair: number;
  metric: OverlapMetric;
  selection: Selection;
  /** Null is the first kind that the runs have. */
  module: ModuleKind | null;
  axis: 'row' | 'column';
  measure: BandMeasure;
  grouping: Grouping;
}

export interface RunsState {
  /** Null until the host has answered. */
  document: RunsDocument | null;
  /** What is done now while a run is followed; null where nothing is. */
  following: string | null;
  /** Why a request failed, until the next one. */
  notice: string | null;
  view: RunsView;
}

export type Action =
  | { kind: 'document'; document: RunsDocument }
  | { kind: 'following'; text: string }
  | { kind: 'notice'; notice: string }
  | { kind: 'look'; change: Partial<RunsView> };

export function reduce(state: RunsState, action: Action): RunsState {
  switch (action.kind) {
    case 'document':
      return {
        ...state,
        document: action.document,
        following: action.document.following ?? null,
        notice: null,
      };
    case 'following':
      return { ...state, following: action.text };
    case 'notice':
      return { ...state, notice: action.notice };
    case 'look':
      return { ...state, view: { ...state.view, ...action.change } };
  }
}

export function restoreView(kept: unknown): RunsView {
  const view = fieldsOf(fieldsOf(kept)['view']);
  const { pair } = view;
  const metrics = overlapMetrics.map(({ id }) => id);
  return {
    pair: typeof pair === 'number' && Number.isInteger(pair) && pair >= 0 ? pair : 0,
    metric: oneOf(view['metric'], metrics, 'jaccard'),
    selection: selectionOf(view['selection']),
    module: moduleKinds.find((kind) => kind === view['module']) ?? null,
    axis: oneOf(view['axis'], ['row', 'column'], 'row'),
    measure: oneOf(view['measure'], ['mean', 'runs'], 'mean'),
    grouping: oneOf(view['grouping'], ['layers', 'modules', 'tensors'], 'layers'),
  };
}
