// The 16-bit counters per column that the SIMD kernels count unchanged elements in, and when they have to be added up:
// they go on from slab to slab while the columns stay the same and the rows fit.
import type { Kernels, Region } from './kernels.ts';

/** Kernels take 16 columns at a time. */
const padding = 16;
/** Rows that a counter holds. */
const mostRows = 65_535;

/** A stretch of columns whose counts wait for being added up; `columnChanged` is the address of their counters, or 0. */
interface Columns {
  rows: number;
  columns: number;
  columnChanged: number;
}

export class UnchangedColumns {
  private readonly kernels: Kernels;
  private readonly counters: Region;
  private waiting: Columns | null = null;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.counters = kernels.region();
  }

  /** Makes room for `columns`, and forgets what waits. */
  begin(columns: number): void {
    this.waiting = null;
    this.clear(columns);
  }

  /** Address of the counters for the rows to come. */
  expect({ rows, columns, columnChanged }: Columns): number {
    const { waiting } = this;
    const goesOn = waiting?.columnChanged === columnChanged && waiting.columns === columns;
    if (!goesOn || waiting.rows + rows > mostRows) this.drain();
    this.waiting = { rows: (this.waiting?.rows ?? 0) + rows, columns, columnChanged };
    return this.counters.at;
  }

  /** Adds up what waits. */
  drain(): void {
    if (this.waiting === null) return;
    const { rows, columns, columnChanged } = this.waiting;
    this.waiting = null;
    if (columnChanged !== 0) this.kernels.run.drainColumns(this.counters.at, columns, rows, columnChanged);
    else this.clear(columns);
  }

  private clear(columns: number): void {
    const bytes = 2 * (columns + padding);
    this.kernels.bytes(this.counters.reserve(bytes), bytes).fill(0);
  }
}
