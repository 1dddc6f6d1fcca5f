// The axis of a map's colours. Pure.
import type { Scale } from '../../parts/model/scale.ts';

/** Factor to which a diverging axis reaches at least. */
const leastReach = 2;

/** The axis from the smallest to the largest value; zeros stand at the low end of a logarithmic one. */
export function rangeOf(values: readonly number[], { kind, around }: Scale): Scale | null {
  const usable = kind === 'log' ? values.filter((value) => value > 0) : values;
  if (usable.length === 0) return null;
  const min = usable.reduce((low, value) => Math.min(low, value), Infinity);
  const max = usable.reduce((high, value) => Math.max(high, value), -Infinity);
  if (around !== undefined) {
    // As far to either side, and never so near that chance would look like something.
    const reach = Math.max(max / around, around / min, leastReach);
    return { kind, min: around / reach, max: around * reach, around };
  }
  // A map of equal values is drawn in the middle of the ramp, not at an end that would look extreme.
  if (min === max)
    return kind === 'log' ? { kind, min: min / 2, max: max * 2 } : { kind, min: min - 0.5, max: max + 0.5 };
  return { kind, min, max };
}
