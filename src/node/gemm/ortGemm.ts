// Gemm over ONNX Runtime: one session per element type and layout, made on first use. The native and the WebAssembly
// build of ONNX Runtime share one JavaScript interface, so this file serves both.
import type {
  InferenceSession,
  Tensor,
  TensorConstructor,
  InferenceSessionFactory,
} from 'onnxruntime-common';
import type { Gemm, GemmShape } from '../../engine/linalg/gemm.ts';
import { gemmModel, type GemmElement, type GemmKind } from './onnxModel.ts';

/** The part of `onnxruntime-node` or `onnxruntime-web` that is used. */
export interface OrtModule {
  InferenceSession: InferenceSessionFactory;
  Tensor: TensorConstructor;
}

type Doubles = Float32Array | Float64Array;

/** Fewer operations are done sooner by one thread than others are woken for them. */
const worthThreads = 1 << 23;

export class OrtGemm implements Gemm {
  readonly kind: 'native' | 'wasm';
  readonly library: string;
  elapsedMs = 0;
  operations = 0;
  private readonly ort: OrtModule;
  private readonly threads: number;
  private readonly sessions = new Map<string, Promise<InferenceSession>>();

  constructor(ort: OrtModule, kind: 'native' | 'wasm', library: string, threads: number) {
    this.ort = ort;
    this.kind = kind;
    this.library = library;
    this.threads = threads;
  }

  async multiply32(
    shape: GemmShape,
    a: Float32Array,
    b: Float32Array,
    out?: Float32Array,
    plus?: Float32Array,
  ): Promise<Float32Array> {
    const c = out ?? new Float32Array(shape.m * shape.n);
    await this.multiply('float32', shape, a, b, c, plus);
    return c;
  }

  async multiply64(
    shape: GemmShape,
    a: Float64Array,
    b: Float64Array,
    out?: Float64Array,
    plus?: Float64Array,
  ): Promise<Float64Array> {
    const c = out ?? new Float64Array(shape.m * shape.n);
    await this.multiply('float64', shape, a, b, c, plus);
    return c;
  }

  async close(): Promise<void> {
    const open = await Promise.all(this.sessions.values());
    this.sessions.clear();
    await Promise.all(open.map((session) => session.release()));
  }

  private async multiply(
    element: GemmElement,
    shape: GemmShape,
    a: Doubles,
    b: Doubles,
    c: Doubles,
    d?: Doubles,
  ): Promise<void> {
    const { m, n, k, transA = false, transB = false } = shape;
    if (m === 0 || n === 0) return;
    if (k === 0) {
      if (d === undefined) c.fill(0);
      else c.set(d);
      return;
    }
    const threads = this.kind === 'native' && 2 * m * n * k < worthThreads ? 1 : this.threads;
    const session = await this.session({ element, transA, transB, adds: d !== undefined }, threads);
    const tensor = (data: Doubles, dimensions: [number, number]): Tensor =>
      new this.ort.Tensor(element, data as Float32Array, dimensions);
    const factors = { A: tensor(a, transA ? [k, m] : [m, k]), B: tensor(b, transB ? [n, k] : [k, n]) };
    const feeds = d === undefined ? factors : { ...factors, D: tensor(d, [m, n]) };
    const started = performance.now();
    if (this.kind === 'native') await session.run(feeds, { C: tensor(c, [m, n]) });
    // The WebAssembly build leaves preallocated outputs untouched: its results live in its own memory.
    else c.set((await session.run(feeds))['C']?.data as Doubles);
    this.elapsedMs += performance.now() - started;
    this.operations += 2 * m * n * k;
  }

  private session(kind: GemmKind, threads: number): Promise<InferenceSession> {
    const key = `${JSON.stringify(kind)} ${threads}`;
    const known = this.sessions.get(key);
    if (known !== undefined) return known;
    const created = this.ort.InferenceSession.create(gemmModel(kind), {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // Every session has threads of its own, which would go on spinning for the next run while another session works:
      // with eight kinds of product that halves the speed of all.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    this.sessions.set(key, created);
    return created;
  }
}
