// The bytes that sending an update takes. What each format is made of: src/shared/report/syncCost.ts.
import type { SyncCost } from '../../shared/report/syncCost.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import type { StoredGaps } from '../kernels/storedGaps.ts';

type Side = Pick<StoredTensor, 'dtype' | 'adapter' | 'packed'>;

/** Why there is no cost; null where there is one. */
export function whyNoSync({ base, tuned }: { base: Side; tuned: Side }): string | null {
  if (tuned.adapter !== undefined) return 'The tuned side is an adapter: its factors are what is sent.';
  if (base.packed !== undefined || tuned.packed !== undefined)
    return 'A packed weight is sent as it is packed.';
  return null;
}

/** @param gaps null where the sides differ in dtype */
export function syncCost(dtype: StoredTensor['dtype'], elements: number, gaps: StoredGaps | null): SyncCost {
  const width = dtypes[dtype].bits / 8;
  const dense = elements * width;
  if (gaps === null) {
    return { dense, changed: elements, indices: dense, gaps: dense, varints: dense, bitmap: dense };
  }
  const { changed, varintBytes, wide } = gaps;
  const values = changed * width;
  return {
    dense,
    changed,
    indices: changed * (elements > 2 ** 31 ? 8 : 4) + values,
    gaps: changed * (wide > 0 ? 4 : 2) + values,
    varints: varintBytes + values,
    bitmap: Math.ceil(elements / 8) + values,
  };
}

export function noSyncCost(): SyncCost {
  return { dense: 0, changed: 0, indices: 0, gaps: 0, varints: 0, bitmap: 0 };
}

/** Adds a tensor to `pool`. */
export function addSyncCost(pool: SyncCost, part: SyncCost): void {
  for (const field of Object.keys(pool) as (keyof SyncCost)[]) pool[field] += part[field];
}
