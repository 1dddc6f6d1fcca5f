// Dense matrix multiplication as the engine needs it; implemented over ONNX Runtime in src/node/gemm.
// All matrices are row-major and contiguous.

/** C (m × n) = op(A) · op(B) [+ D], op(A) m × k and op(B) k × n; `transA`/`transB` say that A/B are stored transposed. */
export interface GemmShape {
  m: number;
  n: number;
  k: number;
  transA?: boolean;
  transB?: boolean;
}

export interface Gemm {
  readonly kind: 'native' | 'wasm';
  /** Library and version. */
  readonly library: string;
  /** Milliseconds spent inside multiplications so far. */
  readonly elapsedMs: number;
  /** Floating-point operations done so far, 2mnk each. */
  readonly operations: number;
  /** float32; returns C, in `out` when given (length m·n). `plus` is D (m × n), in other memory than C. */
  multiply32(
    shape: GemmShape,
    a: Float32Array,
    b: Float32Array,
    out?: Float32Array,
    plus?: Float32Array,
  ): Promise<Float32Array>;
  /** The same in float64. */
  multiply64(
    shape: GemmShape,
    a: Float64Array,
    b: Float64Array,
    out?: Float64Array,
    plus?: Float64Array,
  ): Promise<Float64Array>;
  close(): Promise<void>;
}

export interface OpenedGemm {
  gemm: Gemm;
  /** Why the WebAssembly build runs although the native one was wanted; null otherwise. */
  fallbackReason: string | null;
}
