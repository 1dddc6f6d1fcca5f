// The two sides of a matrix as they come to the decomposition, and what of them is read how. A bf16 pair stays packed: a
// very tall one is widened panel by panel, of any other one side after the other, and their difference, is widened into the
// same memory. Other pairs are float32.
import { freshRoom, type Scratch } from '../linalg/scratch.ts';
import { denseLimit, readsPanelsOnly } from '../linalg/leadingTriplets.ts';
import type { MatrixRoom } from '../linalg/matrixOperator.ts';
import { paddedElements } from '../linalg/padding.ts';
import type { PanelKernels } from '../linalg/panelKernels.ts';
import {
  PackedSide,
  differenceInPlace,
  rowSource,
  type PackedWords,
  type RowSource,
} from '../linalg/rowSource.ts';

/** Both sides, row-major: as float32, or packed where they are unscaled bf16. */
export type MatrixSides = { base: Float32Array; tuned: Float32Array } | { packed: PackedWords };

/** Of an element of both sides packed, or of one side as float32. */
export const packedBytes = 4;

/** Matrices up to this many elements are copied once more where that makes the work quicker. */
const mostCopied = 1 << 27;
/** And of those that are not even widened for the sake of memory. */
const mostCopiedOfPanels = 1 << 25;

/** Both sides as the decomposition reads them. */
export interface SideSources {
  base: RowSource;
  tuned: RowSource;
  /** Both, where they are packed. */
  packed: PackedWords | null;
  /** Δ, after which the sides cannot be read any longer. */
  takeDifference(): RowSource | Float32Array;
}

/** `rank` is the one that the matrix uses. */
export function sourcesOfSides(
  kernels: PanelKernels,
  sides: MatrixSides,
  rows: number,
  columns: number,
  rank: number,
): SideSources {
  if ('packed' in sides) {
    const { packed } = sides;
    return {
      base: new PackedSide(kernels, packed, 'base'),
      tuned: new PackedSide(kernels, packed, 'tuned'),
      packed,
      takeDifference: () =>
        readsPanelsOnly(rows, columns, rank)
          ? differenceInPlace(kernels, packed)
          : new PackedSide(kernels, packed, 'difference'),
    };
  }
  const { base, tuned } = sides;
  return {
    base: rowSource(base),
    tuned: rowSource(tuned),
    packed: null,
    takeDifference: () => subtractInPlace(tuned, base),
  };
}

/** Memory for copies of one side after the other. */
export function roomForSides(
  kernels: PanelKernels,
  scratch: Scratch | null,
  isPacked: boolean,
  rows: number,
  columns: number,
  rank: number,
): MatrixRoom {
  const isWidened = isPacked && !readsPanelsOnly(rows, columns, rank);
  const whole = isWidened ? paddedElements(rows, columns) : 0;
  const transposed = isCopied(rows, columns, rank) ? copiedElements(rows, columns) : 0;
  return scratch === null ? freshRoom(kernels, whole, transposed) : scratch.room(whole, transposed);
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
  if (!isPacked) return 2 * packedBytes * rows * columns;
  const widened = readsPanelsOnly(rows, columns, rank) ? 0 : paddedElements(rows, columns);
  return packedBytes * (rows * columns + widened);
}

/** Bytes of the copy beside them: transposed, later the matrix's reconstruction; 0 where there is none. */
export function bytesOfCopy(rows: number, columns: number, rank: number): number {
  return isCopied(rows, columns, rank) ? packedBytes * copiedElements(rows, columns) : 0;
}

function isCopied(rows: number, columns: number, rank: number): boolean {
  const most = readsPanelsOnly(rows, columns, rank) ? mostCopiedOfPanels : mostCopied;
  return Math.min(rows, columns) > denseLimit && rows * columns <= most;
}

function copiedElements(rows: number, columns: number): number {
  return paddedElements(columns, rows);
}
