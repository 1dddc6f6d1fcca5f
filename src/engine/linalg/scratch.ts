// Working memory that one matrix after the other is measured in: to touch fresh memory for the first time costs about as
// much as a product with it. What is kept is bounded; larger ones are allocated anew each time.

const mostKept = 1 << 25;

export class Scratch {
  private readonly kept = new Map<string, Float32Array>();

  /** `elements` of any content, the same memory for the same purpose every time. */
  take(purpose: 'base' | 'copy', elements: number): Float32Array {
    if (elements > mostKept) return new Float32Array(elements);
    let memory = this.kept.get(purpose);
    if (memory === undefined || memory.length < elements) {
      memory = new Float32Array(elements);
      this.kept.set(purpose, memory);
    }
    return memory.subarray(0, elements);
  }
}
