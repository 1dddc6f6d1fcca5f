// What sending a made-up update takes: changes strewn at random, in bf16.
import type { Measured, TensorReport } from '../../src/shared/report/report.ts';
import type { SyncCost } from '../../src/shared/report/syncCost.ts';

export function syncLike(tensors: readonly TensorReport[]): Measured<SyncCost> {
  const sum = { changed: 0, elements: 0 };
  for (const { elements, precision } of tensors) {
    sum.elements += elements;
    sum.changed += precision.value?.counts.rawChanged ?? 0;
  }
  const { changed, elements } = sum;
  const value = {
    ...{ dense: 2 * elements, changed, indices: 6 * changed, gaps: 4 * changed, varints: 3 * changed },
    bitmap: Math.ceil(elements / 8) + 2 * changed,
  };
  return { value, reason: null };
}
