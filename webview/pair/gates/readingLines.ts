// A reading in words, for a hover: what it means, its exact value, its threshold, its null, and where each comes from.
import type { Threshold } from '../../../src/shared/options/options.ts';
import { publishedBands, type PublishedBand } from '../../../src/shared/report/published.ts';
import { exactLine } from '../metrics/exactLine.ts';
import type { MetricDefinition } from '../metrics/metric.ts';

interface ReadingWords {
  metric: Pick<MetricDefinition, 'label' | 'definition' | 'source'>;
  value: number | null;
  error: number | null;
  format: (value: number) => string;
  /** Null where no verdict rests on it. */
  threshold: { limits: Threshold; source: string } | null;
  /** Lines on its null. */
  beside: readonly string[];
  bands: readonly PublishedBand[];
}

export function bandsOf(metric: string): readonly PublishedBand[] {
  return publishedBands[metric] ?? [];
}

export function readingLines({
  metric,
  value,
  error,
  format,
  threshold,
  beside,
  bands,
}: ReadingWords): string[] {
  return [
    metric.label,
    metric.definition,
    exactLine(value, error),
    ...beside,
    ...(threshold === null ? [] : [`${thresholdWords(threshold.limits, format)} (${threshold.source}).`]),
    ...bands.map((band) => `Published: ${band.regime} ${band.note} (${band.source}).`),
    `Definition: ${metric.source}.`,
  ];
}

function thresholdWords({ holds, broken }: Threshold, format: (value: number) => string): string {
  const higher = holds > broken;
  return `Holds at ${higher ? 'or above' : 'or below'} ${format(holds)}, broken at ${higher ? 'or below' : 'or above'} ${format(broken)}`;
}
