// The pass over several runs as it was before the kernel workers read for it: plain JavaScript on one thread, counts of sets of
// runs alone and no direction. Kept to be timed against.
import { changedBits } from '../../src/engine/updates/bf16View.ts';

export interface PlainCounts {
  /** Elements by the set of runs that changed them: bit r is run r. */
  sets: Float64Array;
  rowChanged: Float64Array;
  columnChanged: Float64Array;
}

export class PlainCounter {
  readonly counts: PlainCounts;
  private readonly differs = changedBits(1e-3);

  constructor(
    runs: number,
    private readonly rows: number,
    private readonly columns: number,
  ) {
    this.counts = {
      sets: new Float64Array(1 << runs),
      rowChanged: new Float64Array(runs * rows),
      columnChanged: new Float64Array(runs * columns),
    };
  }

  /** Whole rows from `firstRow` on, as bits of bf16. */
  add(firstRow: number, base: Uint16Array, tuned: readonly Uint16Array[]): void {
    const flags = new Uint16Array(base.length);
    for (const [run, values] of tuned.entries()) this.mark(flags, base, values, 1 << run);
    this.count(firstRow, flags);
  }

  private mark(flags: Uint16Array, base: Uint16Array, tuned: Uint16Array, bit: number): void {
    const { differs } = this;
    for (let i = 0; i < base.length; i++) {
      const [w, v] = [base[i]!, tuned[i]!];
      if (w !== v && differs(w, v)) flags[i]! |= bit;
    }
  }

  private count(firstRow: number, flags: Uint16Array): void {
    const { counts, rows, columns } = this;
    const { sets, rowChanged, columnChanged } = counts;
    let at = 0;
    for (let row = firstRow; at < flags.length; row++) {
      for (let column = 0; column < columns; column++) {
        const set = flags[at++]!;
        sets[set]! += 1;
        for (let rest = set; rest !== 0; rest &= rest - 1) {
          const run = 31 - Math.clz32(rest & -rest);
          rowChanged[run * rows + row]! += 1;
          columnChanged[run * columns + column]! += 1;
        }
      }
    }
  }
}
