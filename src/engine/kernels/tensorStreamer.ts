// The streaming pass over one tensor pair: one read of the bytes gives everything that Gates I and III need,
// and, on request, both sides as float32 for the decomposition. Implemented in src/node over worker threads.
import type { UlpHistogram } from '../../shared/report/metrics.ts';
import type { TensorPair } from '../checkpoint/checkpoint.ts';
import type { Rectangle } from './chunkPlan.ts';
import type { StoredGaps } from './storedGaps.ts';
import type { RoundingCounts } from './roundingWatch.ts';

export interface StreamOptions {
  /** η of the bf16 view. */
  eta: number;
  /** Also return both sides as float32 (row-major, `shape`); null when not wanted. */
  wantMatrices: boolean;
  /** Where both sides are bf16 (`isBf16Pair`), return them packed instead: half the memory. */
  packBf16?: boolean;
}

/** Sums and counts over one tensor. Exact counts; sums in float64, added slab by slab in file order. */
export interface StreamTotals {
  compared: number;
  nonFinite: number;
  changedBf16: number;
  rawChanged: number;
  hidden: number;
  unchangedAbs1e5: number;
  ulpHistogram: UlpHistogram;
  /** Every byte of both sides equal (after dequantising none is needed to know). */
  identical: boolean;
  /** Elements that are NaN or infinite (in the bf16 view) on this side; `nonFinite` counts those of either. */
  nonFiniteBase: number;
  nonFiniteTuned: number;
  rounding: RoundingCounts;
  /** Null where the sides differ in dtype, and where one is not stored element by element. */
  stored: StoredGaps | null;
  sumSquaresBase: number;
  sumSquaresDelta: number;
  maxAbsDelta: number;
  /** Whether every base element is a bf16, however it is stored. */
  baseOnGrid: boolean;
  /** Base elements by biased exponent of their bf16 view, 256 bins. */
  baseExponents: Float64Array;
  /** What its null asks of each matrix of a stack, in their order; null where the tensor is no stack. */
  matrices: Pick<StreamTotals, 'baseExponents' | 'sumSquaresDelta'>[] | null;
  /**
   * |Δ| by the top 15 bits below the sign of its float32 (8 exponent + 7 mantissa bits): count and energy per bin.
   * Null when Δ = 0. Mergeable across tensors.
   */
  deltaCounts: Float64Array | null;
  deltaEnergies: Float64Array | null;
  /** Changed elements per row and per column; null unless the tensor has two or more dimensions (rows = product of the leading ones). */
  rowChanged: Float64Array | null;
  columnChanged: Float64Array | null;
}

export interface StreamResult {
  totals: StreamTotals;
  base: Float32Array | null;
  tuned: Float32Array | null;
  /** Both sides of a bf16 pair, where asked for: an element's base bits in the lower half of its word, tuned in the upper. */
  packed: Uint32Array | null;
}

/** A tuned side that is not stored: Ŵ = W + Δ in float32, its rows then scaled to given norms, or replaced, where there are any. */
export interface Update {
  /** Δ over a rectangle, row-major. */
  delta(area: Rectangle): Promise<Float32Array>;
  /** One per row; null to leave the rows as they are. */
  rowNorms: Float32Array | null;
  /** Rows that are not W + Δ but given, by their number; null where there are none. */
  rows?: ReadonlyMap<number, Float32Array> | null;
}

export interface TensorStreamer {
  /** With `update`, nothing is read for the tuned side. */
  stream(
    pair: TensorPair,
    options: StreamOptions,
    signal: AbortSignal,
    update?: Update,
  ): Promise<StreamResult>;
  /** Bytes read so far, for progress. */
  readonly bytesRead: number;
  close(): Promise<void>;
}
