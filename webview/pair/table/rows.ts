// The table's rows from a report and a view: layers that open into tensors, or tensors alone; filtered and sorted.
// Pure. Rows without a value sort last whichever way the column is sorted.
import { gateNames } from '../../../src/shared/options/options.ts';
import { layerKey, layerLabel, shortLayerLabel, type LayerId } from '../../../src/shared/report/layers.ts';
import type { PanelReport, PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { LayerReport } from '../../../src/shared/report/report.ts';
import type { GateStanding } from '../../../src/shared/report/verdicts.ts';
import { metricNamed } from '../metrics/catalog.ts';
import { pooledMetric } from '../metrics/pooled.ts';
import { brokenAt } from './brokenLimits.ts';
import { isFiltered, type Sort, type SortColumn, type View } from '../state/state.ts';

export type Row =
  | {
      kind: 'layer';
      key: string;
      level: 1;
      layer: LayerReport;
      open: boolean;
      /** Tensors that the filter lets through. */
      shown: number;
      /** What to say of each limit that it breaks. */
      broken: readonly string[];
      position: number;
      siblings: number;
    }
  | {
      kind: 'tensor';
      key: string;
      level: 1 | 2;
      tensor: PanelTensor;
      broken: readonly string[];
      position: number;
      siblings: number;
    };

type RowView = Pick<
  View,
  'grouping' | 'sort' | 'filterText' | 'filterStanding' | 'expanded' | 'collapsed' | 'selection'
>;

export function tableRows(report: PanelReport, view: RowView & View): Row[] {
  const kept = isFiltered(view) ? report.tensors.filter(matcher(view)) : report.tensors;
  if (view.grouping === 'tensors') return tensorRows(report, sorted(kept, view.sort, tensorValue), 1);
  const byLayer = new Map<string, PanelTensor[]>();
  for (const tensor of kept) {
    const key = layerKey(tensor);
    const list = byLayer.get(key);
    if (list === undefined) byLayer.set(key, [tensor]);
    else list.push(tensor);
  }
  const layers = report.layers.filter((layer) => !isFiltered(view) || byLayer.has(layerKey(layer)));
  const open = isFiltered(view)
    ? new Set(layers.map(layerKey).filter((key) => !view.collapsed.includes(key)))
    : new Set(view.expanded);
  const rows: Row[] = [];
  sorted(layers, view.sort, layerValue).forEach((layer, index) => {
    const key = layerKey(layer);
    const own = byLayer.get(key) ?? [];
    const isOpen = open.has(key);
    rows.push({
      kind: 'layer',
      key: layerRowKey(layer),
      level: 1,
      layer,
      open: isOpen,
      shown: own.length,
      broken: brokenAt(report.limits, 'layer', key),
      position: index + 1,
      siblings: layers.length,
    });
    if (isOpen) rows.push(...tensorRows(report, sorted(own, view.sort, tensorValue), 2));
  });
  return rows;
}

export function layerRowKey(layer: LayerId): string {
  return `layer ${layerKey(layer)}`;
}

export function tensorKey(name: string): string {
  return `tensor ${name}`;
}

/** How many tensors the filter lets through. */
export function countShown(report: PanelReport, view: View): number {
  return isFiltered(view) ? report.tensors.filter(matcher(view)).length : report.tensors.length;
}

function tensorRows({ limits }: PanelReport, tensors: readonly PanelTensor[], level: 1 | 2): Row[] {
  return tensors.map((tensor, index) => ({
    kind: 'tensor',
    key: tensorKey(tensor.name),
    level,
    tensor,
    broken: brokenAt(limits, 'tensor', tensor.name),
    position: index + 1,
    siblings: tensors.length,
  }));
}

/** Every word must occur in the tensor's name, its layer ("layer 3"), kind, dtype or a verdict. */
function matcher(view: View): (tensor: PanelTensor) => boolean {
  const words = view.filterText.toLowerCase().split(/\s+/u).filter(Boolean);
  const [gate, standing] = view.filterStanding.split(':');
  const named = gateNames.find((name) => name === gate);
  return (tensor) => {
    if (view.filterStanding === 'unreadable' && tensor.status !== 'unreadable') return false;
    if (named !== undefined && tensor.verdicts[named].standing !== standing) return false;
    if (words.length === 0) return true;
    const text = haystack(tensor);
    return words.every((word) => text.includes(word));
  };
}

const haystacks = new WeakMap<PanelTensor, string>();

function haystack(tensor: PanelTensor): string {
  const known = haystacks.get(tensor);
  if (known !== undefined) return known;
  const { name, tunedName, module, dtypes, verdicts, status } = tensor;
  const words = gateNames.map((gate) => verdicts[gate].verdict);
  const place = tensor.layer === null ? `outside ${tensor.container ?? ''}` : layerLabel(tensor);
  const text = [name, tunedName ?? '', place, module, ...dtypes, ...words, status].join('\n').toLowerCase();
  haystacks.set(tensor, text);
  return text;
}

type SortValue = number | string | null;

const standingOrder: Record<GateStanding, number | null> = { broken: 0, middle: 1, holds: 2, unknown: null };

export function tensorValue(tensor: PanelTensor, column: SortColumn): SortValue {
  if (column === 'name') return tensor.name;
  if (column === 'elements') return tensor.elements;
  if (column === 'anchor' || column === 'geometry' || column === 'precision') {
    return standingOrder[tensor.verdicts[column].standing];
  }
  const metric = metricNamed(column);
  return metric && pooledMetric(metric, [tensor]);
}

function layerValue(layer: LayerReport, column: SortColumn): SortValue {
  if (column === 'name') {
    return layer.container === null ? (layer.layer ?? -1) : shortLayerLabel(layer);
  }
  if (column === 'elements') return layer.elements;
  if (column === 'anchor' || column === 'geometry' || column === 'precision') {
    return standingOrder[layer.verdicts[column].standing];
  }
  return metricNamed(column)?.ofPool(layer) ?? null;
}

const collator = new Intl.Collator('en', { numeric: true });

function sorted<Item>(
  items: readonly Item[],
  sort: Sort | null,
  valueOf: (item: Item, column: SortColumn) => SortValue,
): readonly Item[] {
  if (sort === null) return items;
  const keyed = items.map((item) => ({ item, value: valueOf(item, sort.column) }));
  const sign = sort.descending ? -1 : 1;
  keyed.sort((left, right) => {
    if (left.value === null || right.value === null) {
      return Number(left.value === null) - Number(right.value === null);
    }
    if (typeof left.value === 'string' || typeof right.value === 'string') {
      return sign * collator.compare(String(left.value), String(right.value));
    }
    return sign * (left.value - right.value);
  });
  return keyed.map(({ item }) => item);
}
