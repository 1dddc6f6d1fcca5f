// A chunk of two tensors to compare, and a slab of it in kernel memory.
import type { Grid, Rectangle } from './chunkPlan.ts';
import type { SideSource } from './storage.ts';
import type { ChunkUpdate } from './updatedSlab.ts';

/** One chunk to compare. */
export interface ChunkSpec {
  base: SideSource;
  tuned: SideSource;
  grid: Grid;
  area: Rectangle;
  eta: number;
  /** Where the tuned side is not read but follows from the base; its dtype is then F32. */
  update?: ChunkUpdate;
}

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
