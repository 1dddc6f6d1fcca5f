// bf16 against bf16 at the rate of the SIMD kernel: slabs are counted into tables, and the tables moved into the tally
// once a chunk. Slabs whose sides are equal are counted by the base alone.
import type { ChunkSpec, SlabPlace } from './chunkSpec.ts';
import type { Kernels } from './kernels.ts';
import { UnchangedColumns } from './unchangedColumns.ts';

/** Below this many elements, moving the tables costs more than they save. */
const fewElements = 1 << 15;
/** Narrower matrices would be mostly padding. */
const fewColumns = 16;

export class Bf16Comparer {
  private readonly kernels: Kernels;
  private readonly unchanged: UnchangedColumns;
  /** First magnitude of the table; null until a slab of this chunk needed it. */
  private window: number | null = null;
  private holdsCounts = false;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.unchanged = new UnchangedColumns(kernels);
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
    if (this.holdsCounts) this.kernels.run.clearTables();
    this.holdsCounts = false;
    this.window = null;
    this.unchanged.begin(columns);
  }

  compare(place: SlabPlace, isEqual: boolean): void {
    const { run } = this.kernels;
    const { tally, base, tuned, rows, columns, rowChanged, eta } = place;
    this.holdsCounts = true;
    if (isEqual) {
      run.countEqualBf16(base, rows * columns);
      return;
    }
    this.window ??= run.bf16Window(base, rows * columns);
    const unchanged = this.unchanged.expect(place);
    run.compareBf16(tally, this.window, base, tuned, rows, columns, rowChanged, unchanged, eta);
  }

  finish(tally: number): void {
    if (!this.holdsCounts) return;
    this.unchanged.drain();
    if (this.window !== null) this.kernels.run.drainPairs(tally, this.window);
    this.kernels.run.drainEqual(tally);
    this.holdsCounts = false;
  }
}
