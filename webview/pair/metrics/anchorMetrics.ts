// The numbers of Gate I: how far the weights went.
import { named, ofAnchor, ratio, rootRatio, share } from './addends.ts';
import type { MetricDefinition } from './metric.ts';

export const anchorMetrics: readonly MetricDefinition[] = [
  {
    ...named('relativeDrift'),
    scale: { kind: 'log', min: 1e-5, max: 1 },
    parts: ofAnchor(({ deltaFrobenius, baseFrobenius }) => [deltaFrobenius ** 2, baseFrobenius ** 2]),
    finish: rootRatio,
    ofPool: (pool) => pool.anchor.value?.relativeDrift ?? null,
  },
  {
    ...named('topPercentEnergy'),
    scale: share,
    parts: ofAnchor(({ topPercentEnergy, deltaFrobenius }) =>
      topPercentEnergy === null ? null : [topPercentEnergy * deltaFrobenius ** 2, deltaFrobenius ** 2],
    ),
    finish: ratio,
    ofPool: (pool) => pool.anchor.value?.topPercentEnergy ?? null,
  },
];
