// Sums of records of plain numbers, field by field: histograms and counts of several tensors as one pool. Pure.
import type { PrecisionMetrics, UlpHistogram } from '../../../src/shared/report/metrics.ts';

type Numbers<Shape> = { [Key in keyof Shape]: number };

export function addAll<Shape extends Numbers<Shape>>(records: readonly Shape[]): Shape {
  const [first, ...rest] = records;
  if (first === undefined) throw new RangeError('Nothing to add');
  const sum: Shape = { ...first };
  for (const record of rest) {
    for (const key of Object.keys(record) as (keyof Shape)[]) {
      sum[key] = (sum[key] + record[key]) as Shape[keyof Shape];
    }
  }
  return sum;
}

/** The null's bins of several tensors; null where those of one that changed are not known. */
export function addExpectedBins(
  all: readonly Pick<PrecisionMetrics, 'ulpHistogramExpected' | 'counts'>[],
): UlpHistogram | null {
  const changed = all.filter(({ counts }) => counts.rawChanged > 0);
  const bins = changed.flatMap(({ ulpHistogramExpected }) => ulpHistogramExpected ?? []);
  return bins.length === 0 || bins.length < changed.length ? null : addAll(bins);
}
