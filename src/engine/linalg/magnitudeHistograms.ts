// Histograms of |x| by its bits: panels are copied in, a stretch at a time, and what was counted is added to the caller's bins.
import { Arena } from './arena.ts';

interface Exports {
  histogramHigh(values: number, count: number, bins: number): void;
  histogramLow(values: number, count: number, high: number, bins: number): void;
}

/** Elements that are taken at once. */
const stretch = 1 << 15;

export class MagnitudeHistograms {
  private readonly arena: Arena<Exports>;

  /** @param module compiled from `assembly/`. */
  constructor(module: WebAssembly.Module) {
    this.arena = new Arena(module);
  }

  /** Adds |values| to a histogram of their high 15 bits (32768 bins). */
  high(values: Float32Array, bins: Float64Array): void {
    this.count(values, bins, (at, count, to) => {
      this.arena.run.histogramHigh(at, count, to);
    });
  }

  /** Adds the |values| of one high bin to a histogram of their low 16 bits (65536 bins). */
  low(values: Float32Array, high: number, bins: Float64Array): void {
    this.count(values, bins, (at, count, to) => {
      this.arena.run.histogramLow(at, count, high, to);
    });
  }

  private count(
    values: Float32Array,
    bins: Float64Array,
    run: (at: number, count: number, to: number) => void,
  ): void {
    const { arena } = this;
    const [at, to] = arena.reserve([4 * stretch, 4 * bins.length]);
    const table = arena.words(to, bins.length).fill(0);
    for (let from = 0; from < values.length; from += stretch) {
      const part = values.subarray(from, from + stretch);
      arena.floats(at, part.length).set(part);
      run(at, part.length, to);
    }
    table.forEach((count, bin) => (bins[bin]! += count));
  }
}
