// Pools of the masks' counts: counts add, and a sum is known where all of its parts are.
import type { MaskCount, MaskCounts } from './metrics.ts';

/** Counts of several tensors as one pool. */
export function addMaskCounts(pool: readonly MaskCounts[]): MaskCounts {
  const sum = (pick: (counts: MaskCounts) => MaskCount): MaskCount =>
    pool.map(pick).reduce(
      (a, b) => ({
        size: a.size + b.size,
        changed: a.changed + b.changed,
        changedExpected: plus(a.changedExpected, b.changedExpected),
      }),
      { size: 0, changed: 0, changedExpected: 0 },
    );
  return {
    elements: pool.reduce((total, { elements }) => total + elements, 0),
    changed: pool.reduce((total, { changed }) => total + changed, 0),
    changedExpected: pool
      .map(({ changedExpected }) => changedExpected)
      .reduce<number | null>((a, b) => plus(a, b), 0),
    principal: sum(({ principal }) => principal),
    lowMagnitude: sum(({ lowMagnitude }) => lowMagnitude),
    principalNotLow: sum(({ principalNotLow }) => principalNotLow),
    lowNotPrincipal: sum(({ lowNotPrincipal }) => lowNotPrincipal),
    nonPrincipalOrLow: sum(({ nonPrincipalOrLow }) => nonPrincipalOrLow),
  };
}

/** A sum is known where both parts are. */
function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
