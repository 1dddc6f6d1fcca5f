// The view as it was kept by the editor, read back field by field: what a newer or older version wrote, or anything
// odd, falls back to its default and never breaks the panel.
import { gateNames } from '../../../src/shared/options/options.ts';
import { fieldsOf } from '../../parts/model/kept.ts';
import { selectionOf } from '../../parts/model/selection.ts';
import { metricNamed } from '../metrics/catalog.ts';
import { initialView, type HeatMetric, type Sort, type StandingFilter, type View } from './state.ts';

const isGate = (value: string): boolean => gateNames.some((gate) => gate === value);

export function restoreView(value: unknown): View {
  const kept = fieldsOf(value);
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

function sortOf(value: unknown): Sort | null {
  const { column, descending } = fieldsOf(value);
  const known = column === 'name' || column === 'elements' || isHeatMetric(column);
  return known && typeof descending === 'boolean' ? { column, descending } : null;
}

function layersOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((key) => typeof key === 'string') : [];
}

function pixelsOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}
