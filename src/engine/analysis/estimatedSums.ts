// The numbers of a whole model that are estimated from some of its tensors: each a quotient of sums over tensors, defined as that
// of a pool.
import type { MetricName } from '../../shared/text/metrics.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import type { GeometrySums } from './geometryPool.ts';

/** What is added over tensors. */
const sumNames = [
  'compared',
  'unchanged',
  'deltaEnergy',
  'baseEnergy',
  'matrixElements',
  'weightedRotation',
  'sigmaDifference',
  'sigmaEnergy',
  'matrixDeltaEnergy',
  'principal',
  'maskElements',
  'maskChanged',
  'principalSize',
  'principalChanged',
  'lowSize',
  'lowChanged',
] as const;
export type NamedSums = Record<(typeof sumNames)[number], number>;
/** In the order of the names. */
export type Sums = Float64Array;

/** Whether a number is known when a tensor was read, or when it was decomposed. */
export type Stage = 'streamed' | 'decomposed';

interface Estimated {
  metric: MetricName;
  stage: Stage;
  /** Lies in 0…1. */
  isShare: boolean;
  of: (sums: Sums) => number;
}

export const estimated: readonly Estimated[] = [
  share('sparsityBf16', 'streamed', ({ unchanged, compared }) => unchanged / compared),
  number('relativeDrift', 'streamed', ({ deltaEnergy, baseEnergy }) => Math.sqrt(deltaEnergy / baseEnergy)),
  number('spectralDriftTopK', 'decomposed', ({ sigmaDifference, sigmaEnergy }) =>
    Math.sqrt(sigmaDifference / sigmaEnergy),
  ),
  number(
    'rotationMeanDeg',
    'decomposed',
    ({ weightedRotation, matrixElements }) => weightedRotation / matrixElements,
  ),
  number(
    'principalLift',
    'decomposed',
    (sums) => sums.principalChanged / sums.principalSize / (sums.maskChanged / sums.maskElements),
  ),
  number(
    'lowMagnitudeLift',
    'decomposed',
    (sums) => sums.lowChanged / sums.lowSize / (sums.maskChanged / sums.maskElements),
  ),
  share('principalEnergy', 'decomposed', ({ principal, matrixDeltaEnergy }) => principal / matrixDeltaEnergy),
];

function share(metric: MetricName, stage: Stage, of: (sums: NamedSums) => number): Estimated {
  return { metric, stage, isShare: true, of: (sums) => of(named(sums)) };
}

function number(metric: MetricName, stage: Stage, of: (sums: NamedSums) => number): Estimated {
  return { metric, stage, isShare: false, of: (sums) => of(named(sums)) };
}

/** What is not given is 0. */
export function sumsOf(values: Partial<NamedSums>): Sums {
  return Float64Array.from(sumNames, (name) => values[name] ?? 0);
}

export function addSums(parts: readonly Sums[]): Sums {
  const total = sumsOf({});
  for (const part of parts)
    for (let at = 0; at < total.length; at++) total[at] = (total[at] ?? 0) + (part[at] ?? 0);
  return total;
}

export function scaled(sums: Sums, factor: number): Sums {
  return sums.map((sum) => sum * factor);
}

export function streamedSumsOf(totals: StreamTotals): Sums {
  return sumsOf({
    compared: totals.compared,
    unchanged: totals.compared - totals.changedBf16,
    deltaEnergy: totals.sumSquaresDelta,
    baseEnergy: totals.sumSquaresBase,
  });
}

export function decomposedSumsOf({ masks, ...sums }: GeometrySums): Sums {
  return sumsOf({
    matrixElements: sums.elements,
    weightedRotation: sums.weightedRotation,
    sigmaDifference: sums.sigmaDifference,
    sigmaEnergy: sums.sigmaEnergy,
    matrixDeltaEnergy: sums.deltaEnergy,
    principal: sums.principal,
    maskElements: masks.elements,
    maskChanged: masks.changed,
    principalSize: masks.principal.size,
    principalChanged: masks.principal.changed,
    lowSize: masks.lowMagnitude.size,
    lowChanged: masks.lowMagnitude.changed,
  });
}

function named(sums: Sums): NamedSums {
  const at = (place: number): number => sums[place] ?? 0;
  return {
    compared: at(0),
    unchanged: at(1),
    deltaEnergy: at(2),
    baseEnergy: at(3),
    matrixElements: at(4),
    weightedRotation: at(5),
    sigmaDifference: at(6),
    sigmaEnergy: at(7),
    matrixDeltaEnergy: at(8),
    principal: at(9),
    maskElements: at(10),
    maskChanged: at(11),
    principalSize: at(12),
    principalChanged: at(13),
    lowSize: at(14),
    lowChanged: at(15),
  };
}
