// The table's rows as tab-separated text, at full precision.
import { layerLabel, type LayerId } from '../../../src/shared/report/layers.ts';
import { tsv, type Cell } from '../../parts/table/tsv.ts';
import type { Row } from './rows.ts';
import { metricNamed } from '../metrics/catalog.ts';
import { columns, expectedOf, numberOf } from './columns.ts';

/** The rows as listed, with every column whether or not there is room for it on screen. */
export function rowsTsv(rows: readonly Row[]): string {
  const head = columns.flatMap(({ id, kind }) => {
    if (kind === 'verdict') return [id, `${id} rule`, ...(id === 'anchor' ? [] : [`${id} beyond size`])];
    return hasNull(id) ? [id, `${id} expected`] : [id];
  });
  return tsv([
    ['layer', ...head, 'shape', 'dtype', 'status', 'reason'],
    ...rows.map((row) => [
      row.kind === 'layer' ? row.layer.label : tensorLayer(row.tensor),
      ...columns.flatMap(({ id }) => cellsOf(row, id)),
      ...(row.kind === 'layer'
        ? ['', '', '', '']
        : [
            row.tensor.shape.join('x'),
            row.tensor.dtypes.join(' -> '),
            row.tensor.status,
            row.tensor.problem?.message ?? row.tensor.geometry.reason ?? '',
          ]),
    ]),
  ]);
}

/** A number where that says it all. */
function tensorLayer({ container, layer }: LayerId): Cell {
  return container === null ? layer : layerLabel({ container, layer });
}

function cellsOf(row: Row, id: (typeof columns)[number]['id']): Cell[] {
  if (id === 'name') return [row.kind === 'layer' ? '' : row.tensor.name];
  if (id === 'anchor' || id === 'geometry' || id === 'precision') {
    const verdict = (row.kind === 'layer' ? row.layer : row.tensor).verdicts[id];
    return [verdict.verdict, verdict.rule, ...(id === 'anchor' ? [] : [verdict.beyondSize?.words ?? ''])];
  }
  return hasNull(id) ? [numberOf(row, id), expectedOf(row, id)?.mean ?? null] : [numberOf(row, id)];
}

function hasNull(id: (typeof columns)[number]['id']): boolean {
  return metricNamed(id)?.expected !== undefined;
}
