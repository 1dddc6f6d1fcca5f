// Gate II of one matrix pair: how far the update turned the leading singular subspaces, moved the spectrum, and where
// it sits relative to the principal weights. Definitions: src/shared/report/metrics.ts; sources: arXiv 2511.08567 (the gates),
// Björck & Golub 1973 and Stewart & Sun (angles, Wedin, Mirsky).
import type { EnergyMetrics, GeometryMetrics } from '../../shared/report/metrics.ts';
import { block, type Block } from '../linalg/block.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';
import type { MatrixLayout } from '../linalg/layout.ts';
import type { LinalgKernels } from '../linalg/linalgKernels.ts';
import { keepTriplets, restore, restoreTriplets, worthKeeping, type Kept } from '../linalg/keptTriplets.ts';
import {
  leadingTriplets,
  singularValues,
  tripletsOf,
  wholeSpectrum,
  type TripletOptions,
  type Triplets,
} from '../linalg/leadingTriplets.ts';
import { MatrixOperator } from '../linalg/matrixOperator.ts';
import { principalAnglesDeg } from '../linalg/principalAngles.ts';
import { spectralNorm } from '../linalg/spectralNorm.ts';
import type { MatrixRoom, Workspace } from '../linalg/workspace.ts';
import { angleErrorDeg, driftError } from './geometryError.ts';
import { measureLowRank, type LowRankUpdate, type MeasuredUpdate } from './lowRankUpdate.ts';
import { countMasks } from './countMasks.ts';
import type { PrincipalFactors } from './maskedMatrix.ts';
import { maskMetrics } from './masks.ts';
import {
  drawNull,
  driftUnderNull,
  noNull,
  rotationsUnderNull,
  spectrumOf,
  type NullDraws,
} from './nullGeometry.ts';
import type { PairStorage } from './sizeMatched.ts';
import { publishedProfile, type PublishedMatrix, type PublishedOptions } from './publishedProfile.ts';
import { areEqual, sourcesOfSides, type MatrixSides, type SideSources } from './matrixSides.ts';

/** A matrix of both sides; its memory is used up. */
export type MatrixPair = MatrixSides & {
  /** How it is treated. */
  layout: MatrixLayout;
  /** How both sides are stored; null where no size-matched null is known for it. */
  storage: PairStorage | null;
  /** Δ as a product, where the tuned side came about so: its size and place then follow from the factors. */
  update?: LowRankUpdate;
};

export interface GeometryOptions extends Pick<PublishedOptions, 'profile' | 'angleCurve'> {
  alpha: number;
  eta: number;
  seed: number;
  residualTolerance: number;
  /** All singular values of large matrices, too. */
  fullSpectrum: boolean;
}

/** For one matrix at a time. */
export interface GeometryEngine extends LinalgKernels {
  gemm: Gemm;
  workspace: Workspace;
  /** Gives back memory that nothing refers to any longer: called between the stages of a large matrix. */
  collect: () => void;
}

/** One decomposed matrix and the energies its shares refer to. */
export interface MeasuredMatrix {
  metrics: GeometryMetrics;
  elements: number;
  /** ‖Δ‖²_F and ‖W‖²_F. */
  deltaEnergy: number;
  baseEnergy: number;
  /** Rotation and drift under the size-matched null; or why there is none. */
  draws: NullDraws | string;
  /** What the profile asked for beyond them; null where it did not. */
  published: PublishedMatrix | null;
}

/** Remembers the base's decomposition between runs. */
export interface BaseMemory {
  recall(): Promise<Kept | null>;
  remember(kept: Kept): Promise<void>;
}

/**
 * All of Gate II for one m × n pair with min(m, n) ≥ 2 and finite elements only; null when both sides are equal.
 * Uses up the pair's memory.
 */
export async function analyzeMatrix(
  pair: MatrixPair,
  options: GeometryOptions,
  engine: GeometryEngine,
  memory: BaseMemory | null = null,
): Promise<MeasuredMatrix | null> {
  const { gemm, dense } = engine;
  const { layout } = pair;
  const { rows, columns, rank } = layout;
  if (areEqual(pair)) return null;
  const sources = sourcesOfSides(engine.widener, pair, layout);
  const room = engine.workspace.room(layout);
  const base = new MatrixOperator(gemm, sources.base, layout, room);
  const tuned = new MatrixOperator(gemm, sources.tuned, layout, room);
  const search = { seed: options.seed, tolerance: options.residualTolerance };
  const before = await baseTriplets(base, search, memory, engine);
  base.release();
  const collect = (): void => {
    if (layout.isLarge) engine.collect();
  };
  collect();
  const after = await leadingTriplets(tuned, gemm, dense, { ...search, start: before.basis });
  tuned.release();
  collect();
  const [left, right] = sides(base, before);
  const [leftCurve, rightCurve] = await rotations([left, right], sides(tuned, after), engine);
  // Of an embedding, these are as large as a small model.
  after.large = block(0, 0);
  after.small = after.large;
  collect();
  const full = await fullDrift(base, tuned, before, after, options, dense);
  const masks = await countMasks(engine, {
    ...sources,
    rows,
    columns,
    ...principalFactors(left, right, before.sigma),
    alpha: options.alpha,
    eta: options.eta,
    storage: pair.storage,
    scratch: room.transposed,
  });
  collect();
  const { counts, baseEnergy, deltaEnergy } = masks;
  const { sigma } = before;
  const decomposed = { sources, layout, room, left, right, sigma, counts };
  const published = await publishedProfile(decomposed, options, engine);
  const delta = await measureUpdate(pair, sources, left, right, deltaEnergy, options.seed, engine, room);
  const spectrum = spectrumOf(before, rows, columns, baseEnergy);
  const draws = drawNull(spectrum, delta.energy, options.seed, dense);
  const gap = before.next === null ? null : Math.max(0, before.sigma[rank - 1]! - before.next);
  const metrics: GeometryMetrics = {
    rows,
    columns,
    matrices: 1,
    shown: 0,
    rank,
    sigmaBase: [...before.sigma],
    sigmaTuned: [...after.sigma],
    spectralDriftTopK: relativeDistance(before.sigma, after.sigma),
    spectralDriftTopKError: driftError(before, after),
    spectralDriftFull: full,
    spectralDriftBound: baseEnergy > 0 ? Math.sqrt(deltaEnergy / baseEnergy) : null,
    rotationLeftCurveDeg: [...leftCurve],
    rotationLeftMeanDeg: mean(leftCurve),
    rotationLeftMaxDeg: leftCurve[rank - 1]!,
    rotationRightCurveDeg: [...rightCurve],
    rotationRightMeanDeg: mean(rightCurve),
    rotationRightMaxDeg: rightCurve[rank - 1]!,
    rotationErrorDeg: Math.min(90, angleErrorDeg(before) + angleErrorDeg(after)),
    gap,
    wedinBound: gap === null || gap <= delta.norm ? 1 : delta.norm / gap,
    ...maskMetrics(counts),
    ...delta.shares,
    ...(typeof draws === 'string'
      ? noNull(draws)
      : rotationsUnderNull(draws, driftUnderNull(draws, before.sigma))),
    deltaSpectralNorm: delta.norm,
    deltaStableRank: delta.norm > 0 ? delta.energy / delta.norm ** 2 : null,
    residual: Math.max(before.residual, after.residual),
    passes: base.columnPasses + tuned.columnPasses + delta.passes,
  };
  return { metrics, elements: rows * columns, deltaEnergy, baseEnergy, draws, published };
}

/** The triplets of the base, from an earlier run where it has them. */
async function baseTriplets(
  operator: MatrixOperator,
  search: Omit<TripletOptions, 'start'>,
  memory: BaseMemory | null,
  engine: GeometryEngine,
): Promise<Triplets> {
  const known = (await memory?.recall()) ?? null;
  const recalled = known && (await restore(known, operator, engine, search.seed));
  if (recalled !== null) return recalled;
  const { gemm, dense } = engine;
  if (operator.layout.triplets === 'whole') {
    const spectrum = await wholeSpectrum(operator, dense);
    if (operator.small >= worthKeeping) await memory?.remember({ spectrum });
    return tripletsOf(spectrum, operator, gemm, dense, search.seed);
  }
  const found = await leadingTriplets(operator, gemm, dense, { ...search, start: null });
  if (found.basis === null) return found;
  const triplets = keepTriplets(found, found.basis);
  await memory?.remember({ triplets });
  return restoreTriplets(triplets);
}

/** The factors of W⁽ᵏ⁾ = U_k Σ_k V_kᵀ of one matrix with finite elements only, from W alone. */
export async function decomposeBase(
  base: Float32Array,
  layout: MatrixLayout,
  options: Pick<GeometryOptions, 'seed' | 'residualTolerance'>,
  { gemm, dense, workspace }: Pick<GeometryEngine, 'gemm' | 'dense' | 'workspace'>,
): Promise<PrincipalFactors> {
  const operator = new MatrixOperator(gemm, base, layout, workspace.room(layout));
  const search = { seed: options.seed, tolerance: options.residualTolerance, start: null };
  const triplets = await leadingTriplets(operator, gemm, dense, search);
  return principalFactors(...sides(operator, triplets), triplets.sigma);
}

function principalFactors(left: Block, right: Block, sigma: Float64Array): PrincipalFactors {
  return { rank: left.columns, leftScaled: scaled(left, sigma), right: new Float32Array(right.data) };
}

/** Principal angles of the left and of the right singular subspaces, degrees. */
async function rotations(
  [left, right]: [Block, Block],
  [leftTuned, rightTuned]: [Block, Block],
  { gemm, dense }: GeometryEngine,
): Promise<[Float64Array, Float64Array]> {
  const onLeft = await principalAnglesDeg(gemm, dense, left, leftTuned);
  return [onLeft, await principalAnglesDeg(gemm, dense, right, rightTuned)];
}

/** Left (rows × k) and right (columns × k) singular vectors. */
function sides(operator: MatrixOperator, { large, small }: Triplets): [Block, Block] {
  return operator.tall ? [large, small] : [small, large];
}

async function fullDrift(
  base: MatrixOperator,
  tuned: MatrixOperator,
  before: Triplets,
  after: Triplets,
  options: GeometryOptions,
  dense: DenseKernels,
): Promise<number | null> {
  if (before.all !== null && after.all !== null) return relativeDistance(before.all, after.all);
  if (!options.fullSpectrum && options.profile !== 'published') return null;
  const spectrum = async (operator: MatrixOperator): Promise<Float64Array> =>
    singularValues(dense.symmetricEigenvalues(await operator.gram64(), operator.small));
  return relativeDistance(await spectrum(base), await spectrum(tuned));
}

/** Of Δ alone: by its factors where it is a low-rank product, else by its elements, for which the sides are used up. */
async function measureUpdate(
  { layout, update }: MatrixPair,
  sources: SideSources,
  left: Block,
  right: Block,
  energy: number,
  seed: number,
  { gemm, dense }: GeometryEngine,
  room: MatrixRoom,
): Promise<MeasuredUpdate & { passes: number }> {
  if (update !== undefined && update.rank < Math.min(layout.rows, layout.columns)) {
    return { ...(await measureLowRank(gemm, dense, update, left, right)), passes: 0 };
  }
  const operator = new MatrixOperator(gemm, sources.takeDifference(), layout, room);
  const norm = await spectralNorm(operator, gemm, dense, seed);
  const shares = await updateEnergies(operator, gemm, left, right, energy);
  return { energy, norm, shares, passes: operator.columnPasses };
}

/** ‖UᵀΔV‖², ‖UᵀΔ‖² and ‖ΔV‖² over ‖Δ‖²_F, each beside its isotropic expectation. */
async function updateEnergies(
  delta: MatrixOperator,
  gemm: Gemm,
  left: Block,
  right: Block,
  energy: number,
): Promise<EnergyMetrics> {
  const [m, n, k] = [left.rows, right.rows, left.columns];
  const u = new Float32Array(left.data);
  const onRight = await delta.times(new Float32Array(right.data), k);
  const onLeft = await delta.transposedTimes(u, k);
  const onBoth = await gemm.multiply32({ m: k, n: k, k: m, transA: true }, u, onRight);
  const share = (part: Float32Array): number | null => (energy > 0 ? sumSquares(part) / energy : null);
  return {
    principalEnergy: share(onBoth),
    principalEnergyExpected: (k * k) / (m * n),
    leftEnergy: share(onLeft),
    leftEnergyExpected: k / m,
    rightEnergy: share(onRight),
    rightEnergyExpected: k / n,
    spectralEnergyRatio: energy > 0 ? (diagonalSquares(onBoth, k) * m * n) / (k * energy) : null,
  };
}

function scaled({ rows, columns, data }: Block, factors: Float64Array): Float32Array {
  const result = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[i * columns + j] = data[i * columns + j]! * factors[j]!;
  }
  return result;
}

/** ‖y − x‖/‖x‖; null for x = 0. */
function relativeDistance(x: Float64Array, y: Float64Array): number | null {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < x.length; i++) {
    difference += (y[i]! - x[i]!) ** 2;
    size += x[i]! ** 2;
  }
  return size > 0 ? Math.sqrt(difference / size) : null;
}

function sumSquares(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

/** Σ of the squares on the diagonal of a k × k matrix. */
function diagonalSquares(values: Float32Array, k: number): number {
  let sum = 0;
  for (let i = 0; i < k; i++) sum += values[i * (k + 1)]! ** 2;
  return sum;
}

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
