// Memory that one matrix after the other is measured in: to touch fresh memory for the first time costs about as much as a
// product with it. What is kept is bounded; larger copies are allocated anew each time.
import type { MatrixLayout } from './layout.ts';

/** Memory for copies of W, which the next operator may use after `release`; null where there is none. */
export interface MatrixRoom {
  /** W as float32, `paddedElements(rows, columns)`: for one that lies packed, or is to be padded. */
  whole: Float32Array | null;
  /** Wᵀ, `paddedElements(columns, rows)`. */
  transposed: Float32Array | null;
}

export const noRoom: MatrixRoom = { whole: null, transposed: null };

/** Elements of each copy, a little more than 4096²: every lane that decomposes keeps as much for as long as it lives. */
const mostKept = 17 << 20;

/** For one matrix at a time. */
export class Workspace {
  private readonly whole = new KeptMemory();
  private readonly transposed = new KeptMemory();

  /** Room of any content. What was given before is no longer valid. */
  room({ wholeElements, transposedElements }: MatrixLayout): MatrixRoom {
    return { whole: this.whole.take(wholeElements), transposed: this.transposed.take(transposedElements) };
  }
}

class KeptMemory {
  private kept = new Float32Array(0);

  take(elements: number): Float32Array | null {
    if (elements === 0) return null;
    if (elements > mostKept) return new Float32Array(elements);
    if (this.kept.length < elements) this.kept = new Float32Array(elements);
    return this.kept.subarray(0, elements);
  }
}
