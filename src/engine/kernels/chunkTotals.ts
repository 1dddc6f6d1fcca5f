// What a worker found in one chunk, in a form that travels between threads, and the merge of chunks into StreamTotals.
// Counts are integers; the float64 sums are added chunk by chunk in file order, whatever order the chunks finished in.
import type { UlpHistogram } from '../../shared/report/metrics.ts';
import { type Grid, type Rectangle, matrixOf } from './chunkPlan.ts';
import { addRounding, undecided, type RoundingCounts } from './roundingWatch.ts';
import { GapMerger, type ChunkGaps } from './storedGaps.ts';
import type { StreamTotals } from './tensorStreamer.ts';

/** Number of |Δ| bins: the top 15 bits below the sign of a float32. */
export const deltaBins = 32_768;

/** In the order in which the kernels count. */
export const countNames = [
  'compared',
  'nonFinite',
  'changedBf16',
  'rawChanged',
  'hidden',
  'unchangedAbs1e5',
  'one',
  'two',
  'threeToFour',
  'fiveToEight',
  'nineToSixteen',
  'overSixteen',
  'signFlips',
  'nonFiniteBase',
  'nonFiniteTuned',
] as const;

export type CountName = (typeof countNames)[number];

export interface ChunkTotals {
  counts: Record<CountName, number>;
  identical: boolean;
  baseOnGrid: boolean;
  rounding: RoundingCounts;
  /** As in the tensor's totals. */
  gaps: ChunkGaps | null;
  sumSquaresBase: number;
  sumSquaresDelta: number;
  maxAbsDelta: number;
  exponents: Uint32Array;
  /** |Δ| bins from `first` on; those outside are empty. */
  deltas: { first: number; counts: Uint32Array; energies: Float64Array } | null;
  /** Changed elements per row and column of the chunk's rectangle. */
  rowChanged: Uint32Array | null;
  columnChanged: Uint32Array | null;
}

/** Adds chunks into the totals of one tensor; to be called in file order. */
export class TotalsMerger {
  readonly totals: StreamTotals;
  private readonly gaps = new GapMerger();

  constructor(private readonly grid: Grid) {
    this.totals = {
      compared: 0,
      nonFinite: 0,
      changedBf16: 0,
      rawChanged: 0,
      hidden: 0,
      unchangedAbs1e5: 0,
      ulpHistogram: emptyUlpHistogram(),
      identical: true,
      baseOnGrid: true,
      nonFiniteBase: 0,
      nonFiniteTuned: 0,
      rounding: undecided(),
      stored: this.gaps.gaps,
      sumSquaresBase: 0,
      sumSquaresDelta: 0,
      maxAbsDelta: 0,
      baseExponents: new Float64Array(256),
      matrices:
        grid.matrices === 1
          ? null
          : Array.from({ length: grid.matrices }, () => ({
              baseExponents: new Float64Array(256),
              sumSquaresDelta: 0,
            })),
      deltaCounts: null,
      deltaEnergies: null,
      rowChanged: grid.isMatrix ? new Float64Array(grid.rows) : null,
      columnChanged: grid.isMatrix ? new Float64Array(grid.columns) : null,
    };
  }

  add(area: Rectangle, chunk: ChunkTotals): void {
    const { totals } = this;
    for (const name of countNames) {
      if (isUlpBin(name)) totals.ulpHistogram[name] += chunk.counts[name];
      else totals[name] += chunk.counts[name];
    }
    totals.identical &&= chunk.identical;
    totals.baseOnGrid &&= chunk.baseOnGrid;
    totals.rounding = addRounding(totals.rounding, chunk.rounding);
    if (chunk.gaps === null) totals.stored = null;
    else this.gaps.add(area.firstRow * this.grid.columns + area.firstColumn, chunk.gaps);
    totals.sumSquaresBase += chunk.sumSquaresBase;
    totals.sumSquaresDelta += chunk.sumSquaresDelta;
    totals.maxAbsDelta = Math.max(totals.maxAbsDelta, chunk.maxAbsDelta);
    addAt(totals.baseExponents, 0, chunk.exponents);
    const matrix = totals.matrices?.[matrixOf(this.grid, area)];
    if (matrix !== undefined) {
      addAt(matrix.baseExponents, 0, chunk.exponents);
      matrix.sumSquaresDelta += chunk.sumSquaresDelta;
    }
    if (chunk.deltas !== null) {
      totals.deltaCounts ??= new Float64Array(deltaBins);
      totals.deltaEnergies ??= new Float64Array(deltaBins);
      addAt(totals.deltaCounts, chunk.deltas.first, chunk.deltas.counts);
      addAt(totals.deltaEnergies, chunk.deltas.first, chunk.deltas.energies);
    }
    if (totals.rowChanged && chunk.rowChanged) addAt(totals.rowChanged, area.firstRow, chunk.rowChanged);
    if (totals.columnChanged && chunk.columnChanged)
      addAt(totals.columnChanged, area.firstColumn, chunk.columnChanged);
  }
}

export function emptyUlpHistogram(): UlpHistogram {
  return {
    one: 0,
    two: 0,
    threeToFour: 0,
    fiveToEight: 0,
    nineToSixteen: 0,
    overSixteen: 0,
    signFlips: 0,
  };
}

const ulpBins: ReadonlySet<string> = new Set(Object.keys(emptyUlpHistogram()));

function isUlpBin(name: CountName): name is CountName & keyof UlpHistogram {
  return ulpBins.has(name);
}

function addAt(target: Float64Array, offset: number, values: Uint32Array | Float64Array): void {
  for (let i = 0; i < values.length; i++) target[offset + i]! += values[i]!;
}
