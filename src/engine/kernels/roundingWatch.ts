// Looks, in the streaming pass, whether all differences of a chunk are rounding: what a cast of the base gives, or a tuned side
// with few distinct values a block, as a round trip through four bits leaves it. Both are given up at the first
// counterexample, so that a trained tensor costs a few hundred elements a chunk; blocks are a fixed sample by place alone.
import type { Kernels, Region } from './kernels.ts';
import type { FloatDtype } from './storage.ts';

/** By bit, what the base may have gone through before it was stored in the tuned dtype. */
export const castNames = [
  null,
  'F16',
  'BF16',
  'F8_E4M3',
  'F8_E4M3',
  'F8_E5M2',
  'BF16 and F16',
  'F16 and BF16',
  'BF16, cut off',
] as const;

/** A round trip through four bits leaves at most `most` distinct values (magnitudes) in a block; a base has `richer` or more. */
interface Grid4 {
  block: number;
  most: number;
  richer: number;
  magnitudes: boolean;
}

/** NF4, FP4 and int4 in groups of 64 and more; of 32; E2M1 in groups of 16. */
export const grids: readonly Grid4[] = [
  { block: 64, most: 16, richer: 24, magnitudes: false },
  { block: 32, most: 16, richer: 24, magnitudes: false },
  { block: 16, most: 8, richer: 12, magnitudes: true },
];

/** What was found of a chunk or, added up, of a tensor. */
export interface RoundingCounts {
  /** Mask of `castNames` that explain every element looked at. */
  casts: number;
  /** Mask of `grids` that no block contradicts. */
  grids: number;
  /** Blocks looked at, by grid, and those in which the base has clearly more values. */
  blocks: number[];
  richer: number[];
}

export function noRounding(): RoundingCounts {
  return { casts: 0, grids: 0, blocks: [0, 0, 0], richer: [0, 0, 0] };
}

/** Adds chunks of a tensor up; `sum` may be what `undecided` gives. */
export function addRounding(sum: RoundingCounts, part: RoundingCounts): RoundingCounts {
  const added = (left: readonly number[], right: readonly number[]): number[] =>
    left.map((count, at) => count + right[at]!);
  return {
    casts: sum.casts & part.casts,
    grids: sum.grids & part.grids,
    blocks: added(sum.blocks, part.blocks),
    richer: added(sum.richer, part.richer),
  };
}

/** Before anything was looked at. */
export function undecided(): RoundingCounts {
  return { ...noRounding(), casts: (1 << castNames.length) - 1, grids: (1 << grids.length) - 1 };
}

const finals: Partial<Record<FloatDtype, number>> = { F16: 1, BF16: 2, F8_E4M3: 3, F8_E5M2: 4 };

/** Blocks of 64 looked at in a slab. */
const sampledBlocks = 64;
const blockElements = 64;
/** Elements decoded at once: few at first, as most tensors are refuted by the first of them. */
const firstStrip = 256;
const strip = 4096;

/** A stretch of a slab, as float32 in kernel memory. */
type ValuesAt = (from: number, count: number) => readonly [base: number, tuned: number];

/** Of what is read of a slab: how the tuned side is stored, and from which element of the tensor on. */
export interface WatchedSlab {
  /** Null where its values are not those that are stored, but scaled. */
  tuned: FloatDtype | null;
  first: number;
  elements: number;
  /** Both sides hold the same bytes. */
  isEqual: boolean;
}

export class RoundingWatch {
  private readonly kernels: Kernels;
  private found = noRounding();

  constructor(kernels: Kernels) {
    this.kernels = kernels;
  }

  /** `watches` is false where the tuned side is computed or holds no floats. */
  begin(watches: boolean, isMatrix: boolean): void {
    this.found = watches ? undecided() : noRounding();
    // A vector of a few similar numbers has few distinct values without any rounding.
    if (!isMatrix) this.found.grids = 0;
  }

  get isOpen(): boolean {
    return this.found.casts !== 0 || this.found.grids !== 0;
  }

  look(slab: WatchedSlab, valuesAt: ValuesAt): void {
    if (!slab.isEqual) this.lookForCasts(slab, valuesAt);
    if (this.found.grids !== 0) this.lookForGrids(slab, valuesAt);
  }

  finish(): RoundingCounts {
    return this.found;
  }

  private lookForCasts({ tuned, elements }: WatchedSlab, valuesAt: ValuesAt): void {
    const final = tuned === null ? 0 : (finals[tuned] ?? 0);
    for (let from = 0; from < elements && this.found.casts !== 0;) {
      const count = Math.min(from === 0 ? firstStrip : strip, elements - from);
      const [base, changed] = valuesAt(from, count);
      this.found.casts = this.kernels.run.survivingCasts(base, changed, count, final, this.found.casts);
      from += count;
    }
  }

  private lookForGrids({ first, elements }: WatchedSlab, valuesAt: ValuesAt): void {
    const start = (blockElements - (first % blockElements)) % blockElements;
    const blocks = Math.floor((elements - start) / blockElements);
    const step = Math.max(1, Math.ceil(blocks / sampledBlocks));
    for (let block = 0; block < blocks && this.found.grids !== 0; block += step) {
      const [base, tuned] = valuesAt(start + block * blockElements, blockElements);
      for (const [at, grid] of grids.entries()) this.lookAtBlock(at, grid, base, tuned);
    }
  }

  /** Blocks of a grid within the 64 elements. */
  private lookAtBlock(
    at: number,
    { block, most, richer, magnitudes }: Grid4,
    base: number,
    tuned: number,
  ): void {
    const { run } = this.kernels;
    const bits = magnitudes ? 0x7fff_ffff : 0xffff_ffff;
    for (let from = 0; from < 4 * blockElements; from += 4 * block) {
      if ((this.found.grids & (1 << at)) === 0) return;
      if (run.distinctValues(tuned + from, block, bits, most + 1) > most) this.found.grids &= ~(1 << at);
      this.found.blocks[at]! += 1;
      if (run.distinctValues(base + from, block, bits, richer) >= richer) this.found.richer[at]! += 1;
    }
  }
}

/** Decodes stretches of two slabs of bf16 as they are asked for. */
export function bf16Stretches(
  kernels: Kernels,
  rooms: readonly [Region, Region],
  base: number,
  tuned: number,
): ValuesAt {
  const [left, right] = rooms;
  return (from, count) => {
    const at = [left.reserve(4 * strip), right.reserve(4 * strip)] as const;
    kernels.run.decodeBf16(base + 2 * from, at[0], count);
    kernels.run.decodeBf16(tuned + 2 * from, at[1], count);
    return at;
  };
}
