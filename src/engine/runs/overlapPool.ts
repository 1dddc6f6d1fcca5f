// Overlaps and cosines of a pool of tensors: counts and sums are added over the pool and then divided, never averaged.
import type { ConsensusMap, OverlapPool, PairOverlap } from '../../shared/report/runsReport.ts';
import type { JointCounts } from '../kernels/jointSpec.ts';

/** At most this many bands of consecutive rows or columns. */
const bandLimit = 256;

export class OverlapAccumulator {
  private tensors = 0;
  private compared = 0;
  private nonFinite = 0;
  private readonly byRuns: number[];
  /** Per pair a·R + b, as in `JointCounts`. */
  private readonly both: Float64Array;
  private readonly products: Float64Array;
  private readonly squares: Float64Array;
  private readonly expectedBoth: Float64Array;
  private readonly expectedUnion: Float64Array;

  constructor(private readonly runs: number) {
    this.byRuns = Array.from({ length: runs + 1 }, () => 0);
    this.both = new Float64Array(runs * runs);
    this.products = new Float64Array(runs * runs);
    this.squares = new Float64Array(runs * runs);
    this.expectedBoth = new Float64Array(runs * runs);
    this.expectedUnion = new Float64Array(runs * runs);
  }

  add({ sides, both, byRuns, products, squares, compared, nonFinite }: JointCounts): void {
    this.tensors += 1;
    this.compared += compared;
    this.nonFinite += nonFinite;
    for (const [members, count] of byRuns.entries()) this.byRuns[members]! += count;
    for (let at = 0; at < both.length; at++) {
      this.both[at]! += both[at]!;
      this.products[at]! += products[at]!;
      this.squares[at]! += squares[at]!;
    }
    for (let a = 0; a < sides && compared > 0; a++) {
      const ofA = both[a * sides + a]!;
      for (let b = a + 1; b < sides; b++) {
        const ofB = both[b * sides + b]!;
        const expected = (ofA * ofB) / compared;
        this.expectedBoth[a * sides + b]! += expected;
        this.expectedUnion[a * sides + b]! += ofA + ofB - expected;
      }
    }
  }

  pool(): OverlapPool {
    const { tensors, compared, nonFinite, byRuns, runs } = this;
    const all = Array.from({ length: runs }, (_, run) => run);
    const changed = all.map((run) => this.changed(run));
    const norms = all.map((run) => Math.sqrt(this.products[run * runs + run]!));
    const pairs = all.flatMap((a) => all.slice(a + 1).map((b) => this.pair(a, b)));
    return { tensors, compared, nonFinite, changed, norms, byRuns: [...byRuns], pairs };
  }

  private changed(run: number): number {
    return this.both[run * this.runs + run]!;
  }

  private pair(a: number, b: number): PairOverlap {
    const at = a * this.runs + b;
    const intersection = this.both[at]!;
    const union = this.changed(a) + this.changed(b) - intersection;
    const counted = { a, b, intersection, union, ...this.cosine(a, b) };
    if (union === 0) {
      const reason = this.compared === 0 ? 'No element was compared.' : 'Neither run changed an element.';
      return { ...counted, jaccard: null, expected: null, expectedByTensor: null, reason };
    }
    const p = this.changed(a) / this.compared;
    const q = this.changed(b) / this.compared;
    return {
      ...counted,
      jaccard: intersection / union,
      expected: (p * q) / (p + q - p * q),
      expectedByTensor: this.expectedBoth[at]! / this.expectedUnion[at]!,
      reason: null,
    };
  }

  private cosine(a: number, b: number): Pick<PairOverlap, 'cosine' | 'cosineSpread'> {
    const { runs, products, squares } = this;
    const norms = Math.sqrt(products[a * runs + a]! * products[b * runs + b]!);
    if (!(norms > 0)) return { cosine: null, cosineSpread: null };
    return {
      cosine: products[a * runs + b]! / norms,
      cosineSpread: Math.sqrt(squares[a * runs + b]!) / norms,
    };
  }
}

/** The bands of one tensor seen as rows × columns. */
export function consensusMap(counts: JointCounts, rows: number, columns: number): ConsensusMap {
  const { sides, rowChanged, columnChanged } = counts;
  const shares = Array.from({ length: sides }, (_, run) => {
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

/** Changed share of each band of lines. @param changed elements per line, of `width` elements each */
export function bandsOf(changed: Float64Array, width: number): number[] {
  const lines = changed.length;
  const count = Math.min(lines, bandLimit);
  return Array.from({ length: count }, (_, band) => {
    const from = Math.floor((band * lines) / count);
    const to = Math.floor(((band + 1) * lines) / count);
    return changed.subarray(from, to).reduce((sum, each) => sum + each, 0) / ((to - from) * width);
  });
}
