// The view as it was kept by the editor, read back field by field: what a newer or older version wrote, or anything
// odd, falls back to its default and never breaks the panel.
import { gateNames } from '../../src/shared/options.ts';
import { moduleKinds, type ModuleKind } from '../../src/shared/report/report.ts';
import { metricNamed } from '../metrics/catalog.ts';
import {
  initialView,
  type HeatMetric,
  type Selection,
  type Sort,
  type StandingFilter,
  type View,
} from './state.ts';

type Kept = Record<string, unknown>;

const isKept = (value: unknown): value is Kept => typeof value === 'object' && value !== null;
const isGate = (value: string): boolean => gateNames.some((gate) => gate === value);
const isModule = (value: unknown): value is ModuleKind => moduleKinds.some((kind) => kind === value);
const isLayer = (value: unknown): value is number | null => value === null || Number.isInteger(value);

export function restoreView(kept: unknown): View {
  if (!isKept(kept)) return { ...initialView };
  return {
    selection: selectionOf(kept['selection']),
    heatMetric: isHeatMetric(kept['heatMetric']) ? kept['heatMetric'] : initialView.heatMetric,
    grouping: kept['grouping'] === 'tensors' ? 'tensors' : 'layers',
    sort: sortOf(kept['sort']),
    filterText: typeof kept['filterText'] === 'string' ? kept['filterText'] : '',
    filterStanding: isStandingFilter(kept['filterStanding']) ? kept['filterStanding'] : 'all',
    expanded: layersOf(kept['expanded']),
    collapsed: layersOf(kept['collapsed']),
    tableScroll: pixelsOf(kept['tableScroll']),
    pageScroll: pixelsOf(kept['pageScroll']),
  };
}

function isHeatMetric(value: unknown): value is HeatMetric {
  return typeof value === 'string' && (isGate(value) || metricNamed(value) !== null);
}

function isStandingFilter(value: unknown): value is StandingFilter {
  if (typeof value !== 'string') return false;
  const [gate = '', standing = ''] = value.split(':');
  return (
    value === 'all' ||
    value === 'unreadable' ||
    (isGate(gate) && ['holds', 'middle', 'broken', 'unknown'].includes(standing))
  );
}

export function selectionOf(value: unknown): Selection {
  if (isKept(value)) {
    const { kind, layer, module, name } = value;
    const container = typeof value['container'] === 'string' ? value['container'] : null;
    if (kind === 'layer' && isLayer(layer)) return { kind, container, layer };
    if (kind === 'module' && isModule(module)) return { kind, module };
    if (kind === 'cell' && isLayer(layer) && isModule(module)) return { kind, container, layer, module };
    if (kind === 'tensor' && typeof name === 'string') return { kind, name };
  }
  return { kind: 'model' };
}

function sortOf(value: unknown): Sort | null {
  if (!isKept(value)) return null;
  const { column, descending } = value;
  const known = column === 'name' || column === 'elements' || isHeatMetric(column);
  return known && typeof descending === 'boolean' ? { column, descending } : null;
}

function layersOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((key) => typeof key === 'string') : [];
}

function pixelsOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}
