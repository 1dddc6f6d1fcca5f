// The table's columns and what stands in them, for a layer's row and a tensor's alike.
import { formatCount } from '../../../src/shared/text/format.ts';
import { isBelowResolution } from '../../../src/shared/report/resolution.ts';
import { gateNames, type GateName } from '../../../src/shared/options/options.ts';
import type { NullRange } from '../../../src/shared/report/metrics.ts';
import type { BeyondReading } from '../../../src/shared/report/verdicts.ts';
import { beyondReading } from '../metrics/beside.ts';
import { gateTitles } from '../../parts/model/gates.ts';
import { metricNamed, metricOf } from '../metrics/catalog.ts';
import type { BeyondId, MetricId } from '../metrics/metric.ts';
import { pooledError, pooledExpected, pooledMetric } from '../metrics/pooled.ts';
import type { Row } from './rows.ts';
import type { SortColumn } from '../state/state.ts';

export interface Column {
  id: SortColumn;
  label: string;
  kind: 'name' | 'verdict' | 'number';
  /** For hover: what the column is. */
  lines: readonly string[];
  /** 1 is always there; higher ones give way first in a narrow panel. */
  priority: 1 | 2 | 3 | 4 | 5;
}

const metrics: [MetricId | BeyondId, Column['priority']][] = [
  ['sparsityBf16', 1],
  ['relativeDrift', 1],
  ['rotationMeanDeg', 3],
  ['rotationMeanDegBeyond', 2],
  ['spectralDriftTopK', 4],
  ['spectralDriftTopKBeyond', 3],
  ['principalEnergyBeyond', 2],
  ['principalLift', 4],
  ['lowMagnitudeLift', 4],
  ['principalLiftBeyond', 5],
  ['lowMagnitudeLiftBeyond', 5],
  ['oneStepShare', 5],
  ['topPercentEnergy', 5],
];

export const columns: readonly Column[] = [
  { id: 'name', label: 'Layer or tensor', kind: 'name', lines: [], priority: 1 },
  ...gateNames.map((gate: GateName): Column => {
    const { numeral, title, question } = gateTitles[gate];
    return {
      id: gate,
      label: `${numeral} ${title}`,
      kind: 'verdict',
      lines: [`Gate ${numeral}: ${title}`, question],
      priority: 1,
    };
  }),
  ...metrics.map(([id, priority]): Column => {
    const { short, label, definition, source, unit } = metricOf(id);
    return {
      id,
      label: short,
      kind: 'number',
      lines: [label, definition, `Unit: ${unit}. Source: ${source}.`],
      priority,
    };
  }),
  { id: 'elements', label: 'parameters', kind: 'number', lines: ['Parameters'], priority: 5 },
];

export function numberOf(row: Row, column: SortColumn): number | null {
  const metric = metricNamed(column);
  if (metric === null)
    return column === 'elements' ? (row.kind === 'layer' ? row.layer : row.tensor).elements : null;
  return row.kind === 'layer' ? metric.ofPool(row.layer) : pooledMetric(metric, [row.tensor]);
}

/** The bound on a number's error; null where it has none. */
export function errorOf(row: Row, column: SortColumn): number | null {
  const metric = metricNamed(column);
  return metric === null || row.kind === 'layer' ? null : pooledError(metric, [row.tensor]);
}

/** What a random update of the same size would show in a number's place. */
export function expectedOf(row: Row, column: SortColumn): NullRange | null {
  const metric = metricNamed(column);
  if (metric === null) return null;
  return row.kind === 'layer'
    ? (metric.expected?.ofPool(row.layer) ?? null)
    : pooledExpected(metric, [row.tensor]);
}

/** The engine's word for a number beside its null, or for a multiple of it. */
export function beyondOf(row: Row, column: SortColumn): BeyondReading | null {
  return beyondReading((row.kind === 'layer' ? row.layer : row.tensor).verdicts, column);
}

/** As much of "below resolution" as a column has room for; the hover says it in full. */
export const shortBelowResolution = 'below res.';

export function numberText(row: Row, column: SortColumn): string {
  const value = numberOf(row, column);
  if (column === 'elements') return formatCount(value);
  const metric = metricNamed(column);
  if (metric === null) return '';
  return isBelowResolution(value, errorOf(row, column)) ? shortBelowResolution : metric.format(value);
}

/** A layer's label, or the part of a tensor's name that its layer does not already say. */
export function nameOf(row: Row): string {
  if (row.kind === 'layer') return row.layer.label;
  const { name, layer } = row.tensor;
  if (layer === null) return name;
  const mark = `.${layer}.`;
  const at = name.indexOf(mark);
  if (at === -1) return name;
  const own = name.slice(at + mark.length).replace(/\.weight$/u, '');
  // In a flat list the layer's number still tells the rows apart.
  return row.level === 1 ? `${layer}.${own}` : own;
}
