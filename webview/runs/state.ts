// What the page of several runs knows: the host's document, and what the user chose to look at. Plain data; the view
// and the choice are what survives tab switches and restarts, read back field by field.
import type { OverlapMetric } from '../../src/shared/text/overlapMetrics.ts';
import type { ModuleKind } from '../../src/shared/report/report.ts';
import { moduleKinds } from '../../src/shared/report/report.ts';
import type { RunsChoice, RunsDocument } from '../../src/shared/protocol/runsProtocol.ts';
import { selectionOf } from '../state/restore.ts';
import type { Selection } from '../state/state.ts';
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
  /** Why a request failed, until the next one. */
  notice: string | null;
  view: RunsView;
}

export const initialView: Readonly<RunsView> = {
  pair: 0,
  metric: 'jaccard',
  selection: { kind: 'model' },
  module: null,
  axis: 'row',
  measure: 'mean',
  grouping: 'layers',
};

/** What the editor keeps for the page. The choice is for the host, which reads it when the editor starts again. */
export interface Kept {
  choice: RunsChoice | null;
  view: RunsView;
}

export function restoreView(kept: unknown): RunsView {
  const view = fieldsOf(fieldsOf(kept)['view']);
  const oneOf = <Value extends string>(value: unknown, known: readonly Value[], otherwise: Value): Value =>
    known.find((each) => each === value) ?? otherwise;
  const { pair } = view;
  return {
    pair: typeof pair === 'number' && Number.isInteger(pair) && pair >= 0 ? pair : 0,
    metric: oneOf(
      view['metric'],
      overlapMetrics.map(({ id }) => id),
      'jaccard',
    ),
    selection: selectionOf(view['selection']),
    module: moduleKinds.find((kind) => kind === view['module']) ?? null,
    axis: oneOf(view['axis'], ['row', 'column'], 'row'),
    measure: oneOf(view['measure'], ['mean', 'runs'], 'mean'),
    grouping: oneOf(view['grouping'], ['layers', 'modules', 'tensors'], 'layers'),
  };
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
