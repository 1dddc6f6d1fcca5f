// The numbers of Gate I: how far the weights went.
import { formatNumber, formatShare } from '../../../src/shared/text/format.ts';
import { ofAnchor, paper, ratio, rootRatio, share } from './addends.ts';
import type { MetricDefinition } from './metric.ts';

export const anchorMetrics: readonly MetricDefinition[] = [
  {
    id: 'relativeDrift',
    gate: 'anchor',
    label: 'Relative drift',
    short: 'drift',
    unit: '‖Δ‖/‖W‖',
    definition: 'Frobenius norm of the update over that of the base weights.',
    source: `${paper}, Gate I; thresholds are this tool's`,
    scale: { kind: 'log', min: 1e-5, max: 1 },
    format: formatNumber,
    parts: ofAnchor(({ deltaFrobenius, baseFrobenius }) => [deltaFrobenius ** 2, baseFrobenius ** 2]),
    finish: rootRatio,
    ofPool: (pool) => pool.anchor.value?.relativeDrift ?? null,
  },
  {
    id: 'topPercentEnergy',
    gate: 'anchor',
    label: 'Energy of the top 1 %',
    short: 'top 1 %',
    unit: '% of ‖Δ‖²',
    definition: "Share of the update's energy in the 1 % of elements that moved most.",
    source: 'this tool',
    scale: share,
    format: formatShare,
    parts: ofAnchor(({ topPercentEnergy, deltaFrobenius }) =>
      topPercentEnergy === null ? null : [topPercentEnergy * deltaFrobenius ** 2, deltaFrobenius ** 2],
    ),
    finish: ratio,
    ofPool: (pool) => pool.anchor.value?.topPercentEnergy ?? null,
  },
];
