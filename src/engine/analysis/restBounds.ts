// What tensors that are not measured yet can come to, whatever they hold. One that is not read may hold any energy. Of one that
// is read and not decomposed: an angle is at most 90°; singular values move by no more than Δ (Mirsky: Σ(σ̂ᵢ−σᵢ)² ≤ ‖Δ‖²_F)
// and the k leading hold at least k/min(m, n) of ‖W‖²_F; a mask of at least α·n elements holds at most all changed ones, and at
// least those that find no room beside it.
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import { sumsOf, type NamedSums } from './estimatedSums.ts';
import type { Extremes } from './sampleEstimates.ts';
import type { PlannedMatrices, Step } from './step.ts';

export function unreadBounds({ pair }: Step): Extremes {
  const compared = pair.elements;
  return {
    least: sumsOf({ compared, baseEnergy: Infinity }),
    most: sumsOf({ compared, unchanged: compared, deltaEnergy: Infinity }),
  };
}

/** @param alpha share of the elements in a mask */
export function undecomposedBounds(
  { pair }: Step,
  { count, layout }: PlannedMatrices,
  totals: StreamTotals,
  alpha: number,
): Extremes {
  const { rows, columns, rank } = layout;
  // Equal matrices of a stack are not decomposed, and turn by 0°.
  const still = totals.matrices?.filter(({ sumSquaresDelta }) => sumSquaresDelta === 0).length ?? 0;
  const elements = (pair.elements * (count - still)) / count;
  const { sumSquaresDelta, sumSquaresBase, changedBf16 } = totals;
  const size = Math.ceil(alpha * rows * columns - 1e-9) * (count - still);
  const known = {
    matrixElements: pair.elements,
    matrixDeltaEnergy: sumSquaresDelta,
    maskElements: elements,
    maskChanged: changedBf16,
  };
  const [fewest, most] = changedInMask(elements, changedBf16, size);
  return {
    least: sumsOf({ ...known, sigmaEnergy: sumSquaresBase, ...masks(fewest) }),
    most: sumsOf({
      ...known,
      weightedRotation: 90 * elements,
      sigmaDifference: sumSquaresDelta,
      sigmaEnergy: (sumSquaresBase * rank) / Math.min(rows, columns),
      principal: sumSquaresDelta,
      ...masks(most),
    }),
  };
}

interface Mask {
  size: number;
  changed: number;
}

/** Masks of at least `least` of the elements that hold the changed ones least and most densely. */
function changedInMask(elements: number, changed: number, least: number): [fewest: Mask, most: Mask] {
  const sparse = Math.max(least, elements - changed);
  const dense = Math.max(least, changed);
  return [
    { size: sparse, changed: Math.max(0, changed - (elements - sparse)) },
    { size: dense, changed },
  ];
}

function masks({ size, changed }: Mask): Partial<NamedSums> {
  return { principalSize: size, principalChanged: changed, lowSize: size, lowChanged: changed };
}
