// npm's `safetensors` ships no types. Its class is all that is used.
declare module 'safetensors' {
  class SafeTensor {
    constructor(file: Uint8Array);
    /** Dtype, shape and place of every tensor; the package takes `__metadata__` for one, and throws. */
    readonly metadata: ReadonlyMap<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    getTensor(name: string): Uint8Array;
  }
  const library: { SafeTensor: typeof SafeTensor };
  export default library;
  export type { SafeTensor };
}
