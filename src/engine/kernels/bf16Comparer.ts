// bf16 against bf16 at the rate of the SIMD kernel: what it counts by |Δ| is moved into the tally once a chunk. Slabs whose
// sides are equal are counted by the base alone.
import type { ChunkSpec } from './pairComparer.ts';
import type { Kernels, Region } from './kernels.ts';

/** Below this many elements, moving the counts costs more than they save. */
const fewElements = 1 << 15;
/** Narrower matrices have no whole vector in a row. */
const fewColumns = 16;

/** Addresses of a slab. */
export interface SlabPlace {
  tally: number;
  base: number;
  tuned: number;
  rows: number;
  columns: number;
  /** Counters, or 0. */
  rowChanged: number;
  columnChanged: number;
  eta: number;
}

export class Bf16Comparer {
  private readonly kernels: Kernels;
  private readonly moved: Region;
  private readonly unchanged: Region;
  /** First magnitude of the window; null until the first slab of the chunk. */
  private window: number | null = null;
  private holdsCounts = false;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.moved = kernels.region(kernels.run.movedBytes.value);
    this.unchanged = kernels.region();
  }

  /** Whether this kernel gives what the definition asks for, and sooner. */
  static suits({ base, tuned, area, eta }: ChunkSpec): boolean {
    const isBf16 = base.dtype === 'BF16' && tuned.dtype === 'BF16';
    const isLarge = area.columns >= fewColumns && area.rows * area.columns >= fewElements;
    // Up to this η, normal values are unchanged exactly when their bits are.
    return isBf16 && isLarge && eta >= 0 && eta < 2 ** -8;
  }

  begin(columns: number): void {
    // A chunk that was given up half-way leaves its counts behind.
    if (this.holdsCounts) this.kernels.bytes(this.moved.at, this.kernels.run.movedBytes.value).fill(0);
    this.holdsCounts = false;
    this.window = null;
    const bytes = 2 * (columns + fewColumns);
    this.kernels.bytes(this.unchanged.reserve(bytes), bytes).fill(0);
  }

  compare(place: SlabPlace, isEqual: boolean): void {
    const { run } = this.kernels;
    const { tally, base, tuned, rows, columns, rowChanged, columnChanged, eta } = place;
    this.holdsCounts = true;
    this.window ??= run.bf16Window(base, rows * columns);
    if (isEqual) {
      run.countEqualBf16(tally, this.window, base, rows * columns);
      return;
    }
    const unchanged = this.unchanged.at;
    run.compareBf16(
      tally,
      this.moved.at,
      this.window,
      base,
      tuned,
      rows,
      columns,
      rowChanged,
      unchanged,
      eta,
    );
    run.drainColumns(unchanged, columns, rows, columnChanged);
  }

  finish(tally: number): void {
    if (!this.holdsCounts) return;
    this.kernels.run.drainMoves(tally, this.moved.at);
    this.holdsCounts = false;
  }
}
