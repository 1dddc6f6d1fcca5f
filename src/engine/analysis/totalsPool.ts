// Gates I and III over many tensors: the exact counts and float64 sums of the streaming pass are added, in the order
// of the plan, and every share is divided out of the sum.
import type { UlpHistogram } from '../../shared/metrics.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';

/** Totals of nothing. */
export function emptyTotals(): StreamTotals {
  return {
    compared: 0,
    nonFinite: 0,
    changedBf16: 0,
    rawChanged: 0,
    hidden: 0,
    unchangedAbs1e5: 0,
    ulpHistogram: {
      one: 0,
      two: 0,
      threeToFour: 0,
      fiveToEight: 0,
      nineToSixteen: 0,
      overSixteen: 0,
      signFlips: 0,
    },
    identical: true,
    sumSquaresBase: 0,
    sumSquaresDelta: 0,
    maxAbsDelta: 0,
    baseExponents: new Float64Array(256),
    deltaCounts: null,
    deltaEnergies: null,
    rowChanged: null,
    columnChanged: null,
  };
}

/** Adds one tensor's totals. Rows and columns do not pool: tensors have different ones. */
export function addTotals(into: StreamTotals, from: StreamTotals): void {
  into.compared += from.compared;
  into.nonFinite += from.nonFinite;
  into.changedBf16 += from.changedBf16;
  into.rawChanged += from.rawChanged;
  into.hidden += from.hidden;
  into.unchangedAbs1e5 += from.unchangedAbs1e5;
  for (const bin of Object.keys(into.ulpHistogram) as (keyof UlpHistogram)[]) {
    into.ulpHistogram[bin] += from.ulpHistogram[bin];
  }
  into.identical &&= from.identical;
  into.sumSquaresBase += from.sumSquaresBase;
  into.sumSquaresDelta += from.sumSquaresDelta;
  into.maxAbsDelta = Math.max(into.maxAbsDelta, from.maxAbsDelta);
  into.baseExponents = added(into.baseExponents, from.baseExponents);
  into.deltaCounts = added(into.deltaCounts, from.deltaCounts);
  into.deltaEnergies = added(into.deltaEnergies, from.deltaEnergies);
}

function added(into: Float64Array, from: Float64Array): Float64Array;
function added(into: Float64Array | null, from: Float64Array | null): Float64Array | null;
function added(into: Float64Array | null, from: Float64Array | null): Float64Array | null {
  if (from === null) return into;
  if (into === null) return from.slice();
  for (const [index, value] of from.entries()) into[index] = (into[index] ?? 0) + value;
  return into;
}
