// Every number that the panel shows by name: its label, unit, definition, source, axis, how it is pooled and its null.
// A pool adds counts and energies and then divides: never a mean of ratios.
import { anchorMetrics } from './anchorMetrics.ts';
import { geometryMetrics } from './geometryMetrics.ts';
import type { BeyondId, MetricDefinition, MetricId } from './metric.ts';
import { overRandom } from './overRandom.ts';
import { precisionMetrics } from './precisionMetrics.ts';

/** Measured numbers. */
export const metricDefinitions: readonly MetricDefinition[] = [
  ...precisionMetrics,
  ...anchorMetrics,
  ...geometryMetrics,
];

/** What is left of them beyond the size of the update. */
export const beyondDefinitions: readonly MetricDefinition[] = metricDefinitions.flatMap(overRandom);

const byId: ReadonlyMap<string, MetricDefinition> = new Map(
  [...metricDefinitions, ...beyondDefinitions].map((metric) => [metric.id, metric]),
);

/** The definition behind a metric field name, or null for one the panel does not know. */
export function metricNamed(id: string): MetricDefinition | null {
  return byId.get(id) ?? null;
}

/** A known metric's definition. */
export function metricOf(id: MetricId | BeyondId): MetricDefinition {
  const found = byId.get(id);
  if (found === undefined) throw new RangeError(`No metric ${id}`);
  return found;
}
