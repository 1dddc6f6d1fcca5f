// Working memory that one matrix after the other is measured in: to touch fresh memory for the first time costs about as
// much as a product with it. What is kept is bounded; larger ones are allocated anew each time.
import type { MatrixRoom } from './matrixOperator.ts';

/** Elements, a little more than 4096²: every thread that decomposes keeps as much for as long as it lives. */
const mostKept = 17 << 20;

export class Scratch {
  private readonly kept = new Map<string, Float32Array>();

  /** `elements` of any content, the same memory for the same purpose every time. */
  take(purpose: keyof MatrixRoom, elements: number): Float32Array {
    if (elements > mostKept) return new Float32Array(elements);
    let memory = this.kept.get(purpose);
    if (memory === undefined || memory.length < elements) {
      memory = new Float32Array(elements);
      this.kept.set(purpose, memory);
    }
    return memory.subarray(0, elements);
  }
}
