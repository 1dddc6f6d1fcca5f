// The panel's state after one more action. Pure; shares what did not change, so views compare by identity.
import { layerKey } from '../../../src/shared/report/layers.ts';
import { applyAnalysisEvent } from '../../../src/shared/protocol/analysisEvents.ts';
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import { subjectOf } from './subject.ts';
import { isFiltered, type Action, type PanelState, type View } from './state.ts';

export function reduce(state: PanelState, action: Action): PanelState {
  switch (action.kind) {
    case 'document': {
      const { document } = action;
      const progress = document.run.kind === 'running' ? document.run.progress : null;
      return { ...state, document, progress, notice: null, view: keepSelection(state.view, document.report) };
    }
    case 'run': {
      if (state.document === null) return state;
      const progress = action.run.kind === 'running' ? (action.run.progress ?? state.progress) : null;
      return { ...state, progress, document: { ...state.document, run: action.run } };
    }
    case 'stored': {
      if (state.document === null) return state;
      return { ...state, document: { ...state.document, stored: action.stored } };
    }
    case 'events': {
      if (state.document === null) return state;
      let { report } = state.document;
      let { progress } = state;
      for (const event of action.events) {
        if (event.kind === 'heading') report = report && { ...event.heading, tensors: report.tensors };
        else report = applyAnalysisEvent(report, event);
        if (event.kind === 'progress') ({ progress } = event);
      }
      const document = report === state.document.report ? state.document : { ...state.document, report };
      return { ...state, document, progress };
    }
    case 'curves':
      return { ...state, curves: { of: action.of, value: action.value } };
    case 'notice':
      return { ...state, notice: action.notice };
    default:
      return withView(state, reduceView(state.view, action, state.document?.report ?? null));
  }
}

type ViewAction = Exclude<Action, { kind: 'document' | 'run' | 'stored' | 'events' | 'curves' | 'notice' }>;

function reduceView(view: View, action: ViewAction, report: PanelReport | null): View {
  switch (action.kind) {
    case 'select':
      return { ...view, selection: action.selection };
    case 'heatMetric':
      return { ...view, heatMetric: action.metric };
    case 'grouping':
      return { ...view, grouping: action.grouping, tableScroll: 0 };
    case 'sort':
      return { ...view, sort: nextSort(view, action.column) };
    case 'filterText':
      return { ...view, filterText: action.text, collapsed: [], tableScroll: 0 };
    case 'filterStanding':
      return { ...view, filterStanding: action.standing, collapsed: [], tableScroll: 0 };
    case 'toggle': {
      const { layer, open } = action;
      // A filter opens every layer with a match, so what is kept then is what was closed.
      const [list, add] = isFiltered(view) ? (['collapsed', !open] as const) : (['expanded', open] as const);
      const without = view[list].filter((each) => each !== layer);
      return { ...view, [list]: add ? [...without, layer] : without };
    }
    case 'toggleAll': {
      const all = report?.layers.map(layerKey) ?? [];
      if (isFiltered(view)) return { ...view, collapsed: action.open ? [] : all };
      return { ...view, expanded: action.open ? all : [] };
    }
    case 'scroll':
      return {
        ...view,
        tableScroll: action.table ?? view.tableScroll,
        pageScroll: action.page ?? view.pageScroll,
      };
  }
}

/** First click: largest first (names: A first); second: the other way; third: the model's own order. */
function nextSort({ sort }: View, column: View['heatMetric'] | 'name' | 'elements'): View['sort'] {
  const first = column !== 'name';
  if (sort?.column !== column) return { column, descending: first };
  return sort.descending === first ? { column, descending: !first } : null;
}

function withView(state: PanelState, view: View): PanelState {
  return view === state.view ? state : { ...state, view };
}

/** A selection that the new report does not have falls back to the whole model. */
function keepSelection(view: View, report: PanelReport | null): View {
  if (report === null || subjectOf(report, view.selection) !== null) return view;
  return { ...view, selection: { kind: 'model' } };
}
