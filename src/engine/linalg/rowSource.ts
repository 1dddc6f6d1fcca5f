// A row-major float32 matrix as the decomposition reads it: stretches of elements, mostly panels of whole rows. It is
// held as float32, or as one side of a packed pair: of two bf16 matrices of one shape, an element of each in one word.
// That is half the memory, and exact: the bits of a bf16 are the upper half of its float32.
import type { DenseKernels } from './denseKernels.ts';
import type { Scratch } from './scratch.ts';

export interface RowSource {
  readonly length: number;
  /** Elements from…to−1, valid until the next call. */
  elements(from: number, to: number): Float32Array;
}

/** One word an element: the bits of the base's bf16 in its lower half, of the tuned one's in its upper. */
export type PackedWords = Uint32Array;

export function rowSource(data: Float32Array | RowSource): RowSource {
  if (!(data instanceof Float32Array)) return data;
  return { length: data.length, elements: (from, to) => data.subarray(from, to) };
}

/** Widens what is asked for into a buffer that grows with the largest stretch. */
export class PackedSide implements RowSource {
  readonly length: number;
  private panel = new Float32Array(0);

  constructor(
    private readonly dense: DenseKernels,
    private readonly words: PackedWords,
    private readonly side: 'base' | 'tuned',
  ) {
    this.length = words.length;
  }

  elements(from: number, to: number): Float32Array {
    if (this.panel.length < to - from) this.panel = new Float32Array(to - from);
    const target = this.panel.subarray(0, to - from);
    this.dense.widen(this.words.subarray(from, to), this.side, target);
    return target;
  }
}

/** Both sides as float32; the tuned one in the memory of the words. */
export function unpacked(
  dense: DenseKernels,
  scratch: Scratch,
  words: PackedWords,
): { base: Float32Array; tuned: Float32Array } {
  const base = scratch.take('base', words.length);
  dense.widen(words, 'base', base);
  return { base, tuned: widenedInPlace(dense, words, 'tuned') };
}

/** One side, or tuned less base, as float32 in the memory of the words. */
export function widenedInPlace(
  dense: DenseKernels,
  words: PackedWords,
  what: 'tuned' | 'difference',
): Float32Array {
  const result = new Float32Array(words.buffer, words.byteOffset, words.length);
  dense.widen(words, what, result);
  return result;
}
