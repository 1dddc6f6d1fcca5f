// The two sides of a matrix as they come to the decomposition, and what of them is read how: a very tall bf16 pair stays
// packed and is widened panel by panel, any other is float32 while it is decomposed.
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Scratch } from '../linalg/scratch.ts';
import { readsPanelsOnly } from '../linalg/leadingTriplets.ts';
import {
  PackedSide,
  rowSource,
  unpacked,
  widenedInPlace,
  type PackedWords,
  type RowSource,
} from '../linalg/rowSource.ts';

/** Both sides, row-major: as float32, or packed where they are unscaled bf16. */
export type MatrixSides = { base: Float32Array; tuned: Float32Array } | { packed: PackedWords };

/** Of an element of both sides packed, or of one side as float32. */
export const packedBytes = 4;

/** Both sides as the decomposition reads them. */
export interface SideSources {
  base: RowSource;
  tuned: RowSource;
  /** Δ as float32 in the memory of the sides, which cannot be read any longer. */
  takeDifference(): Float32Array;
}

/** `rank` is the one that the matrix uses. */
export function sourcesOfSides(
  dense: DenseKernels,
  scratch: Scratch,
  sides: MatrixSides,
  rows: number,
  columns: number,
  rank: number,
): SideSources {
  if ('packed' in sides && readsPanelsOnly(rows, columns, rank)) {
    const { packed } = sides;
    return {
      base: new PackedSide(dense, packed, 'base'),
      tuned: new PackedSide(dense, packed, 'tuned'),
      takeDifference: () => widenedInPlace(dense, packed, 'difference'),
    };
  }
  const { base, tuned } = 'packed' in sides ? unpacked(dense, scratch, sides.packed) : sides;
  return {
    base: rowSource(base),
    tuned: rowSource(tuned),
    takeDifference: () => subtractInPlace(tuned, base),
  };
}

/** x ← x − y. */
function subtractInPlace(x: Float32Array, y: Float32Array): Float32Array {
  for (let i = 0; i < x.length; i++) x[i]! -= y[i]!;
  return x;
}

/** No element differs in value. */
export function areEqual(sides: MatrixSides): boolean {
  if ('packed' in sides) return holdsEqual(sides.packed);
  const { base, tuned } = sides;
  for (let i = 0; i < base.length; i++) {
    if (base[i] !== tuned[i]) return false;
  }
  return true;
}

/** Both halves of every word are of equal bits, or zeros of either sign. */
function holdsEqual(words: PackedWords): boolean {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word >>> 16 !== (word & 0xffff) && (word & 0x7fff7fff) !== 0) return false;
  }
  return true;
}

/** Elements of one side. */
export function lengthOf(sides: MatrixSides): number {
  return 'packed' in sides ? sides.packed.length : sides.base.length;
}

/** Elements from…to−1 of both sides, in the same memory. */
export function partOf(sides: MatrixSides, from: number, to: number): MatrixSides {
  if ('packed' in sides) return { packed: sides.packed.subarray(from, to) };
  return { base: sides.base.subarray(from, to), tuned: sides.tuned.subarray(from, to) };
}

/** Bytes that both sides of a matrix of this shape take while it is decomposed. */
export function bytesOfSides(isPacked: boolean, rows: number, columns: number, rank: number): number {
  const perElement = isPacked && readsPanelsOnly(rows, columns, rank) ? packedBytes : 2 * packedBytes;
  return perElement * rows * columns;
}
