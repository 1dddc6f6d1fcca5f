// A Gemm that remembers which products it was asked for, so that the same ones can be timed alone afterwards.
import type { Gemm, GemmShape } from '../../src/engine/linalg/gemm.ts';

interface Product {
  shape: GemmShape;
  bits: 32 | 64;
  adds: boolean;
  calls: number;
}

const repeats = 3;

export class ShapeLog implements Gemm {
  private readonly products = new Map<string, Product>();

  constructor(private readonly inner: Gemm) {}

  get kind(): Gemm['kind'] {
    return this.inner.kind;
  }

  get library(): string {
    return this.inner.library;
  }

  get elapsedMs(): number {
    return this.inner.elapsedMs;
  }

  get operations(): number {
    return this.inner.operations;
  }

  multiply32(
    shape: GemmShape,
    a: Float32Array,
    b: Float32Array,
    out?: Float32Array,
    plus?: Float32Array,
  ): Promise<Float32Array> {
    this.note(shape, 32, plus !== undefined);
    return this.inner.multiply32(shape, a, b, out, plus);
  }

  multiply64(
    shape: GemmShape,
    a: Float64Array,
    b: Float64Array,
    out?: Float64Array,
    plus?: Float64Array,
  ): Promise<Float64Array> {
    this.note(shape, 64, plus !== undefined);
    return this.inner.multiply64(shape, a, b, out, plus);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  /** Milliseconds that all the noted products take when nothing else is done: best of three each, times its calls. */
  async aloneMs(): Promise<number> {
    let total = 0;
    for (const { shape, bits, adds, calls } of this.products.values()) {
      let best = Infinity;
      const once = this.operands(shape, bits, adds);
      for (let i = 0; i < repeats; i++) {
        const before = this.inner.elapsedMs;
        await once();
        best = Math.min(best, this.inner.elapsedMs - before);
      }
      total += best * calls;
    }
    return total;
  }

  private operands(shape: GemmShape, bits: 32 | 64, adds: boolean): () => Promise<unknown> {
    const { m, n, k } = shape;
    if (bits === 32) {
      const [a, b, c] = [new Float32Array(m * k), new Float32Array(k * n), new Float32Array(m * n)];
      const plus = adds ? new Float32Array(m * n) : undefined;
      return () => this.inner.multiply32(shape, a.fill(0.5), b.fill(0.25), c, plus);
    }
    const [a, b, c] = [new Float64Array(m * k), new Float64Array(k * n), new Float64Array(m * n)];
    const plus = adds ? new Float64Array(m * n) : undefined;
    return () => this.inner.multiply64(shape, a.fill(0.5), b.fill(0.25), c, plus);
  }

  private note(shape: GemmShape, bits: 32 | 64, adds: boolean): void {
    const key = `${bits} ${adds} ${JSON.stringify(shape)}`;
    const known = this.products.get(key) ?? { shape, bits, adds, calls: 0 };
    this.products.set(key, { ...known, calls: known.calls + 1 });
  }
}
