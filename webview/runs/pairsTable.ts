// Every two runs of a pool as a table at full precision.
import type { OverlapPool, RunsReport } from '../../src/shared/report/runsReport.ts';
import type { PlainTable } from '../parts/table/tsv.ts';

export function pairsTable({ runs }: RunsReport, { pairs, changed, compared }: OverlapPool): PlainTable {
  return {
    columns: [
      'a',
      'b',
      'changed by a',
      'changed by b',
      'both',
      'either',
      'overlap',
      'if random',
      'random per tensor',
      'cosine',
      'random signs',
      'compared',
    ],
    rows: pairs.map(({ a, b, intersection, union, jaccard, expected, expectedByTensor, ...pair }) => [
      runs[a]?.label ?? '',
      runs[b]?.label ?? '',
      changed[a] ?? null,
      changed[b] ?? null,
      intersection,
      union,
      jaccard,
      expected,
      expectedByTensor,
      pair.cosine,
      pair.cosineSpread,
      compared,
    ]),
  };
}
