// Everything the panel knows: the host's document as folded so far, and what the user chose to look at.
// Plain data; `View` is what survives tab switches and reloads.
import type { GateName } from '../../../src/shared/options/options.ts';
import type { PanelDocument, RunState, StoredReport } from '../../../src/shared/protocol/panelProtocol.ts';
import type { PanelRunEvent, PanelTensor, TensorCurves } from '../../../src/shared/protocol/panelReport.ts';
import type { Progress } from '../../../src/shared/protocol/analysisEvents.ts';
import type { GateStanding } from '../../../src/shared/report/verdicts.ts';
import type { BeyondId, MetricId } from '../metrics/metric.ts';
import type { Selection } from '../../parts/model/selection.ts';

/** What the heat map is coloured by. */
export type HeatMetric = MetricId | BeyondId | GateName;

export type SortColumn = 'name' | 'elements' | GateName | MetricId | BeyondId;

export interface Sort {
  column: SortColumn;
  descending: boolean;
}

/** Which tensors the table shows: a gate's standing, only what could not be read, or all. */
export type StandingFilter = 'all' | 'unreadable' | `${GateName}:${GateStanding}`;

export interface View {
  selection: Selection;
  heatMetric: HeatMetric;
  /** `layers`: layers that open into tensors; `tensors`: one flat list. */
  grouping: 'layers' | 'tensors';
  /** Null is the model's own order. */
  sort: Sort | null;
  filterText: string;
  filterStanding: StandingFilter;
  /** Layers opened by hand, by their `layerKey`. */
  expanded: string[];
  /** Layers closed by hand while a filter opens all. */
  collapsed: string[];
  /** Pixels. */
  tableScroll: number;
  pageScroll: number;
}

/** Curves as they came, with the tensor as it stood when they were asked for. */
export interface KnownCurves {
  of: PanelTensor;
  /** Null when the host no longer had the tensor. */
  value: TensorCurves | null;
}

export interface PanelState {
  /** Null until the host has answered. */
  document: PanelDocument | null;
  /** Why the host did not answer, or a failed action; shown until the next one. */
  notice: string | null;
  progress: Progress | null;
  /** Of the tensor that was looked at last. */
  curves: KnownCurves | null;
  view: View;
}

export type Action =
  | { kind: 'document'; document: PanelDocument }
  | { kind: 'run'; run: RunState }
  | { kind: 'stored'; stored: StoredReport }
  | { kind: 'events'; events: PanelRunEvent[] }
  | { kind: 'curves'; of: PanelTensor; value: TensorCurves | null }
  | { kind: 'notice'; notice: string | null }
  | { kind: 'select'; selection: Selection }
  | { kind: 'heatMetric'; metric: HeatMetric }
  | { kind: 'grouping'; grouping: View['grouping'] }
  | { kind: 'sort'; column: SortColumn }
  | { kind: 'filterText'; text: string }
  | { kind: 'filterStanding'; standing: StandingFilter }
  /** `layer` is a `layerKey`. */
  | { kind: 'toggle'; layer: string; open: boolean }
  | { kind: 'toggleAll'; open: boolean }
  | { kind: 'scroll'; table?: number; page?: number };

export const initialView: Readonly<View> = {
  selection: { kind: 'model' },
  heatMetric: 'sparsityBf16',
  grouping: 'layers',
  sort: null,
  filterText: '',
  filterStanding: 'all',
  expanded: [],
  collapsed: [],
  tableScroll: 0,
  pageScroll: 0,
};

export function initialState(view: View): PanelState {
  return { document: null, notice: null, progress: null, curves: null, view };
}

/** True while the table shows less than everything. */
export function isFiltered(view: View): boolean {
  return view.filterText.trim() !== '' || view.filterStanding !== 'all';
}
