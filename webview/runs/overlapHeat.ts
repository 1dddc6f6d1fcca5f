// Several runs as a heat map: module kinds down, layers across, one number of the overlap in each cell, with the
// engine's own pools as margins. Pure.
import { formatWhole } from '../../src/shared/text/format.ts';
import { moduleKinds } from '../../src/shared/report/moduleKinds.ts';
import type { OverlapPool, RunsOverlap } from '../../src/shared/report/runsReport.ts';
import { cellKey, groupByCell, layerColumns, moduleRows, type HeatLine } from '../parts/heatmap/lines.ts';
import type { Scale } from '../parts/model/scale.ts';
import type { Selection } from '../parts/model/selection.ts';
import type { OverlapMetric } from '../../src/shared/text/overlapMetrics.ts';
import { overlapMetric, poolOf, valueOf } from './overlapMetrics.ts';

export interface OverlapCell {
  selection: Selection;
  tensors: number;
  value: number | null;
}

export interface OverlapHeat {
  metric: OverlapMetric;
  columns: HeatLine[];
  rows: HeatLine[];
  cells: (OverlapCell | null)[][];
  /** From the smallest to the largest value of the cells; null where there is none. */
  scale: Scale | null;
}

export function overlapHeat(overlap: RunsOverlap, metric: OverlapMetric, pair: number): OverlapHeat {
  const { layers, modules, tensors, whole } = overlap;
  const groups = groupByCell(tensors);
  const kinds = moduleKinds.filter((kind) => modules.some(({ module }) => module === kind));
  const cellOf = (pool: OverlapPool, selection: Selection): OverlapCell => ({
    selection,
    tensors: pool.tensors,
    value: valueOf(pool, metric, pair),
  });
  const cells = kinds.map((kind) => {
    const own = layers.map(({ container, layer }): OverlapCell | null => {
      const inside = (groups.get(cellKey({ container, layer }, kind)) ?? []).flatMap(
        (at) => tensors[at] ?? [],
      );
      const pool = poolOf(inside);
      const [only] = inside;
      if (pool === null || only === undefined) return null;
      const one = inside.length === 1;
      const cell: Selection = { kind: 'cell', container, layer, module: kind };
      return cellOf(pool, one ? { kind: 'tensor', name: only.name } : cell);
    });
    const pool = modules.find(({ module }) => module === kind);
    return [...own, pool === undefined ? null : cellOf(pool, { kind: 'module', module: kind })];
  });
  const values = cells.flatMap((row) => row.slice(0, -1)).flatMap((cell) => cell?.value ?? []);
  cells.push([
    ...layers.map((pool) => {
      const { container, layer } = pool;
      return cellOf(pool, { kind: 'layer', container, layer });
    }),
    cellOf(whole, { kind: 'model' }),
  ]);
  return {
    metric,
    columns: layerColumns(layers),
    rows: moduleRows(kinds),
    cells,
    scale: rangeOf(values),
  };
}

/** "Layer 12, down: Overlap 0.862". */
export function overlapCellLabel(
  { metric, columns, rows, cells }: OverlapHeat,
  at: number,
  column: number,
): string {
  const cell = cells[at]?.[column] ?? null;
  const row = at === rows.length - 1 ? 'all modules' : (rows[at]?.label ?? '');
  const place = `${columns[column]?.key ?? ''}, ${row}`;
  if (cell === null) return `${place}: none`;
  const many = cell.tensors > 1 ? ` (${formatWhole(cell.tensors)} tensors)` : '';
  const { label, format } = overlapMetric(metric);
  const text = cell.value === null ? 'nothing changed' : `${label} ${format(cell.value)}`;
  return `${place}${many}: ${text}`;
}

function rangeOf(values: readonly number[]): Scale | null {
  if (values.length === 0) return null;
  const min = values.reduce((low, value) => Math.min(low, value), Infinity);
  const max = values.reduce((high, value) => Math.max(high, value), -Infinity);
  // A map of equal values is drawn in the middle of the ramp, not at an end that would look extreme.
  return min === max ? { kind: 'linear', min: min - 0.5, max: max + 0.5 } : { kind: 'linear', min, max };
}
