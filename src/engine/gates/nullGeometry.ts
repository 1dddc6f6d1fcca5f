// Rotation and spectral drift of a random update of the size that was measured: independent N(0, s²) entries, s = ‖Δ‖_F/√mn
// (metric definitions, "The size-matched null"). To first order in s:
//   tangents of the principal angles = singular values of the k × (m−k) matrix of independent entries with variance
//     v_ij = s²(σ_i²+σ_j²)/(σ_i²−σ_j²)²,  i ≤ k < j; σ_j = 0 for directions outside the row (column) space
//   σ̂_i − σ_i = N(0, s²) + s²·[Σ_{j>k} σ_i/(σ_i²−σ_j²) + |m−n|/(2σ_i)]   (second order: small values are pushed up)
// The gap σ_k − σ_{k+1} itself moves by as much as s: where it closes, the two directions change places, and one angle is 90°.
// The k × k Gram matrix of that matrix is drawn, not the matrix: the columns nearest to the gap one by one, the many others by
// the mean and the covariance of their sum, which is nearly normal. Beyond first order an angle grows less than its tangent
// says: asinh, between the tangent itself and its arc, follows Monte Carlo within 10 % up to s(√m+√n) = σ_k.
import type { NullGeometry, NullRange } from '../../shared/report/metrics.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Triplets } from '../linalg/leadingTriplets.ts';
import { NormalGenerator } from '../linalg/random.ts';

/** Draws of the null of one matrix; what pools, pools draw by draw. */
export interface NullDraws {
  /** Mean principal angle of the left and of the right leading subspaces, degrees. */
  leftDeg: Float64Array;
  rightDeg: Float64Array;
  /** ‖σ̂ − σ‖² over the k leading. */
  driftSquares: Float64Array;
}

/** Singular values of the base: the k leading ones, and groups of those that follow with how many there are. */
export interface Spectrum {
  rows: number;
  columns: number;
  leading: Float64Array;
  rest: { square: number; count: number }[];
}

export const drawCount = 16;
/** 95 % of Student's t with 15 degrees of freedom, for a 17th draw. */
const spread = 1.753 * Math.sqrt(1 + 1 / drawCount);
/** Columns next to the gap that are drawn one by one; all of them up to `allColumns`. */
const nearColumns = 24;
const allColumns = 256;
const mostGroups = 64;

/** From what the search of the base found: all singular values, or Ritz values beyond the k leading and the energy left. */
export function spectrumOf(
  { sigma, all, ritz }: Triplets,
  rows: number,
  columns: number,
  energy: number,
): Spectrum {
  const known = all ?? ritz.map((value) => Math.sqrt(Math.max(0, value)));
  const rest = Array.from(known.subarray(sigma.length), (value) => ({ square: value * value, count: 1 }));
  const unknown = Math.min(rows, columns) - known.length;
  if (unknown > 0) {
    const found = known.reduce((sum, value) => sum + value * value, 0);
    const limit = known[known.length - 1]! ** 2;
    rest.push({ square: Math.min(limit, Math.max(0, energy - found) / unknown), count: unknown });
  }
  return { rows, columns, leading: sigma, rest };
}

/** Draws, or why there is no null: an update too large for perturbation theory, or a base whose rank is below k. */
export function drawNull(
  spectrum: Spectrum,
  deltaEnergy: number,
  seed: number,
  dense: DenseKernels,
): NullDraws | string {
  const { rows, columns, leading, rest } = spectrum;
  const last = leading[leading.length - 1]!;
  if (!(last > 0))
    return 'The base has fewer independent directions than the subspace: nothing to turn from.';
  const s = Math.sqrt(deltaEnergy / (rows * columns));
  if (s * (Math.sqrt(rows) + Math.sqrt(columns)) > (1 + 1e-9) * last) {
    return 'The update is too large beside the k-th singular value for the theory of random updates.';
  }
  const random = new NormalGenerator(seed ^ Math.floor((leading[0]! % 1) * 2 ** 31));
  const left = new SideNull(leading, grouped(rest, rows - Math.min(rows, columns)), s);
  const right = new SideNull(leading, grouped(rest, columns - Math.min(rows, columns)), s);
  const shift = shifts(spectrum, s);
  const draws: NullDraws = {
    leftDeg: new Float64Array(drawCount),
    rightDeg: new Float64Array(drawCount),
    driftSquares: new Float64Array(drawCount),
  };
  for (let draw = 0; draw < drawCount; draw++) {
    const moved = leading.map(() => s * random.normal());
    const gapMoved = moved[moved.length - 1]! - s * random.normal();
    draws.leftDeg[draw] = left.meanAngleDeg(gapMoved, random, dense);
    draws.rightDeg[draw] = right.meanAngleDeg(gapMoved, random, dense);
    draws.driftSquares[draw] = moved.reduce((sum, value, i) => sum + (shift[i]! + value) ** 2, 0);
  }
  return draws;
}

/** Mean and 5–95 % range. */
export function rangeOf(draws: Float64Array): NullRange {
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws.length - 1);
  const reach = spread * Math.sqrt(variance);
  return { mean, low: Math.max(0, mean - reach), high: mean + reach };
}

/** What is said of a matrix, or of a stack of them, without a null. */
export function noNull(nullReason: string | null): NullGeometry {
  return {
    rotationLeftMeanExpectedDeg: null,
    rotationRightMeanExpectedDeg: null,
    rotationMeanExpectedDeg: null,
    spectralDriftTopKExpected: null,
    nullReason,
  };
}

/** ‖σ̂ − σ‖/‖σ‖ over the k leading singular values of the base. */
export function driftUnderNull({ driftSquares }: NullDraws, sigma: Float64Array): NullRange {
  const size = Math.hypot(...sigma);
  return rangeOf(driftSquares.map((square) => Math.sqrt(square) / size));
}

export function rotationsUnderNull(
  { leftDeg, rightDeg }: Pick<NullDraws, 'leftDeg' | 'rightDeg'>,
  spectralDriftTopKExpected: NullRange | null,
): NullGeometry {
  return {
    rotationLeftMeanExpectedDeg: rangeOf(leftDeg),
    rotationRightMeanExpectedDeg: rangeOf(rightDeg),
    rotationMeanExpectedDeg: rangeOf(leftDeg.map((angle, draw) => (angle + rightDeg[draw]!) / 2)),
    spectralDriftTopKExpected,
    nullReason: null,
  };
}

type Group = Spectrum['rest'][number];

/** Directions outside the other side's space have σ = 0. Far from the gap, neighbours are as good as one. */
function grouped(rest: readonly Group[], outside: number): Group[] {
  const near = rest.slice(0, nearColumns);
  const far = rest.slice(nearColumns);
  const size = Math.ceil(far.length / mostGroups);
  const groups = [...near];
  for (let from = 0; from < far.length; from += size) {
    const some = far.slice(from, from + size);
    const count = some.reduce((sum, group) => sum + group.count, 0);
    groups.push({ square: some.reduce((sum, group) => sum + group.square * group.count, 0) / count, count });
  }
  return outside > 0 ? [...groups, { square: 0, count: outside }] : groups;
}

/** How far each leading value is pushed up by those that follow: second order in s. */
function shifts({ rows, columns, leading, rest }: Spectrum, s: number): Float64Array {
  const outside = Math.abs(rows - columns);
  return leading.map((sigma) => {
    const square = sigma * sigma;
    let sum = outside / (2 * sigma);
    for (const group of rest) {
      const apart = square - group.square;
      // Values that lie closer than s do not repel any further than that.
      sum += (group.count * sigma * apart) / (apart * apart + (2 * s * sigma) ** 2);
    }
    return s * s * sum;
  });
}

/** One side's random matrix. */
class SideNull {
  private readonly rank: number;
  /** σ_k − σ_{k+1}. */
  private readonly gap: number;
  /** Deviations of the columns drawn one by one, column after column. */
  private readonly near: Float64Array;
  /** Of the sum over all others: its mean on the diagonal, and the deviations of its entries (k × k). */
  private readonly mean: Float64Array;
  private readonly deviation: Float64Array | null;

  constructor(leading: Float64Array, groups: readonly Group[], s: number) {
    const k = leading.length;
    this.rank = k;
    this.gap = leading[k - 1]! - Math.sqrt(groups[0]?.square ?? 0);
    const variance = (square: number): Float64Array =>
      leading.map((sigma) => {
        const apart = Math.max(sigma * sigma - square, 1e-12 * sigma * sigma);
        return (s * s * (sigma * sigma + square)) / (apart * apart);
      });
    const total = groups.reduce((sum, { count }) => sum + count, 0);
    const single = groups.flatMap(({ square, count }) =>
      count === 1 || total <= allColumns ? Array<number>(count).fill(square) : [],
    );
    const near = total <= allColumns ? single : single.slice(0, nearColumns);
    this.near = new Float64Array(near.length * k);
    near.forEach((square, column) => {
      this.near.set(
        variance(square).map((value) => Math.sqrt(value)),
        column * k,
      );
    });
    this.mean = new Float64Array(k);
    const far = total <= allColumns ? [] : without(groups, near.length);
    const covariance = new Float64Array(k * k);
    for (const { square, count } of far) {
      const v = variance(square);
      for (let i = 0; i < k; i++) {
        this.mean[i]! += count * v[i]!;
        const scaled = count * v[i]!;
        for (let l = 0; l <= i; l++) covariance[i * k + l]! += scaled * v[l]!;
      }
    }
    this.deviation = far.length === 0 ? null : covariance.map((value) => Math.sqrt(value));
  }

  /** Mean principal angle of one draw, in which the gap grew by `gapMoved`. */
  meanAngleDeg(gapMoved: number, random: NormalGenerator, dense: DenseKernels): number {
    const { rank: k, near, mean, deviation, gap } = this;
    const wider = gap > 0 ? Math.max(1e-3, (gap + gapMoved) / gap) : 1;
    // Its lower triangle.
    const gram = new Float64Array(k * k);
    const column = new Float64Array(k);
    let signs = 0;
    for (let at = 0; at < near.length; at += k) {
      for (let i = 0; i < k; i++) column[i] = near[at + i]! * random.normal();
      if (at === 0) column[k - 1]! /= wider;
      for (let i = 0; i < k; i++) {
        const value = column[i]!;
        for (let l = 0, to = i * k; l <= i; l++, to++) gram[to]! += value * column[l]!;
      }
    }
    for (let i = 0; i < k; i++) {
      if (deviation !== null) {
        for (let l = 0; l < i; l++) {
          // Many small entries: the spectrum knows their variance alone, so a sign does for a normal number.
          if (l % 32 === 0) signs = Math.floor(random.uniform() * 2 ** 32);
          const moved = deviation[i * k + l]!;
          gram[i * k + l]! += (signs & 1) === 0 ? moved : -moved;
          signs >>>= 1;
        }
        gram[i * k + i]! += mean[i]! + Math.SQRT2 * deviation[i * k + i]! * random.normal();
      }
    }
    let sum = 0;
    for (const value of dense.symmetricEigenvalues(gram, k)) {
      sum += Math.min(Math.PI / 2, Math.asinh(Math.sqrt(Math.max(0, value))));
    }
    return ((sum / k) * 180) / Math.PI;
  }
}

/** The groups without their first `count` members. */
function without(groups: readonly Group[], count: number): Group[] {
  let left = count;
  return groups.flatMap((group) => {
    const taken = Math.min(left, group.count);
    left -= taken;
    return group.count > taken ? [{ ...group, count: group.count - taken }] : [];
  });
}
