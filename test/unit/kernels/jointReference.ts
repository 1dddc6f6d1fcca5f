// Several tuned sides against a base by definition, one element after the other in plain code: what the kernels are held to,
// and the pass that they took the place of.
import { changedBits, isNonFinite } from '../../../src/engine/updates/bf16View.ts';
import { roundToBf16 } from '../../../src/engine/checkpoint/tensorValues.ts';
import { emptyCounts, type JointCounts } from '../../../src/engine/kernels/jointSpec.ts';

type Values = Float32Array | Float64Array;

export function referenceCounts(
  base: Values,
  tuned: readonly Values[],
  rows: number,
  columns: number,
  eta: number,
): JointCounts {
  const sides = tuned.length;
  const counts = emptyCounts(sides, rows, columns, 0);
  const differs = changedBits(eta);
  const baseBits = roundToBf16(base);
  const tunedBits = tuned.map(roundToBf16);
  const add = (into: Float64Array, at: number, amount: number): void => {
    into[at] = (into[at] ?? 0) + amount;
  };
  for (let at = 0; at < base.length; at++) {
    const bits = baseBits[at] ?? 0;
    if ([bits, ...tunedBits.map((side) => side[at] ?? 0)].some(isNonFinite)) {
      counts.nonFinite += 1;
      continue;
    }
    counts.compared += 1;
    const moved = tunedBits.map((side) => side[at] !== bits && differs(bits, side[at] ?? 0));
    const deltas = tuned.map((side) => (side[at] ?? 0) - (base[at] ?? 0));
    add(counts.byRuns, moved.filter(Boolean).length, 1);
    for (let a = 0; a < sides; a++) {
      if (moved[a] === true) {
        add(counts.rowChanged, a * rows + Math.floor(at / columns), 1);
        add(counts.columnChanged, a * columns + (at % columns), 1);
      }
      for (let b = a; b < sides; b++) {
        const product = (deltas[a] ?? 0) * (deltas[b] ?? 0);
        if (moved[a] === true && moved[b] === true) add(counts.both, a * sides + b, 1);
        add(counts.products, a * sides + b, product);
        if (b > a) add(counts.squares, a * sides + b, product * product);
      }
    }
  }
  return counts;
}
