// Whether the differences of a tensor are rounding and nothing else: each is what a cast of the base gives, or the tuned side
// has as few distinct values a block as a round trip through four bits leaves. Then no training is visible in it.
import type { TensorRounding } from '../../shared/report/report.ts';
import { castNames, grids, type RoundingCounts } from '../kernels/roundingWatch.ts';

/** Fewer blocks could be few-valued by chance. */
const fewestBlocks = 4;

/** Null where something else is in them. `dtypes`: [base, tuned], in words. The tensor is known to have changed. */
export function roundingOf(
  { casts, grids: left, blocks, richer }: RoundingCounts,
  [base, tuned]: readonly [string, string],
): TensorRounding | null {
  const cast = castNames.findIndex((_, at) => (casts & (1 << at)) !== 0);
  if (cast >= 0) {
    const through = castNames[cast] ?? null;
    const way = through === null ? `cast to ${tuned}` : `cast through ${through} into ${tuned}`;
    return { kind: 'cast', words: `Every element is what the base's ${base} gives when ${way}.` };
  }
  const grid = grids.find((_, at) => {
    const count = blocks[at]!;
    return (left & (1 << at)) !== 0 && count >= fewestBlocks && 2 * richer[at]! >= count;
  });
  if (grid === undefined) return null;
  const values = `${grid.most} distinct ${grid.magnitudes ? 'magnitudes' : 'values'}`;
  const words = `The tuned side has at most ${values} in each block of ${grid.block}: the base's weights, rounded to four bits.`;
  return { kind: 'four-bit', words };
}
