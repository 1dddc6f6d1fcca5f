// The joint counts of Gate II's masks over a matrix pair and its reconstruction: panels are copied in, a stretch at a time that
// stays in a core's cache, packed ones widened there.
import { Arena } from './arena.ts';
import type { PackedWords } from './widener.ts';

interface Exports {
  widenBase(words: number, count: number): void;
  widenTuned(words: number, count: number): void;
  countMasks(base: number, tuned: number, reconstruction: number, count: number, ...limits: MaskLimits): void;
  countExponents(base: number, reconstruction: number, count: number, ...limits: ExponentLimits): void;
}

/** What the kernels take beside the elements: limits, then where they count. */
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
export type PairPanel = { base: Float32Array; tuned: Float32Array } | { packed: PackedWords };

/** Elements that are taken at once. */
const stretch = 1 << 15;
/** Two sets of three tables by exponent. */
const exponentCounters = 2 * 3 * 256;

export class MaskCounter {
  /** Memory of finished counts: several matrices may be counted at once, each over many calls. */
  private readonly idle: Arena<Exports>[] = [];

  /** @param module compiled from `assembly/`. */
  constructor(private readonly module: WebAssembly.Module) {}

  /** Counts the panels that `each` adds, of both sides and of W⁽ᵏ⁾ in one length. */
  async count(
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
          const { length } = copyIn(arena, sides, reconstruction.subarray(at, at + stretch), at, room);
          const [r, w, v] = room;
          arena.run.countMasks(w, v, r, length, ...limits);
          arena.run.countExponents(w, r, length, from, to, tables);
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
}

/** A stretch of W⁽ᵏ⁾, of the base and of the tuned side, as float32. */
function copyIn(
  arena: Arena<Exports>,
  sides: PairPanel,
  reconstruction: Float32Array,
  from: number,
  [r, w, v]: readonly [number, number, number],
): Float32Array {
  const { length } = reconstruction;
  arena.floats(r, length).set(reconstruction);
  if ('packed' in sides) {
    const words = sides.packed.subarray(from, from + length);
    for (const at of [w, v]) arena.words(at, length).set(words);
    arena.run.widenBase(w, length);
    arena.run.widenTuned(v, length);
  } else {
    arena.floats(w, length).set(sides.base.subarray(from, from + length));
    arena.floats(v, length).set(sides.tuned.subarray(from, from + length));
  }
  return reconstruction;
}

/** The two sets of tables as one. */
function byPlace(counters: Float64Array): MaskTally['exponents'] {
  const half = counters.length / 2;
  const sum = counters.slice(0, half).map((count, bin) => count + counters[half + bin]!);
  return { outside: sum.slice(0, 256), between: sum.slice(256, 512), inside: sum.slice(512) };
}
