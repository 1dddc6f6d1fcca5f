// A row-major float32 matrix as the decomposition reads it: stretches of elements, mostly panels of whole rows. It is
// held as float32, or as one side of a packed pair (`widener.ts`).

export interface RowSource {
  readonly length: number;
  /** Elements from…to−1, valid until the next call. */
  elements(from: number, to: number): Float32Array;
  /** Elements from…to−1 into memory of the caller's. */
  copyTo(target: Float32Array, from: number, to: number): void;
}

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
