// A reading as a multiple of what a random update of the same size shows: ×1 is as random, on a diverging axis. Pure.
import type { PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import { formatTimes } from './beside.ts';
import { leastShare, nullDefinition, type Expectation } from './expected.ts';
import { beyondMetrics, type BeyondMetricId, type MetricDefinition } from './metric.ts';

const shortNames: Record<BeyondMetricId, string> = {
  rotationMeanDeg: '× rotation',
  spectralDriftTopK: '× σ drift',
  principalEnergy: '× energy',
  principalLift: '× principal',
  lowMagnitudeLift: '× low-mag.',
};

/** Empty for a metric that is not read beside its null. */
export function overRandom(metric: MetricDefinition): MetricDefinition[] {
  const id = beyondMetrics.find((each) => each === metric.id);
  const { expected } = metric;
  return id === undefined || expected === undefined ? [] : [ratioOf(metric, expected, id)];
}

function ratioOf(metric: MetricDefinition, expected: Expectation, id: BeyondMetricId): MetricDefinition {
  const { addends, finish, ofHalf } = expected;
  const none = new Array<number>(addends).fill(0);
  // Of tensors without a null only the elements count: too many of them, and the pool has none either.
  const besideNull = (own: MetricDefinition['parts']) => (tensor: PanelTensor) => {
    const parts = own(tensor);
    if (parts === null) return null;
    const beside = expected.parts(tensor);
    return beside === null
      ? [0, tensor.elements, ...none, ...parts.map(() => 0)]
      : [tensor.elements, tensor.elements, ...beside, ...parts];
  };
  const { errorParts } = metric;
  return {
    id: `${id}Beyond`,
    gate: metric.gate,
    label: `${metric.label} beyond size`,
    short: shortNames[id],
    unit: '× random',
    definition: `${metric.label} as a multiple of what a random update of this size shows: ×1 is as random.`,
    source: nullDefinition,
    scale: { kind: 'log', min: 0.1, max: 10, around: 1 },
    format: formatTimes,
    parts: besideNull(metric.parts),
    finish: ([known = 0, all = 0, ...sums]) =>
      known === 0 || known < leastShare(expected) * all
        ? null
        : over(metric.finish(sums.slice(addends)), finish(sums.slice(0, addends))?.mean ?? null),
    ...(errorParts === undefined ? {} : { errorParts: besideNull(errorParts) }),
    ofPool: (pool) =>
      over((ofHalf?.besideOfPool ?? metric.ofPool)(pool), expected.ofPool(pool)?.mean ?? null),
  };
}

function over(value: number | null, expected: number | null): number | null {
  if (value === null || expected === null || !(expected > 0)) return null;
  return value / expected;
}
