// What the published comparisons measure of a matrix beyond Gate II's own numbers, computed as their sources do: the masks at
// rank 64 and α = 0.3 (arXiv 2606.07082, Fig. 3), and the principal angles over 512 leading directions of one matrix (§ 3.2
// there). Asked for by a profile, as each takes a decomposition or a pass of its own. Its pool: `analysis/publishedPool.ts`.
import type { MaskCounts } from '../../shared/report/metrics.ts';
import type { AnalysisProfile } from '../../shared/report/publishedStatistics.ts';
import { block, columnsOf, keepColumns, transposeOf, type Block } from '../linalg/block.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { layoutOf, type MatrixLayout } from '../linalg/layout.ts';
import { leadingTriplets, type Triplets } from '../linalg/leadingTriplets.ts';
import type { LinalgKernels } from '../linalg/linalgKernels.ts';
import { MatrixOperator } from '../linalg/matrixOperator.ts';
import { principalAnglesDeg } from '../linalg/principalAngles.ts';
import { singularPairs } from '../linalg/singularPairs.ts';
import type { MatrixRoom } from '../linalg/workspace.ts';
import { countMasks } from './countMasks.ts';
import type { PrincipalFactors } from './maskedMatrix.ts';
import type { SideSources } from './matrixSides.ts';

/** Of the published masks. */
export const publishedMask = { rank: 64, alpha: 0.3, eta: 1e-3 } as const;
/** Directions of the published angle curve, and the share of all that a smaller matrix has. */
const curve = { rank: 512, share: 0.5 } as const;
/** Larger ones would need a Gram matrix beyond what the kernels hold. */
export const curveLimit = 8192;

export interface PublishedOptions {
  profile: AnalysisProfile;
  /** Whether this is the matrix whose angle curve is shown. */
  angleCurve?: boolean;
  eta: number;
  alpha: number;
  seed: number;
  residualTolerance: number;
}

/** What the profile adds to one matrix's numbers. */
export interface PublishedMatrix {
  masks: MaskCounts;
  /** Ascending, degrees; null where it was not asked for or the matrix is too large. */
  curve: { rank: number; leftDeg: number[]; rightDeg: number[] } | null;
}

/** Both sides as Gate II has read them, and what it found of the base. */
interface DecomposedSides {
  sources: SideSources;
  layout: MatrixLayout;
  room: MatrixRoom;
  /** Singular triplets of the base, as many as Gate II wanted. */
  left: Block;
  right: Block;
  sigma: Float64Array;
  counts: MaskCounts;
}

type Engine = LinalgKernels & { gemm: Gemm };

/** Rank of the published mask of a matrix. */
export function publishedRank(rows: number, columns: number): number {
  return Math.min(publishedMask.rank, rows, columns);
}

/** Whether Gate II's own masks of a matrix are the published ones. */
export function countsPublishedMasks(
  { rank, rows, columns }: { rank: number; rows: number; columns: number },
  { alpha, eta }: Pick<PublishedOptions, 'alpha' | 'eta'>,
): boolean {
  return rank === publishedRank(rows, columns) && alpha === publishedMask.alpha && eta === publishedMask.eta;
}

/** Null unless the profile asks for it. The sides are still whole afterwards. */
export async function publishedProfile(
  sides: DecomposedSides,
  options: PublishedOptions,
  engine: Engine,
): Promise<PublishedMatrix | null> {
  if (options.profile !== 'published') return null;
  const { rows, columns } = sides.layout;
  const own = countsPublishedMasks({ rank: sides.sigma.length, rows, columns }, options);
  return {
    masks: own ? sides.counts : await masksOf(sides, options, engine),
    curve: options.angleCurve === true ? await curveOf(sides, options.seed, engine) : null,
  };
}

async function masksOf(
  sides: DecomposedSides,
  options: PublishedOptions,
  engine: Engine,
): Promise<MaskCounts> {
  const { sources, layout, room } = sides;
  const { rows, columns } = layout;
  const factors = await factorsOf(sides, options, engine);
  const { alpha, eta } = publishedMask;
  // No source compares them with a null.
  const unmatched = { storage: null, scratch: room.transposed };
  const input = { ...sources, rows, columns, ...factors, alpha, eta, ...unmatched };
  return (await countMasks(engine, input)).counts;
}

/** The leading triplets of the base as far as the published masks need them: those that are known, or found anew. */
async function factorsOf(
  { sources, layout, room, left, right, sigma }: DecomposedSides,
  { seed, residualTolerance }: PublishedOptions,
  { gemm, dense }: Engine,
): Promise<PrincipalFactors> {
  const { rows, columns } = layout;
  const rank = publishedRank(rows, columns);
  if (rank === Math.min(rows, columns)) return wholeFactors(sources.base, rows, columns);
  if (sigma.length >= rank) return factors(left, right, sigma, rank);
  const deeper = layoutOf(rows, columns, rank, sources.packed !== null);
  const operator = new MatrixOperator(gemm, sources.base, deeper, room);
  const search = { seed, tolerance: residualTolerance, start: null };
  const found: Triplets = await leadingTriplets(operator, gemm, dense, search);
  operator.release();
  const [u, v] = operator.tall ? [found.large, found.small] : [found.small, found.large];
  return factors(u, v, found.sigma, rank);
}

/** W⁽ᵏ⁾ of full rank is W: as a product with the identity, which rounds nothing, so that equal weights stay equal. */
function wholeFactors(base: SideSources['base'], rows: number, columns: number): PrincipalFactors {
  const rank = Math.min(rows, columns);
  const whole = base.elements(0, rows * columns);
  const one = new Float32Array(rank * rank);
  for (let i = 0; i < rank; i++) one[i * (rank + 1)] = 1;
  if (rank === columns) return { rank, leftScaled: whole.slice(), right: one };
  const right = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) right[j * rows + i] = whole[i * columns + j]!;
  }
  return { rank, leftScaled: one, right };
}

function factors(left: Block, right: Block, sigma: Float64Array, rank: number): PrincipalFactors {
  const [u, v] = [columnsOf(left, 0, rank), columnsOf(right, 0, rank)];
  const leftScaled = new Float32Array(u.data.length);
  for (let i = 0; i < u.data.length; i++) leftScaled[i] = u.data[i]! * sigma[i % rank]!;
  return { rank, leftScaled, right: new Float32Array(v.data) };
}

/** Float64 throughout, from the Gram matrix: half of the spectrum is too much for a Krylov space. */
async function curveOf(
  { sources, layout, room }: DecomposedSides,
  seed: number,
  engine: Engine,
): Promise<PublishedMatrix['curve']> {
  const smaller = Math.min(layout.rows, layout.columns);
  if (smaller > curveLimit) return null;
  const rank = Math.max(1, Math.min(curve.rank, Math.floor(smaller * curve.share)));
  const subspaces = async (side: SideSources['base']): Promise<[Block, Block]> => {
    const operator = new MatrixOperator(engine.gemm, side, layout, room);
    const found = await leadingSubspaces(operator, rank, seed, engine);
    operator.release();
    return found;
  };
  const base = await subspaces(sources.base);
  const tuned = await subspaces(sources.tuned);
  const angles = async (side: 0 | 1): Promise<number[]> => [
    ...(await principalAnglesDeg(engine.gemm, engine.dense, base[side], tuned[side])),
  ];
  return { rank, leftDeg: await angles(0), rightDeg: await angles(1) };
}

/** Orthonormal bases of the leading left and right singular subspaces. */
async function leadingSubspaces(
  operator: MatrixOperator,
  rank: number,
  seed: number,
  { gemm, dense }: Engine,
): Promise<[Block, Block]> {
  const { small } = operator;
  // One more than wanted and a few: the last ones of a Ritz step are its least accurate.
  const kept = Math.min(small, rank + 16);
  const { vectors } = dense.symmetricEigen(await operator.gram64(), small, kept);
  const v = block(small, kept, transposeOf(vectors, kept, small));
  const pairs = await singularPairs(operator, gemm, dense, v, seed);
  const [large, narrow] = [keepColumns(pairs.large, rank), columnsOf(pairs.small, 0, rank)];
  return operator.tall ? [large, narrow] : [narrow, large];
}
