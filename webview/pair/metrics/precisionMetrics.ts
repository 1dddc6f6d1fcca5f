// The numbers of Gate III: what bf16 kept where it was.
import { named, ofPrecision, ratio, share } from './addends.ts';
import { expectedOneStep, expectedSparsity } from './expected.ts';
import type { MetricDefinition } from './metric.ts';

export const precisionMetrics: readonly MetricDefinition[] = [
  {
    ...named('sparsityBf16'),
    scale: share,
    parts: ofPrecision(({ counts }) => [counts.compared - counts.changedBf16, counts.compared]),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.sparsityBf16 ?? null,
    expected: expectedSparsity,
  },
  {
    ...named('oneStepShare'),
    scale: share,
    parts: ofPrecision(({ ulpHistogram, counts }) => [ulpHistogram.one, counts.changedBf16]),
    finish: ratio,
    ofPool: ({ precision: { value } }) => value && ratio([value.ulpHistogram.one, value.counts.changedBf16]),
    expected: expectedOneStep,
  },
  {
    ...named('hiddenByBf16'),
    scale: share,
    parts: ofPrecision(({ counts }) => [counts.hidden, counts.rawChanged]),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.hiddenByBf16 ?? null,
  },
  {
    ...named('unchangedAbs1e5'),
    scale: share,
    parts: ofPrecision(({ counts }) => [counts.unchangedAbs1e5, counts.compared]),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.unchangedAbs1e5 ?? null,
  },
  {
    ...named('absorbedShare'),
    scale: share,
    parts: ofPrecision(({ counts }) =>
      counts.absorbed === null ? null : [counts.absorbed, counts.compared],
    ),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.absorbedShare ?? null,
  },
];
