// The heat map as data: module kinds down, layers across, one pooled number or one standing in each cell,
// with the engine's own pools as margins. Pure.
import { layerKey } from '../../../src/shared/report/layers.ts';
import { gateNames } from '../../../src/shared/options/options.ts';
import type { PanelReport, PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import { moduleKinds, type ModuleKind } from '../../../src/shared/report/moduleKinds.ts';
import { cellKey, groupByCell, layerColumns, moduleRows, type HeatLine } from '../../parts/heatmap/lines.ts';
import type { Scale } from '../../parts/model/scale.ts';
import { metricNamed } from '../metrics/catalog.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import type { HeatMetric } from '../state/state.ts';
import { rangeOf } from './axis.ts';
import { cellOf, idOf, poolCell, resolvedValue, same, type HeatCell } from './cells.ts';

export interface HeatMap {
  metric: HeatMetric;
  definition: MetricDefinition | null;
  /** Columns and rows keep their identity while the model has the same tensors in the same places. */
  columns: HeatLine[];
  rows: HeatLine[];
  /** cells[row][column]; null where the model has no such tensor. A cell that says the same is the same object. */
  cells: (HeatCell | null)[][];
  /** Axis of the colours: spans the layers' matrices. Null when nothing is measured or verdicts are shown. */
  scale: Scale | null;
  /** Whether other cells lie beyond an end of the axis, and are drawn at it. */
  beyond: { below: boolean; above: boolean };
  /** What the map was made of, for the next one. */
  from: { report: HeatReport; kinds: ModuleKind[]; groups: ReadonlyMap<string, readonly number[]> };
}

/** Of a report, what a map shows. */
type HeatReport = Pick<PanelReport, 'tensors' | 'layers' | 'modules' | 'summary'>;

/** With the map before it, only the cells of tensors that changed since are worked out again. */
export function heatMap(report: HeatReport, metric: HeatMetric, previous: HeatMap | null = null): HeatMap {
  const gate = gateNames.find((name) => name === metric) ?? null;
  const definition = gate === null ? metricNamed(metric) : null;
  const { layers, tensors } = report;
  const changed = previous === null ? null : changedTensors(previous.from.report, report);
  const kept = changed === null ? null : previous;
  const kinds =
    kept?.from.kinds ?? moduleKinds.filter((kind) => tensors.some(({ module }) => module === kind));
  const groups = kept?.from.groups ?? groupByCell(tensors);
  const stale =
    kept?.metric === metric && changed !== null
      ? new Set(changed.map((index) => keyOf(tensors[index])))
      : null;
  const cells = kinds.map((kind, at) => {
    const before = kept?.cells[at];
    const own = layers.map((layer, column) => {
      const key = cellKey(layer, kind);
      const old = before?.[column] ?? null;
      if (stale !== null && !stale.has(key)) return old;
      const members = groups.get(key)?.flatMap((index) => tensors[index] ?? []);
      return members === undefined ? null : same(old, cellOf(members, layer, kind, gate, definition));
    });
    const pool = report.modules.find(({ module }) => module === kind);
    const margin = pool ? poolCell(pool, { kind: 'module', module: kind }, gate, definition) : null;
    return [...own, same(before?.[layers.length] ?? null, margin)];
  });
  const valuesOf = (rows: readonly (readonly (HeatCell | null)[])[]): number[] =>
    rows.flatMap((row) => row.slice(0, -1)).flatMap(resolvedValue);
  // The matrices of the layers set the axis: a norm or an embedding would drown their differences.
  const matrices = valuesOf(cells.filter((_, at) => !edges.includes(kinds[at] ?? 'other')));
  const every = valuesOf(cells);
  const total = { ...report.summary, verdicts: report.summary.gates };
  const totals = kept?.cells.at(-1);
  cells.push([
    ...layers.map((layer, column) =>
      same(totals?.[column] ?? null, poolCell(layer, { kind: 'layer', ...idOf(layer) }, gate, definition)),
    ),
    same(totals?.at(-1) ?? null, poolCell(total, { kind: 'model' }, gate, definition)),
  ]);
  // Where no cell is resolved, the pools alone are left to set it.
  const set = [matrices, every].find(({ length }) => length > 0) ?? cells.flat().flatMap(resolvedValue);
  const scale = definition === null ? null : rangeOf(set, definition.scale);
  return {
    metric,
    definition,
    columns: kept?.columns ?? layerColumns(layers),
    rows: kept?.rows ?? moduleRows(kinds),
    cells,
    scale,
    beyond: {
      below: scale !== null && every.some((value) => value < scale.min),
      above: scale !== null && every.some((value) => value > scale.max),
    },
    from: { report, kinds, groups },
  };
}

/** Positions of the tensors that changed; null when the reports are not of the same model. */
function changedTensors(before: HeatReport, { tensors, layers }: HeatReport): number[] | null {
  if (tensors.length !== before.tensors.length || layers.length !== before.layers.length) return null;
  const isMoved = (layer: HeatReport['layers'][number], at: number): boolean => {
    const old = before.layers[at];
    return old === undefined || layerKey(layer) !== layerKey(old) || layer.label !== old.label;
  };
  if (layers !== before.layers && layers.some(isMoved)) return null;
  const changed: number[] = [];
  for (const [index, tensor] of tensors.entries()) {
    const old = before.tensors[index];
    if (tensor === old) continue;
    if (old?.name !== tensor.name || keyOf(old) !== keyOf(tensor)) return null;
    changed.push(index);
  }
  return changed;
}

/** Kinds that are not a layer's matrices. */
const edges: readonly ModuleKind[] = ['norm', 'embed', 'head', 'other'];

function keyOf(tensor: PanelTensor | undefined): string {
  return tensor === undefined ? '' : cellKey(tensor, tensor.module);
}
