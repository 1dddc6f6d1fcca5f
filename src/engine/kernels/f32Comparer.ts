// float32 against float32, which every pair of dtypes up to float32 is decoded to, by the SIMD kernel: slabs are counted
// into tables, and the tables moved into the tally once a chunk.
import type { Kernels } from './kernels.ts';
import { UnchangedColumns } from './unchangedColumns.ts';
import type { ChunkSpec, SlabPlace } from './chunkSpec.ts';

/** Below this many elements, moving the tables costs more than they save. */
const fewElements = 1 << 15;
/** Lanes that the kernel takes a row by; narrower matrices would be mostly padding. */
const lanes = 16;

export class F32Comparer {
  private readonly kernels: Kernels;
  private readonly unchanged: UnchangedColumns;
  private holdsCounts = false;
  private elements = 0;
  private idle = 0;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.unchanged = new UnchangedColumns(kernels);
  }

  /** Whether this kernel gives what the definition asks for, and sooner. */
  static suits({ area, eta }: ChunkSpec): boolean {
    const isLarge = area.columns >= lanes && area.rows * area.columns >= fewElements;
    // Up to this η, normal bf16 views are unchanged exactly when their bits are.
    return isLarge && eta >= 0 && eta < 2 ** -8;
  }

  begin(columns: number): void {
    // A chunk that was given up half-way leaves its counts behind.
    if (this.holdsCounts) this.kernels.run.clearTables();
    this.holdsCounts = false;
    this.elements = 0;
    this.idle = 0;
    this.unchanged.begin(columns);
  }

  compare(place: SlabPlace): void {
    const { tally, base, tuned, rows, columns, rowChanged, eta } = place;
    this.holdsCounts = true;
    const counters = this.unchanged.expect(place);
    this.elements += rows * Math.ceil(columns / lanes) * lanes;
    this.idle += this.kernels.run.compareF32Strips(
      tally,
      base,
      tuned,
      rows,
      columns,
      rowChanged,
      counters,
      eta,
    );
  }

  finish(tally: number): void {
    if (!this.holdsCounts) return;
    this.unchanged.drain();
    this.kernels.run.drainF32(tally, this.elements, this.idle);
    this.holdsCounts = false;
  }
}
