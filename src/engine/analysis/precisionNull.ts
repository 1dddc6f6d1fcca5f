// Gate III under the size-matched null, one tensor at a time, a stack matrix by matrix: what pools are expected counts,
// added as the measured ones are.
import type { UlpHistogram } from '../../shared/report/metrics.ts';
import type { StoredTensor, TensorPair } from '../checkpoint/checkpoint.ts';
import { newExpected, type ExpectedPrecision } from '../gates/precision.ts';
import {
  expectedChanged,
  expectedSteps,
  matchedScale,
  type ValueGrid,
  type PairStorage,
} from '../gates/sizeMatched.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';

/** How a pair is stored, as far as its null asks; null where the tuned side's own steps are not known (scaled F8, integers). */
export function storageOf({ base, tuned }: TensorPair, baseOnGrid: boolean): PairStorage | null {
  const onF16 = base.dtype === 'F16' && base.scale === null;
  const grid = tunedGrid(tuned);
  return grid && { base: baseOnGrid ? 'bf16' : onF16 ? 'f16' : 'wide', tuned: grid };
}

function tunedGrid({ dtype, scale, packed, adapter }: StoredTensor): ValueGrid | null {
  if (adapter !== undefined) return 'wide';
  if (scale !== null || packed !== undefined) return null;
  if (dtype === 'BF16') return 'bf16';
  if (dtype === 'F16') return 'f16';
  return dtype === 'F32' || dtype === 'F64' ? 'wide' : null;
}

export function expectedPrecision(
  totals: StreamTotals,
  storage: PairStorage | null,
): ExpectedPrecision | null {
  const { compared, rawChanged } = totals;
  if (storage === null && rawChanged > 0) return null;
  const known = storage ?? { base: 'wide', tuned: 'wide' };
  const sum = newExpected();
  sum.unchanged = compared;
  for (const { baseExponents, sumSquaresDelta } of totals.matrices ?? [totals]) {
    const s = storage === null ? 0 : matchedScale(baseExponents, sumSquaresDelta, storage);
    sum.unchanged -= expectedChanged(baseExponents, s, known);
    const expected = expectedSteps(baseExponents, s, known);
    for (const bin of Object.keys(expected) as (keyof UlpHistogram)[]) sum.steps[bin] += expected[bin];
  }
  return sum;
}
