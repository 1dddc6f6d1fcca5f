// One tensor of a base against all runs at once: for every element the set of runs that changed it (a bit per run), of
// which a histogram over the 2^R sets holds every pair's |U_a∩U_b|, every |U| and the consensus. Cost: one comparison an
// element and run, and one count an element and run that changed it. Memory: 2^R counters, R·(rows + columns).
import { changedBits, isNonFinite } from './bf16View.ts';
import type { Rectangle } from '../kernels/chunkPlan.ts';

/** Sets of runs are counted in a table of 2^R. */
export const runLimit = 12;
const excluded = 1 << 15;

export interface JointCounts {
  runs: number;
  nonFinite: number;
  /** Elements by the set of runs that changed them: bit r is run r. */
  sets: Float64Array;
  /** Changed elements per run and row (run · rows + row), and per run and column. */
  rowChanged: Float64Array;
  columnChanged: Float64Array;
}

export class JointCounter {
  readonly counts: JointCounts;
  private readonly differs: (base: number, tuned: number) => boolean;

  constructor(
    runs: number,
    private readonly rows: number,
    private readonly columns: number,
    eta: number,
  ) {
    this.differs = changedBits(eta);
    this.counts = {
      runs,
      nonFinite: 0,
      sets: new Float64Array(1 << runs),
      rowChanged: new Float64Array(runs * rows),
      columnChanged: new Float64Array(runs * columns),
    };
  }

  /** One slab: the bf16 views of the base and of each run, row-major over `area`. */
  add(area: Rectangle, base: Uint16Array, tuned: readonly Uint16Array[]): void {
    const flags = new Uint16Array(base.length);
    for (let i = 0; i < base.length; i++) if (isNonFinite(base[i]!)) flags[i] = excluded;
    for (const [run, values] of tuned.entries()) this.mark(flags, base, values, 1 << run);
    this.count(area, flags);
  }

  private mark(flags: Uint16Array, base: Uint16Array, tuned: Uint16Array, bit: number): void {
    const { differs } = this;
    for (let i = 0; i < base.length; i++) {
      const [w, v] = [base[i]!, tuned[i]!];
      if (w === v) continue;
      if (isNonFinite(v)) flags[i]! |= excluded;
      else if (differs(w, v)) flags[i]! |= bit;
    }
  }

  private count(area: Rectangle, flags: Uint16Array): void {
    const { counts, rows, columns } = this;
    const { sets, rowChanged, columnChanged } = counts;
    let at = 0;
    for (let row = area.firstRow; row < area.firstRow + area.rows; row++) {
      for (let column = area.firstColumn; column < area.firstColumn + area.columns; column++) {
        const set = flags[at++]!;
        if (set >= excluded) {
          counts.nonFinite += 1;
          continue;
        }
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
