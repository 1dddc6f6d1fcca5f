// One chunk of a base against the same chunk of several tuned sides, and what is counted and summed over it.
import type { Grid, Rectangle } from './chunkPlan.ts';
import type { SideSource } from './storage.ts';
import { GapMerger, type ChunkGaps, type StoredGaps } from './storedGaps.ts';
import type { ChunkUpdate } from './updatedSlab.ts';

export interface JointSpec {
  base: SideSource;
  tuned: readonly SideSource[];
  /** Where a tuned side is not read but follows from the base; its dtype is then F32. */
  updates: readonly (ChunkUpdate | null)[];
  grid: Grid;
  area: Rectangle;
  eta: number;
  /** Positions in the tensor, ascending, of elements whose values are wanted. */
  samples: Float64Array;
  /** Whether each side is held against the one before it as well, the first against the base. */
  successive: boolean;
}

/** Counts are whole numbers; an element that is not finite on any side is in none of the others. */
export interface JointCounts {
  sides: number;
  compared: number;
  nonFinite: number;
  /** Elements that exactly 0, 1, … all sides changed in the bf16 view. */
  byRuns: Float64Array;
  /** Elements that sides a and b changed, at a·sides + b for a ≤ b; what a alone changed at a = b. */
  both: Float64Array;
  /** ΣΔ_aΔ_b in the same order, float64: the Gram matrix of the updates. */
  products: Float64Array;
  /** Σ(Δ_aΔ_b)² for a < b. */
  squares: Float64Array;
  /** Changed elements per side and row (side·rows + row), and per side and column; empty for a vector. */
  rowChanged: Float64Array;
  columnChanged: Float64Array;
  /** Of each sample the value in the base and in every side: (sides + 1) a sample. */
  samples: Float64Array;
  /** Where each side differs as stored from the one before it; null where their dtypes do. Empty unless asked for, and of a chunk, which has `gaps`. */
  stored: (StoredGaps | null)[];
}

/** What a worker found in one chunk: rows and columns are those of its area. */
export type JointChunk = JointCounts & { gaps: (ChunkGaps | null)[] };

export function emptyCounts(sides: number, rows: number, columns: number, samples: number): JointCounts {
  return {
    sides,
    compared: 0,
    nonFinite: 0,
    byRuns: new Float64Array(sides + 1),
    both: new Float64Array(sides * sides),
    products: new Float64Array(sides * sides),
    squares: new Float64Array(sides * sides),
    rowChanged: new Float64Array(sides * rows),
    columnChanged: new Float64Array(sides * columns),
    samples: new Float64Array((sides + 1) * samples),
    stored: [],
  };
}

/** Adds the chunks of a tensor up; to be called in file order. */
export class JointMerger {
  readonly counts: JointCounts;
  private sampled = 0;
  private readonly mergers: GapMerger[] = [];

  constructor(
    sides: number,
    private readonly grid: Grid,
    samples: number,
  ) {
    const { rows, columns, isMatrix } = grid;
    this.counts = emptyCounts(sides, isMatrix ? rows : 0, isMatrix ? columns : 0, samples);
  }

  add(area: Rectangle, chunk: JointChunk): void {
    const { counts, grid } = this;
    counts.compared += chunk.compared;
    counts.nonFinite += chunk.nonFinite;
    for (const name of ['byRuns', 'both', 'products', 'squares'] as const) {
      const [sum, part] = [counts[name], chunk[name]];
      for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
    }
    counts.samples.set(chunk.samples, this.sampled);
    this.sampled += chunk.samples.length;
    this.addGaps(area, chunk);
    if (!grid.isMatrix) return;
    for (let side = 0; side < counts.sides; side++) {
      const row = side * grid.rows + area.firstRow;
      for (let i = 0; i < area.rows; i++)
        counts.rowChanged[row + i]! += chunk.rowChanged[side * area.rows + i]!;
      const column = side * grid.columns + area.firstColumn;
      for (let i = 0; i < area.columns; i++) {
        counts.columnChanged[column + i]! += chunk.columnChanged[side * area.columns + i]!;
      }
    }
  }

  private addGaps(area: Rectangle, { gaps }: JointChunk): void {
    const { mergers, counts, grid } = this;
    for (const [side, found] of gaps.entries()) {
      const merger = (mergers[side] ??= new GapMerger());
      if (found === null) counts.stored[side] = null;
      else {
        merger.add(area.firstRow * grid.columns + area.firstColumn, found);
        counts.stored[side] = merger.gaps;
      }
    }
  }
}
