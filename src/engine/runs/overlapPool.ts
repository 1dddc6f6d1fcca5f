// Jaccard overlaps of a pool of tensors: counts are added over the pool and then divided, never averaged.
import type { ConsensusMap, OverlapPool, PairOverlap } from '../../shared/report/runsReport.ts';
import type { JointCounts } from './jointCounts.ts';

/** At most this many bands of consecutive rows or columns. */
const bandLimit = 256;

export class OverlapAccumulator {
  private tensors = 0;
  private compared = 0;
  private nonFinite = 0;
  private readonly changed: number[];
  private readonly byRuns: number[];
  /** Per pair a·R + b. */
  private readonly both: Float64Array;
  private readonly expectedBoth: Float64Array;
  private readonly expectedUnion: Float64Array;

  constructor(private readonly runs: number) {
    this.changed = Array.from({ length: runs }, () => 0);
    this.byRuns = Array.from({ length: runs + 1 }, () => 0);
    this.both = new Float64Array(runs * runs);
    this.expectedBoth = new Float64Array(runs * runs);
    this.expectedUnion = new Float64Array(runs * runs);
  }

  add({ runs, sets, nonFinite }: JointCounts): void {
    const changed = Array.from({ length: runs }, () => 0);
    let compared = 0;
    for (let set = 0; set < sets.length; set++) {
      const count = sets[set]!;
      if (count === 0) continue;
      compared += count;
      let members = 0;
      for (let a = 0; a < runs; a++) {
        if ((set & (1 << a)) === 0) continue;
        members += 1;
        changed[a]! += count;
        for (let b = a + 1; b < runs; b++) if ((set & (1 << b)) !== 0) this.both[a * runs + b]! += count;
      }
      this.byRuns[members]! += count;
    }
    this.tensors += 1;
    this.compared += compared;
    this.nonFinite += nonFinite;
    for (let a = 0; a < runs; a++) {
      this.changed[a]! += changed[a]!;
      for (let b = a + 1; b < runs && compared > 0; b++) {
        const expected = (changed[a]! * changed[b]!) / compared;
        this.expectedBoth[a * runs + b]! += expected;
        this.expectedUnion[a * runs + b]! += changed[a]! + changed[b]! - expected;
      }
    }
  }

  pool(): OverlapPool {
    const { tensors, compared, nonFinite, changed, byRuns, runs } = this;
    const pairs: PairOverlap[] = [];
    for (let a = 0; a < runs; a++) for (let b = a + 1; b < runs; b++) pairs.push(this.pair(a, b));
    return { tensors, compared, nonFinite, changed: [...changed], byRuns: [...byRuns], pairs };
  }

  private pair(a: number, b: number): PairOverlap {
    const at = a * this.runs + b;
    const intersection = this.both[at]!;
    const union = this.changed[a]! + this.changed[b]! - intersection;
    if (union === 0) {
      const reason = this.compared === 0 ? 'No element was compared.' : 'Neither run changed an element.';
      return { a, b, intersection, union, jaccard: null, expected: null, expectedByTensor: null, reason };
    }
    const p = this.changed[a]! / this.compared;
    const q = this.changed[b]! / this.compared;
    return {
      a,
      b,
      intersection,
      union,
      jaccard: intersection / union,
      expected: (p * q) / (p + q - p * q),
      expectedByTensor: this.expectedBoth[at]! / this.expectedUnion[at]!,
      reason: null,
    };
  }
}

/** The bands of one tensor seen as rows × columns. */
export function consensusMap(counts: JointCounts, rows: number, columns: number): ConsensusMap {
  const { runs, rowChanged, columnChanged } = counts;
  const shares = Array.from({ length: runs }, (_, run) => {
    let changed = 0;
    for (let row = 0; row < rows; row++) changed += rowChanged[run * rows + row]!;
    return changed / (rows * columns);
  });
  const row = bands(rowChanged, shares, rows, columns);
  const column = bands(columnChanged, shares, columns, rows);
  return { rowMean: row.mean, rowRuns: row.above, columnMean: column.mean, columnRuns: column.above };
}

/** Band i of B holds lines ⌊i·n/B⌋ … ⌊(i+1)·n/B⌋ − 1, each of `width` elements. */
function bands(
  changed: Float64Array,
  shares: readonly number[],
  lines: number,
  width: number,
): { mean: number[]; above: number[] } {
  const count = Math.min(lines, bandLimit);
  const mean: number[] = [];
  const above: number[] = [];
  for (let band = 0; band < count; band++) {
    const from = Math.floor((band * lines) / count);
    const to = Math.floor(((band + 1) * lines) / count);
    const elements = (to - from) * width;
    let sum = 0;
    let runsAbove = 0;
    for (const [run, share] of shares.entries()) {
      let inBand = 0;
      for (let line = from; line < to; line++) inBand += changed[run * lines + line]!;
      sum += inBand;
      if (inBand / elements > share) runsAbove += 1;
    }
    mean.push(sum / elements);
    above.push(runsAbove);
  }
  return { mean, above };
}
