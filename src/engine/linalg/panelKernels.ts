// Typed wrapper of the elementwise passes in dist/linalg.wasm: panels of matrices are copied in, a stretch at a time that stays
// in a core's cache, and what was made of them is copied out.
import { Arena } from './arena.ts';
import type { GramRoom, GramSizes } from './gramMatrix.ts';
import type { MatrixRoom } from './matrixOperator.ts';
import { transposeInto } from './transpose.ts';

interface Exports {
  histogramHigh(values: number, count: number, bins: number): void;
  histogramLow(values: number, count: number, high: number, bins: number): void;
  widenBase(words: number, count: number): void;
  widenTuned(words: number, count: number): void;
  widenDifference(words: number, count: number): void;
  histogramPacked(words: number, count: number, bins: number, otherBins: number): void;
  countMasks(base: number, tuned: number, reconstruction: number, count: number, ...limits: MaskLimits): void;
  countExponents(base: number, reconstruction: number, count: number, ...limits: ExponentLimits): void;
  countPackedExponents(words: number, reconstruction: number, count: number, ...limits: ExponentLimits): void;
  transpose(
    target: number,
    targetStride: number,
    source: number,
    sourceStride: number,
    rows: number,
    columns: number,
  ): void;
  addRows(sum: number, stride: number, part: number, m: number, n: number): void;
  countPackedMasks(words: number, reconstruction: number, count: number, ...limits: MaskLimits): void;
}

/** What the kernels of the masks take beside the elements: limits, then where they count. */
type MaskLimits = [
  from: number,
  to: number,
  lowBits: number,
  eta: number,
  counts: number,
  energies: number,
  between: number,
];

type ExponentLimits = [from: number, to: number, tables: number];

/** What was counted over a matrix pair. */
export interface MaskTally {
  /** Members of M_princ, M_low, U and of their intersections: P, L, U, PL, PU, LU, PLU. */
  members: Float64Array;
  /** ‖W‖²_F and ‖Δ‖²_F. */
  energies: Float64Array;
  /**
   * Of the elements whose |W⁽ᵏ⁾| lies between the limits, how many there are of each: four tables of `to` − `from`, for
   * elements neither in M_low nor in U, in M_low, in U, and in both.
   */
  between: Uint32Array;
  /** Elements by the exponent of their base: below, between and beyond the limits. */
  exponents: { outside: Float64Array; between: Float64Array; inside: Float64Array };
}

/** Bits of |x| from where on elements are counted apart, and from where on they belong to M_princ; of the largest in M_low. */
export interface MaskRange {
  from: number;
  to: number;
  lowBits: number;
  eta: number;
}

/** Both sides of a panel. */
export type PairPanel = { base: Float32Array; tuned: Float32Array } | { packed: Uint32Array };

/** Elements that are taken at once. */
const stretch = 1 << 15;
/** Two sets of three tables by exponent. */
const exponentCounters = 2 * 3 * 256;
const wideners = { base: 'widenBase', tuned: 'widenTuned', difference: 'widenDifference' } as const;

export class PanelKernels {
  private readonly arena: Arena<Exports>;
  /** Memory that holds a matrix's copies, for passes in place. */
  private readonly rooms: Arena<Exports>;
  /** Memory of finished counts: several matrices may be counted at once, each over many calls. */
  private readonly idle: Arena<Exports>[] = [];
  /** That of Gram matrices under way, which `widen` may fill in place as well. */
  private readonly lent = new Set<Arena<Exports>>();

  /** @param module compiled from `assembly/`. */
  constructor(private readonly module: WebAssembly.Module) {
    this.arena = new Arena(module);
    this.rooms = new Arena(module);
  }

  /** Adds |values| to a histogram of their high 15 bits (32768 bins). */
  histogramHigh(values: Float32Array, bins: Float64Array): void {
    this.histogram(values, bins, (at, count, to) => {
      this.arena.run.histogramHigh(at, count, to);
    });
  }

  /** Adds the |values| of one high bin to a histogram of their low 16 bits (65536 bins). */
  histogramLow(values: Float32Array, high: number, bins: Float64Array): void {
    this.histogram(values, bins, (at, count, to) => {
      this.arena.run.histogramLow(at, count, high, to);
    });
  }

  /** Adds |base| of a packed panel to a histogram of the 15 bits of its bf16 without sign (32768 bins). */
  histogramPacked(words: Uint32Array, bins: Float64Array): void {
    const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
    this.histogram(floats, bins, (at, count, to, other) => {
      this.arena.run.histogramPacked(at, count, to, other);
    });
  }

  /** Counts the panels that `each` adds, of both sides and of W⁽ᵏ⁾ in one length. */
  async countMasks(
    range: MaskRange,
    each: (add: (sides: PairPanel, reconstruction: Float32Array) => void) => Promise<void>,
  ): Promise<MaskTally> {
    const arena = this.idle.pop() ?? new Arena<Exports>(this.module);
    const { from, to, lowBits, eta } = range;
    const bins = 4 * (to - from);
    const side = 4 * stretch;
    const [between, counts, energies, tables, ...room] = arena.reserve([
      4 * bins,
      28,
      16,
      4 * exponentCounters,
      side,
      side,
      side,
    ]);
    const limits: MaskLimits = [from, to, lowBits, eta, counts, energies, between];
    const members = new Float64Array(7);
    const exponents = new Float64Array(exponentCounters);
    arena.words(between, bins).fill(0);
    arena.doubles(energies, 2).fill(0);
    try {
      await each((sides, reconstruction) => {
        arena.words(counts, 7).fill(0);
        arena.words(tables, exponentCounters).fill(0);
        for (let at = 0; at < reconstruction.length; at += stretch) {
          countStretch(arena, sides, reconstruction.subarray(at, at + stretch), at, room, limits, [
            from,
            to,
            tables,
          ]);
        }
        // A panel's counts fit 32 bits, a matrix's may not.
        arena.words(counts, 7).forEach((count, set) => (members[set]! += count));
        arena.words(tables, exponentCounters).forEach((count, bin) => (exponents[bin]! += count));
      });
      const sums = arena.doubles(energies, 2).slice();
      return {
        members,
        energies: sums,
        between: arena.words(between, bins).slice(),
        exponents: byPlace(exponents),
      };
    } finally {
      this.idle.push(arena);
    }
  }

  /** Of a packed pair (`rowSource.ts`) one side, or tuned less base, as float32; `target` may be the words' memory. */
  widen(words: Uint32Array, what: keyof typeof wideners, target: Float32Array): void {
    const home = [this.rooms, ...this.lent].find((memory) => memory.holds(target));
    const memory = home ?? this.arena;
    for (let from = 0; from < words.length; from += stretch) {
      const part = words.subarray(from, from + stretch);
      const at = home ? target.byteOffset + 4 * from : memory.reserve([part.byteLength])[0];
      memory.words(at, part.length).set(part);
      memory.run[wideners[what]](at, part.length);
      if (!home) target.set(memory.floats(at, part.length), from);
    }
  }

  /** Copies of a matrix in memory that `widen` and the room's `transpose` fill in place; valid until the next call. */
  ownRoom(whole: number, transposed: number): MatrixRoom {
    const { rooms } = this;
    const [first, second] = rooms.reserve([4 * whole, 4 * transposed]);
    return {
      whole: whole > 0 ? rooms.floats(first, whole) : null,
      transposed: transposed > 0 ? rooms.floats(second, transposed) : null,
      transpose: (target, source, rows, columns) => {
        const [to, from] = [target.data, source.data];
        if (!rooms.holds(to) || !rooms.holds(from)) transposeInto(target, source, rows, columns);
        else {
          rooms.run.transpose(to.byteOffset, target.stride, from.byteOffset, source.stride, rows, columns);
        }
      },
      openGramRoom: (sizes) => this.gramRoom(sizes),
    };
  }

  /** Room for a Gram matrix, its own until it is finished. */
  gramRoom({ panel, transposed, part, columns }: GramSizes): GramRoom {
    const arena = new Arena<Exports>(this.module);
    this.lent.add(arena);
    // New memory is zero, and with it the sum.
    const [panelAt, transposedAt, partAt, sumAt] = arena.reserve([
      4 * panel,
      4 * transposed,
      4 * part,
      8 * columns * columns,
    ]);
    return {
      panel: arena.floats(panelAt, panel),
      transposed: arena.floats(transposedAt, transposed),
      part: arena.floats(partAt, part),
      transpose: (rows, stride) => {
        arena.run.transpose(transposedAt, stride, panelAt, columns, rows, columns);
      },
      add: (row, column, m, n) => {
        arena.run.addRows(sumAt + 8 * (row * columns + column), columns, partAt, m, n);
      },
      sum: () => arena.doubles(sumAt, columns * columns).slice(),
      // As large as a small model's matrix, and needed once for each side of an embedding: not kept.
      giveBack: () => {
        this.lent.delete(arena);
      },
    };
  }

  private histogram(
    values: Float32Array,
    bins: Float64Array,
    run: (at: number, count: number, to: number, other: number) => void,
  ): void {
    const { arena } = this;
    const [at, to, other] = arena.reserve([4 * stretch, 4 * bins.length, 4 * bins.length]);
    for (const table of [to, other]) arena.words(table, bins.length).fill(0);
    for (let from = 0; from < values.length; from += stretch) {
      const part = values.subarray(from, from + stretch);
      arena.floats(at, part.length).set(part);
      run(at, part.length, to, other);
    }
    for (const table of [to, other])
      arena.words(table, bins.length).forEach((count, bin) => (bins[bin]! += count));
  }
}

function countStretch(
  arena: Arena<Exports>,
  sides: PairPanel,
  reconstruction: Float32Array,
  from: number,
  [r, w, v]: readonly [number, number, number],
  limits: MaskLimits,
  exponents: ExponentLimits,
): void {
  const { length } = reconstruction;
  arena.floats(r, length).set(reconstruction);
  if ('packed' in sides) {
    arena.words(w, length).set(sides.packed.subarray(from, from + length));
    arena.run.countPackedMasks(w, r, length, ...limits);
    arena.run.countPackedExponents(w, r, length, ...exponents);
  } else {
    arena.floats(w, length).set(sides.base.subarray(from, from + length));
    arena.floats(v, length).set(sides.tuned.subarray(from, from + length));
    arena.run.countMasks(w, v, r, length, ...limits);
    arena.run.countExponents(w, r, length, ...exponents);
  }
}

/** The two sets of tables as one. */
function byPlace(counters: Float64Array): MaskTally['exponents'] {
  const half = counters.length / 2;
  const sum = counters.slice(0, half).map((count, bin) => count + counters[half + bin]!);
  return { outside: sum.slice(0, 256), between: sum.slice(256, 512), inside: sum.slice(512) };
}
