// Metrics of a few tensors: addends are added, then divided. Never a mean of ratios. Pure.
import type { NullRange } from '../../../src/shared/report/metrics.ts';
import type { PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import { leastShare } from './expected.ts';
import type { MetricDefinition } from './metric.ts';

/** One metric over a few tensors, pooled. */
export function pooledMetric(metric: MetricDefinition, tensors: readonly PanelTensor[]): number | null {
  const sums = sumsOf(metric.parts, tensors);
  return sums && metric.finish(sums);
}

/** The bound on a pooled metric's error; null where the metric has none. */
export function pooledError(metric: MetricDefinition, tensors: readonly PanelTensor[]): number | null {
  const sums = metric.errorParts === undefined ? null : sumsOf(metric.errorParts, tensors);
  return sums && metric.finish(sums);
}

/** What the null gives for those tensors that have the metric; null where it is known for too few of them. */
export function pooledExpected(metric: MetricDefinition, tensors: readonly PanelTensor[]): NullRange | null {
  const { expected } = metric;
  if (expected === undefined) return null;
  let sums: number[] | null = null;
  let [known, all] = [0, 0];
  for (const tensor of tensors) {
    if (metric.parts(tensor) === null) continue;
    all += tensor.elements;
    const parts = expected.parts(tensor);
    if (parts === null) continue;
    known += tensor.elements;
    sums = addTo(sums, parts);
  }
  return sums === null || known < leastShare(expected) * all ? null : expected.finish(sums);
}

function sumsOf(partsOf: MetricDefinition['parts'], tensors: readonly PanelTensor[]): number[] | null {
  let sums: number[] | null = null;
  for (const tensor of tensors) {
    const parts = partsOf(tensor);
    if (parts !== null) sums = addTo(sums, parts);
  }
  return sums;
}

/** Adds in place. */
function addTo(sums: number[] | null, parts: readonly number[]): number[] {
  if (sums === null) return [...parts];
  for (const [index, part] of parts.entries()) sums[index] = (sums[index] ?? 0) + part;
  return sums;
}
