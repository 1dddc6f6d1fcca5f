// How much of an update U (elements changed in the bf16 view) a mask M holds, beside what a random update would:
// share = |M∩U|/|U|, expected = |M|/n, lift their ratio. Pools add counts and then divide.
import type { MaskOverlap } from '../../shared/report/maskReport.ts';
import { changedBits, isNonFinite } from '../updates/bf16View.ts';

export interface OverlapCounts {
  elements: number;
  trainable: number;
  changed: number;
  inside: number;
}

export function noOverlap(): OverlapCounts {
  return { elements: 0, trainable: 0, changed: 0, inside: 0 };
}

/** Adds `mask` (from its element `from` on) and two bf16 views of equal length. */
export function countOverlap(
  counts: OverlapCounts,
  mask: Uint8Array,
  from: number,
  base: Uint16Array,
  tuned: Uint16Array,
  eta: number,
): void {
  const differs = changedBits(eta);
  for (let i = 0; i < base.length; i++) {
    const [w, v] = [base[i]!, tuned[i]!];
    if (isNonFinite(w) || isNonFinite(v)) continue;
    const member = mask[from + i]!;
    counts.elements += 1;
    counts.trainable += member;
    if (w === v || !differs(w, v)) continue;
    counts.changed += 1;
    counts.inside += member;
  }
}

export function addOverlap(pool: OverlapCounts, part: OverlapCounts): void {
  pool.elements += part.elements;
  pool.trainable += part.trainable;
  pool.changed += part.changed;
  pool.inside += part.inside;
}

export function overlapOf(counts: OverlapCounts): MaskOverlap {
  const { elements, trainable, changed, inside } = counts;
  const share = changed === 0 ? null : inside / changed;
  const expected = elements === 0 ? null : trainable / elements;
  const lift = share === null || expected === null || expected === 0 ? null : share / expected;
  return { ...counts, share, expected, lift };
}
