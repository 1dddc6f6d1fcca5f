// The heat map as data: module kinds down, layers across, one pooled number or one standing in each cell,
// with the engine's own pools as margins. Pure.
import { layerKey, type LayerId } from '../../src/shared/report/layers.ts';
import type { NullRange } from '../../src/shared/report/metrics.ts';
import { isBelowResolution } from '../../src/shared/report/resolution.ts';
import { gateNames, type GateName } from '../../src/shared/options.ts';
import type { PanelReport, PanelTensor } from '../../src/shared/protocol/panelReport.ts';
import { moduleKinds, type Aggregate, type ModuleKind } from '../../src/shared/report/report.ts';
import type { BeyondWord, GateStanding, GateWord } from '../../src/shared/report/verdicts.ts';
import { beyondReading, measuredName } from '../metrics/beside.ts';
import { metricNamed } from '../metrics/catalog.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import { pooledError, pooledExpected, pooledMetric } from '../metrics/pooled.ts';
import type { Scale } from '../metrics/scale.ts';
import { sameSelection, type HeatMetric, type Selection } from '../state/state.ts';
import { moduleNames } from '../state/subject.ts';

export interface HeatCell {
  selection: Selection;
  /** Tensors behind the cell. */
  tensors: number;
  value: number | null;
  /** False where the error bound exceeds the value: then it has no place on the axis. */
  resolved: boolean;
  /** The null's number, and the engine's word for the value beside it, where one tensor or pool has it. */
  expected: number | null;
  beyond: BeyondWord | null;
  standing: GateStanding | null;
  /** The verdict word, where one tensor or pool has it. */
  word: GateWord | null;
  state: 'measured' | 'pending' | 'unreadable' | 'unmeasured';
  /** Why there is no value. */
  reason: string | null;
}

export interface HeatLine {
  key: string;
  label: string;
  /** The stack that a column belongs to; null for the model's own, and for margins. */
  stack?: string | null;
}

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
    columns: kept?.columns ?? [...layers.map(layerColumn), { key: 'all layers', label: 'all' }],
    rows: kept?.rows ?? [
      ...kinds.map((kind) => ({ key: kind, label: moduleNames[kind] })),
      { key: 'all modules', label: 'all' },
    ],
    cells,
    scale,
    beyond: {
      below: scale !== null && every.some((value) => value < scale.min),
      above: scale !== null && every.some((value) => value > scale.max),
    },
    from: { report, kinds, groups },
  };
}

function resolvedValue(cell: HeatCell | null): number | [] {
  return cell?.resolved === true ? (cell.value ?? []) : [];
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

/** The cell before, where the new one says the same. */
function same(old: HeatCell | null, cell: HeatCell | null): HeatCell | null {
  if (old === null || cell === null) return cell;
  const keys = [
    'tensors',
    'value',
    'resolved',
    'expected',
    'beyond',
    'standing',
    'word',
    'state',
    'reason',
  ] as const;
  return keys.every((key) => old[key] === cell[key]) && sameSelection(old.selection, cell.selection)
    ? old
    : cell;
}

/** Kinds that are not a layer's matrices. */
const edges: readonly ModuleKind[] = ['norm', 'embed', 'head', 'other'];

const worst: readonly GateStanding[] = ['broken', 'middle', 'holds', 'unknown'];

function cellOf(
  tensors: readonly PanelTensor[],
  layer: LayerId,
  module: ModuleKind,
  gate: GateName | null,
  definition: MetricDefinition | null,
): HeatCell {
  const [only] = tensors;
  const single = tensors.length === 1 && only !== undefined ? only : null;
  const standing =
    gate === null
      ? null
      : (worst.find((each) => tensors.some((tensor) => tensor.verdicts[gate].standing === each)) ?? null);
  const value = definition === null ? null : pooledMetric(definition, tensors);
  const error = definition === null ? null : pooledError(definition, tensors);
  const measured = definition === null ? standing !== 'unknown' : value !== null;
  const gateOf = gate ?? definition?.gate ?? 'precision';
  return {
    selection:
      single === null ? { kind: 'cell', ...idOf(layer), module } : { kind: 'tensor', name: single.name },
    tensors: tensors.length,
    value,
    resolved: !isBelowResolution(value, error),
    expected: besideOf(definition, (metric) => pooledExpected(metric, tensors)),
    beyond: definition && single && (beyondReading(single.verdicts, definition.id)?.word ?? null),
    standing,
    word: gate === null || single === null ? null : single.verdicts[gate].verdict,
    state: measured ? 'measured' : unmeasuredState(tensors),
    reason: measured ? null : reasonOf(tensors, gateOf),
  };
}

function poolCell(
  pool: Aggregate,
  selection: Selection,
  gate: GateName | null,
  definition: MetricDefinition | null,
): HeatCell {
  const value = definition?.ofPool(pool) ?? null;
  const verdict = gate === null ? null : pool.verdicts[gate];
  const measured = verdict === null ? value !== null : verdict.standing !== 'unknown';
  const gateOf = gate ?? definition?.gate ?? 'precision';
  return {
    selection,
    tensors: pool.tensors,
    value,
    resolved: true,
    expected: besideOf(definition, (metric) => metric.expected?.ofPool(pool) ?? null),
    beyond: definition && (beyondReading(pool.verdicts, definition.id)?.word ?? null),
    standing: verdict?.standing ?? null,
    word: verdict?.verdict ?? null,
    state: measured ? 'measured' : 'unmeasured',
    reason: measured ? null : (pool[gateOf].reason ?? pool.verdicts[gateOf].rule),
  };
}

/** The null beside a metric, or behind a multiple of it. */
function besideOf(
  definition: MetricDefinition | null,
  expected: (metric: MetricDefinition) => NullRange | null,
): number | null {
  const metric = definition && metricNamed(measuredName(definition.id));
  return metric && (expected(metric)?.mean ?? null);
}

function unmeasuredState(tensors: readonly PanelTensor[]): HeatCell['state'] {
  if (tensors.some(({ status }) => status === 'pending' || status === 'streamed')) return 'pending';
  return tensors.some(({ status }) => status === 'unreadable') ? 'unreadable' : 'unmeasured';
}

function reasonOf(tensors: readonly PanelTensor[], gate: GateName): string | null {
  for (const tensor of tensors) {
    const reason = tensor.problem?.message ?? tensor[gate].reason;
    if (reason !== null) return reason;
  }
  return null;
}

function keyOf(tensor: PanelTensor | undefined): string {
  return tensor === undefined ? '' : cellKey(tensor, tensor.module);
}

function cellKey(layer: LayerId, module: ModuleKind): string {
  return `${module} ${layerKey(layer)}`;
}

/** The number alone: the stack stands above its columns. */
export function layerColumn({ container, layer, label }: LayerId & { label: string }): HeatLine {
  return { key: label, label: layer?.toString() ?? 'out', stack: container };
}

function idOf({ container, layer }: LayerId): LayerId {
  return { container, layer };
}

/** Positions of each cell's tensors. */
function groupByCell(tensors: readonly PanelTensor[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, tensor] of tensors.entries()) {
    const key = keyOf(tensor);
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [index]);
    else list.push(index);
  }
  return groups;
}

/** Factor to which a diverging axis reaches at least. */
const leastReach = 2;

/** The axis from the smallest to the largest value; zeros stand at the low end of a logarithmic one. */
function rangeOf(values: readonly number[], { kind, around }: Scale): Scale | null {
  const usable = kind === 'log' ? values.filter((value) => value > 0) : values;
  if (usable.length === 0) return null;
  const min = usable.reduce((low, value) => Math.min(low, value), Infinity);
  const max = usable.reduce((high, value) => Math.max(high, value), -Infinity);
  if (around !== undefined) {
    // As far to either side, and never so near that chance would look like something.
    const reach = Math.max(max / around, around / min, leastReach);
    return { kind, min: around / reach, max: around * reach, around };
  }
  // A map of equal values is drawn in the middle of the ramp, not at an end that would look extreme.
  if (min === max)
    return kind === 'log' ? { kind, min: min / 2, max: max * 2 } : { kind, min: min - 0.5, max: max + 0.5 };
  return { kind, min, max };
}
