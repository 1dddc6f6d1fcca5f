// What Gates I and III add over the tensors of a pool, in the order of the plan whatever the order they are measured in, so
// that the last digit is the same: a tensor that comes before its turn is kept, packed, until those before it are through.
import { addAnchor, addDeltaBins, newAnchorPool, type AnchorPool } from '../gates/anchor.ts';
import {
  addExpected,
  addPrecision,
  newExpected,
  newPrecisionPool,
  type ExpectedPrecision,
  type PrecisionPool,
} from '../gates/precision.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import { packTotals, type PackedTotals } from './packedTotals.ts';

interface Sums {
  precision: PrecisionPool;
  /** Null once a tensor has no null. */
  expected: ExpectedPrecision | null;
  anchor: AnchorPool;
}

/** What is added of one tensor, without what only its own row shows. */
export interface StreamedTensor {
  totals: PackedTotals;
  expected: ExpectedPrecision | null;
}

export function streamedTensor(totals: StreamTotals, expected: ExpectedPrecision | null): StreamedTensor {
  return {
    totals: { ...packTotals(totals), rowChanged: null, columnChanged: null, matrices: null },
    expected,
  };
}

export class StreamedSums {
  private readonly settled: Sums = {
    precision: newPrecisionPool(),
    expected: newExpected(),
    anchor: newAnchorPool(),
  };
  /** By place in the plan; null for what has no sums. */
  private readonly early = new Map<number, StreamedTensor | null>();
  /** How many of `places` are settled. */
  private through = 0;

  /** @param places of the tensors of the pool in the plan, ascending */
  constructor(private readonly places: readonly number[]) {}

  add(place: number, tensor: StreamedTensor | null): void {
    this.early.set(place, tensor);
    for (;;) {
      const next = this.places[this.through] ?? -1;
      const found = this.early.get(next);
      if (found === undefined) return;
      if (found !== null) addTo(this.settled, found);
      this.early.delete(next);
      this.through += 1;
    }
  }

  /** Of all that was added so far. */
  sums(): Sums {
    const early = [...this.early].sort(([one], [other]) => one - other).flatMap(([, tensor]) => tensor ?? []);
    if (early.length === 0) return this.settled;
    const sums = structuredClone(this.settled);
    for (const tensor of early) addTo(sums, tensor);
    return sums;
  }
}

function addTo(sums: Sums, { totals, expected }: StreamedTensor): void {
  addPrecision(sums.precision, totals);
  sums.expected = addExpected(sums.expected, expected);
  addAnchor(sums.anchor, { ...totals, deltaCounts: null, deltaEnergies: null });
  if (totals.delta !== null) addDeltaBins(sums.anchor, totals.delta);
}
