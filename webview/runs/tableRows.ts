// The rows of the overlap table, and the same as tab-separated text. Pure.
import { layerKey } from '../../src/shared/report/layers.ts';
import { formatCount } from '../../src/shared/text/format.ts';
import { moduleTitle } from '../../src/shared/text/reportTables.ts';
import type { OverlapPool, RunsOverlap, RunsReport } from '../../src/shared/report/runsReport.ts';
import type { PlainTable } from '../parts/table/tsv.ts';
import type { Selection } from '../parts/model/selection.ts';
import { overlapMetrics, poolOf, valueOf } from './overlapMetrics.ts';
import type { Grouping } from './state.ts';

export interface OverlapRow {
  key: string;
  name: string;
  selection: Selection;
  pool: OverlapPool;
}

/** Table columns behind the name, in order. */
export const overlapColumns: readonly {
  label: string;
  definition: string;
  text: (row: OverlapRow, pair: number) => string;
}[] = [
  {
    label: 'weights',
    definition: 'Weights that are finite in the base and in every run.',
    text: ({ pool }) => formatCount(pool.compared),
  },
  ...overlapMetrics.map(({ id, short, definition, format }) => ({
    label: short,
    definition,
    text: ({ pool }: OverlapRow, pair: number): string => format(valueOf(pool, id, pair)),
  })),
];

export function overlapRows(overlap: RunsOverlap, grouping: Grouping): OverlapRow[] {
  const all: OverlapRow = {
    key: 'model',
    name: 'Whole model',
    selection: { kind: 'model' },
    pool: overlap.whole,
  };
  switch (grouping) {
    case 'layers':
      return [
        all,
        ...overlap.layers.map((pool): OverlapRow => {
          const { container, layer, label } = pool;
          const selection: Selection = { kind: 'layer', container, layer };
          return { key: `layer ${layerKey(pool)}`, name: label, selection, pool };
        }),
      ];
    case 'modules':
      return [
        all,
        ...overlap.modules.map((pool): OverlapRow => {
          const { module } = pool;
          return {
            key: `module ${module}`,
            name: moduleTitle(pool),
            selection: { kind: 'module', module },
            pool,
          };
        }),
      ];
    case 'tensors':
      return overlap.tensors.flatMap((tensor): OverlapRow[] => {
        const { name } = tensor;
        const pool = poolOf([tensor]);
        return pool === null
          ? []
          : [{ key: `tensor ${name}`, name, selection: { kind: 'tensor', name }, pool }];
      });
  }
}

/** Every row and every pair, at full precision. */
export function overlapTable({ runs }: RunsReport, rows: readonly OverlapRow[]): PlainTable {
  const labelOf = (run: number): string => runs[run]?.label ?? String(run + 1);
  return {
    columns: ['name', 'a', 'b', 'weights', ...overlapMetrics.map(({ short }) => short)],
    rows: rows.flatMap(({ name, pool }) =>
      pool.pairs.map(({ a, b }, pair) => [
        name,
        labelOf(a),
        labelOf(b),
        pool.compared,
        ...overlapMetrics.map(({ id }) => valueOf(pool, id, pair)),
      ]),
    ),
  };
}
