// What a sample stands for, in words and as a table, for every surface that shows its report.
import type { SampleEstimate, SampleReport, SampledKind } from '../report/sample.ts';
import { formatCount, formatShare } from './format.ts';
import { formatLimit, formatMetric, metricTitle, metricWords } from './metrics.ts';
import { moduleTitle } from './reportTables.ts';

/** "It rests on a sample: 14 of 197 tensors, 3.7 % of the parameters (seed 7); no Embeddings are in it." */
export function sampleSentence({ kinds, seed }: SampleReport): string {
  const sum = (of: (kind: SampledKind) => number): number =>
    kinds.reduce((total, kind) => total + of(kind), 0);
  const share = sum(({ drawnElements }) => drawnElements) / sum(({ elements }) => elements);
  const without = kinds.filter(({ drawn }) => drawn === 0);
  const apart =
    without.length === 0
      ? ''
      : `; it holds none of: ${without.map((kind) => `${kindTitle(kind)} (${formatCount(kind.elements)} parameters)`).join(', ')}`;
  return `It rests on a sample: ${sum(({ drawn }) => drawn)} of ${sum(({ tensors }) => tensors)} tensors, ${formatShare(share)} of the parameters (seed ${seed})${apart}.`;
}

/** Null where no limit of a gate lies within an interval. */
export function undecidedSentence({ undecided }: SampleReport): string | null {
  if (undecided.length === 0) return null;
  const limits = undecided.map(
    ({ metric, limit }) => `${metricWords(metric)?.phrase ?? metric} (limit ${formatLimit(metric, limit)})`,
  );
  return `The sample does not tell on which side of its limit the whole lies in ${limits.join(', ')}: a larger one, or all tensors, will.`;
}

export const estimateColumns = ['number', 'estimate', '95 % interval'] as const;

/** One row for each estimated number. */
export function estimateRows({ estimates }: SampleReport): string[][] {
  return estimates.map(({ metric, value, low, high }) => [
    metricTitle(metric),
    formatMetric(metric, value),
    intervalText({ metric, low, high }),
  ]);
}

/** "44.1 % … 46.0 %" */
function intervalText({ metric, low, high }: Omit<SampleEstimate, 'value'>): string {
  if (low === null || high === null) return 'not known from one tensor';
  return `${formatMetric(metric, low)} … ${formatMetric(metric, high)}`;
}

export const estimateNote =
  'Estimated for all tensors of the kinds that were drawn from; the numbers elsewhere are those of the tensors that were read.';

function kindTitle({ container, module }: SampledKind): string {
  return container === null ? moduleTitle({ module }) : `${container} · ${moduleTitle({ module })}`;
}
