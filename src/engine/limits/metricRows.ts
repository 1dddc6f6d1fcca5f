// How a table of a gate's numbers writes one down, and how its value is taken.
import type { MetricReading, NumberKind } from './metricEntry.ts';

/** Field, what it is, its title where the metric catalogue has none, and why it may be null in a gate that was measured. */
export type Row<Field> = readonly [field: Field, kind: NumberKind, title: string | null, whenNull: string];

export const always = 'it was not measured';
export const noNull = 'it has no size-matched null';

/** A field that is null in a pool that is not, for the reason given; of a pool that is null, for the pool's own. */
export function valueOr(value: number | null | undefined, whenNull: string): MetricReading<number> {
  return value === null || value === undefined ? { value: null, reason: whenNull } : { value, reason: null };
}
