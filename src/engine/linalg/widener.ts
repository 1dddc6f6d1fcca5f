// Pairs of bf16 matrices that lie packed, an element of each in one word, and what is read of them: either side, or their
// difference, as float32. Packed is half the memory, and exact: the bits of a bf16 are the upper half of its float32.
import { Arena } from './arena.ts';
import type { RowSource } from './rowSource.ts';

/** One word an element: the bits of the base's bf16 in its lower half, of the tuned one's in its upper. */
export type PackedWords = Uint32Array;

interface Exports {
  widenBase(words: number, count: number): void;
  widenTuned(words: number, count: number): void;
  widenDifference(words: number, count: number): void;
}

const kernelOf = { base: 'widenBase', tuned: 'widenTuned', difference: 'widenDifference' } as const;

/** Tuned less base is rounded to float32. */
type PackedView = keyof typeof kernelOf;

/** Elements that are taken at once: they stay in a core's cache. */
const stretch = 1 << 15;

export class Widener {
  private readonly arena: Arena<Exports>;

  /** @param module compiled from `assembly/`. */
  constructor(module: WebAssembly.Module) {
    this.arena = new Arena(module);
  }

  /** As many elements into `target`, which may be the words' memory. */
  widen(words: PackedWords, what: PackedView, target: Float32Array): void {
    const { arena } = this;
    for (let from = 0; from < words.length; from += stretch) {
      const part = words.subarray(from, from + stretch);
      const [at] = arena.reserve([part.byteLength]);
      arena.words(at, part.length).set(part);
      arena.run[kernelOf[what]](at, part.length);
      target.set(arena.floats(at, part.length), from);
    }
  }
}

/** Widens what is asked for into a buffer that grows with the largest stretch. */
export class PackedSide implements RowSource {
  readonly length: number;
  private panel = new Float32Array(0);

  constructor(
    private readonly widener: Widener,
    private readonly words: PackedWords,
    private readonly what: PackedView,
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
    this.widener.widen(this.words.subarray(from, to), this.what, target);
  }
}

/** Tuned less base as float32 in the memory of the words. */
export function differenceInPlace(widener: Widener, words: PackedWords): Float32Array {
  const result = new Float32Array(words.buffer, words.byteOffset, words.length);
  widener.widen(words, 'difference', result);
  return result;
}
