// A row-major float32 matrix as the decomposition reads it: stretches of elements, mostly panels of whole rows. It is
// held as float32, or as one side of a packed pair: of two bf16 matrices of one shape, an element of each in one word.
// That is half the memory, and exact: the bits of a bf16 are the upper half of its float32.
import type { PanelKernels } from './panelKernels.ts';

export interface RowSource {
  readonly length: number;
  /** Elements from…to−1, valid until the next call. */
  elements(from: number, to: number): Float32Array;
  /** Elements from…to−1 into memory of the caller's. */
  copyTo(target: Float32Array, from: number, to: number): void;
}

/** One word an element: the bits of the base's bf16 in its lower half, of the tuned one's in its upper. */
export type PackedWords = Uint32Array;

export function rowSource(data: Float32Array | RowSource): RowSource {
  if (!(data instanceof Float32Array)) return data;
  return {
    length: data.length,
    elements: (from, to) => data.subarray(from, to),
    copyTo(target, from, to) {
      target.set(data.subarray(from, to));
    },
  };
}

/** Widens what is asked for into a buffer that grows with the largest stretch. */
export class PackedSide implements RowSource {
  readonly length: number;
  private panel = new Float32Array(0);

  constructor(
    private readonly kernels: PanelKernels,
    private readonly words: PackedWords,
    private readonly side: 'base' | 'tuned' | 'difference',
  ) {
    this.length = words.length;
  }

  elements(from: number, to: number): Float32Array {
    if (this.panel.length < to - from) this.panel = new Float32Array(to - from);
    const target = this.panel.subarray(0, to - from);
    this.copyTo(target, from, to);
    return target;
  }

  copyTo(target: Float32Array, from: number, to: number): void {
    this.kernels.widen(this.words.subarray(from, to), this.side, target);
  }
}

/** Tuned less base as float32 in the memory of the words. */
export function differenceInPlace(kernels: PanelKernels, words: PackedWords): Float32Array {
  const result = new Float32Array(words.buffer, words.byteOffset, words.length);
  kernels.widen(words, 'difference', result);
  return result;
}
