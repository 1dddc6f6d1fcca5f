// One cell of the heat map: of the tensors in it, or of a pool that the engine made. Pure.
import type { PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { GateName } from '../../../src/shared/options/options.ts';
import type { LayerId } from '../../../src/shared/report/layers.ts';
import type { NullRange } from '../../../src/shared/report/metrics.ts';
import type { ModuleKind } from '../../../src/shared/report/moduleKinds.ts';
import type { Aggregate } from '../../../src/shared/report/report.ts';
import { isBelowResolution } from '../../../src/shared/report/resolution.ts';
import type { BeyondWord, GateStanding, GateWord } from '../../../src/shared/report/verdicts.ts';
import { sameSelection, type Selection } from '../../parts/model/selection.ts';
import { beyondReading, measuredName } from '../metrics/beside.ts';
import { metricNamed } from '../metrics/catalog.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import { pooledError, pooledExpected, pooledMetric } from '../metrics/pooled.ts';

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

export function resolvedValue(cell: HeatCell | null): number | [] {
  return cell?.resolved === true ? (cell.value ?? []) : [];
}

/** The cell before, where the new one says the same. */
export function same(old: HeatCell | null, cell: HeatCell | null): HeatCell | null {
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

const worst: readonly GateStanding[] = ['broken', 'middle', 'holds', 'unknown'];

export function cellOf(
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

export function poolCell(
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

export function idOf({ container, layer }: LayerId): LayerId {
  return { container, layer };
}
