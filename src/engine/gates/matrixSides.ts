// The two sides of a matrix as they come to the decomposition, and what of them is read how. A bf16 pair stays packed and is
// widened as the matrix's layout says (`linalg/layout.ts`); other pairs are float32.
import type { MatrixLayout } from '../linalg/layout.ts';
import { rowSource, type RowSource } from '../linalg/rowSource.ts';
import { PackedSide, differenceInPlace, type PackedWords, type Widener } from '../linalg/widener.ts';

/** Both sides, row-major: as float32, or packed where they are unscaled bf16. */
export type MatrixSides = { base: Float32Array; tuned: Float32Array } | { packed: PackedWords };

/** Both sides as the decomposition reads them. */
export interface SideSources {
  base: RowSource;
  tuned: RowSource;
  /** Both, where they are packed. */
  packed: PackedWords | null;
  /** Δ, after which the sides cannot be read any longer. */
  takeDifference(): RowSource | Float32Array;
}

export function sourcesOfSides(
  widener: Widener,
  sides: MatrixSides,
  { widening }: Pick<MatrixLayout, 'widening'>,
): SideSources {
  if ('packed' in sides) {
    const { packed } = sides;
    return {
      base: new PackedSide(widener, packed, 'base'),
      tuned: new PackedSide(widener, packed, 'tuned'),
      packed,
      takeDifference: () =>
        widening === 'panels'
          ? differenceInPlace(widener, packed)
          : new PackedSide(widener, packed, 'difference'),
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

/** Elements from…to−1 of both sides, in the same memory. */
export function partOf(sides: MatrixSides, from: number, to: number): MatrixSides {
  if ('packed' in sides) return { packed: sides.packed.subarray(from, to) };
  return { base: sides.base.subarray(from, to), tuned: sides.tuned.subarray(from, to) };
}
