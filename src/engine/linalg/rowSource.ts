// A row-major float32 matrix as the decomposition reads it: stretches of elements, mostly panels of whole rows. It is
// held as float32, or as one side of a packed pair: of two bf16 matrices of one shape, an element of each in one word.
// That is half the memory, and exact: the bits of a bf16 are the upper half of its float32.

export interface RowSource {
  readonly length: number;
  /** Elements from…to−1, valid until the next call. */
  elements(from: number, to: number): Float32Array;
}

/** One word an element: the bits of the base's bf16 in its lower half, of the tuned one's in its upper. */
export type PackedWords = Uint32Array;

const upperHalf = 0xffff0000 | 0;

export function rowSource(data: Float32Array | RowSource): RowSource {
  if (!(data instanceof Float32Array)) return data;
  return { length: data.length, elements: (from, to) => data.subarray(from, to) };
}

/** Widens what is asked for into a buffer that grows with the largest stretch. */
export class PackedSide implements RowSource {
  readonly length: number;
  private panel = new Float32Array(0);

  constructor(
    private readonly words: PackedWords,
    private readonly side: 'base' | 'tuned',
  ) {
    this.length = words.length;
  }

  elements(from: number, to: number): Float32Array {
    const count = to - from;
    if (this.panel.length < count) this.panel = new Float32Array(count);
    const target = this.panel.subarray(0, count);
    const words = this.words.subarray(from, to);
    if (this.side === 'base') widenBase(words, target);
    else widenTuned(words, target);
    return target;
  }
}

/** Both sides as float32; the tuned one in the memory of the words. */
export function unpacked(words: PackedWords): { base: Float32Array; tuned: Float32Array } {
  const base = new Float32Array(words.length);
  widenBase(words, base);
  const tuned = floatsOf(words);
  widenTuned(words, tuned);
  return { base, tuned };
}

/** Tuned less base as float32, in the memory of the words. */
export function unpackedDifference(words: PackedWords): Float32Array {
  const base = new PackedSide(words, 'base');
  const result = floatsOf(words);
  const step = 1 << 16;
  for (let from = 0; from < words.length; from += step) {
    const to = Math.min(words.length, from + step);
    const weights = base.elements(from, to);
    const target = result.subarray(from, to);
    widenTuned(words.subarray(from, to), target);
    for (let i = 0; i < target.length; i++) target[i]! -= weights[i]!;
  }
  return result;
}

function widenBase(words: PackedWords, target: Float32Array): void {
  const bits = bitsOf(target);
  for (let i = 0; i < bits.length; i++) bits[i] = words[i]! << 16;
}

/** `target` may be the memory of the words. */
function widenTuned(words: PackedWords, target: Float32Array): void {
  const bits = bitsOf(target);
  for (let i = 0; i < bits.length; i++) bits[i] = words[i]! & upperHalf;
}

// Signed: their elements are always small integers to the compiler, where every second unsigned one is not.
function bitsOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length);
}

function floatsOf({ buffer, byteOffset, length }: PackedWords): Float32Array {
  return new Float32Array(buffer, byteOffset, length);
}
