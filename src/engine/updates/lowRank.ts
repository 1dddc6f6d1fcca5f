// ΔW = L·R in float64, L m × q with the scaling in it, R q × n, in the orientation in which the weight is stored.
// An initialisation that took s·B₀A₀ out of the base adds the columns −s·B₀ to L and the rows A₀ to R: the tuned weight
// is W − s·B₀A₀ + s·BA, so the true update is s·(BA − B₀A₀). Source: huggingface/peft, tuners/lora/layer.py.
import type { FileSystem } from '../files/fileSystem.ts';
import { type Block, columnsOf, orthonormalize, transposeOf } from '../linalg/block.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { layoutOf } from '../linalg/layout.ts';
import { leadingTriplets } from '../linalg/leadingTriplets.ts';
import { MatrixOperator } from '../linalg/matrixOperator.ts';
import { noRoom } from '../linalg/workspace.ts';
import type { AdapterUpdate, InitialFactors } from '../checkpoint/adapterUpdate.ts';
import type { FactorMemory } from './factorMemory.ts';
import { readFactor } from './readFactor.ts';

export interface LowRank {
  rows: number;
  columns: number;
  /** q. */
  rank: number;
  left: Float64Array;
  right: Float64Array;
}

export type WeightUpdate = Extract<AdapterUpdate, { kind: 'low-rank' }>;

/** A weight in memory, float32, as stored. */
export interface BaseMatrix {
  data: Float32Array;
  rows: number;
  columns: number;
}

export interface AdapterEngine {
  fileSystem: FileSystem;
  gemm: Gemm;
  dense: DenseKernels;
  factors: FactorMemory;
}

/** s·B·A, as the file says. */
export function namedUpdate(engine: AdapterEngine, update: WeightUpdate): Promise<LowRank> {
  return product(engine, update, update, update.scaling);
}

/** What the initialisation took out of the base, negated; null where it took nothing. */
export async function initialPart(
  engine: AdapterEngine,
  update: WeightUpdate,
  base: BaseMatrix,
): Promise<LowRank | null> {
  const { baseChange, initial, scaling } = update;
  if (baseChange === 'none') return null;
  if (initial !== null) return product(engine, update, initial, -scaling);
  return baseChange === 'olora' ? firstColumns(engine, update, base) : leadingPart(engine, update, base);
}

/** [L₁ | L₂] and [R₁; R₂]: the sum of both. */
export function joined(first: LowRank, second: LowRank | null): LowRank {
  if (second === null) return first;
  const { rows, columns } = first;
  const rank = first.rank + second.rank;
  const left = new Float64Array(rows * rank);
  for (let i = 0; i < rows; i++) {
    left.set(first.left.subarray(i * first.rank, (i + 1) * first.rank), i * rank);
    left.set(second.left.subarray(i * second.rank, (i + 1) * second.rank), i * rank + first.rank);
  }
  const right = new Float64Array(rank * columns);
  right.set(first.right);
  right.set(second.right, first.right.length);
  return { rows, columns, rank, left, right };
}

async function product(
  { fileSystem }: AdapterEngine,
  { rank, transposed }: WeightUpdate,
  { a, b }: InitialFactors,
  scale: number,
): Promise<LowRank> {
  const [first, second] = [await readFactor(fileSystem, a), await readFactor(fileSystem, b)];
  const inner = a.elements / rank;
  const outer = b.elements / rank;
  const left = transposed ? transposeOf(first, rank, inner) : second;
  const right = transposed ? transposeOf(second, outer, rank) : first;
  for (let i = 0; i < left.length; i++) left[i]! *= scale;
  return { rows: transposed ? inner : outer, columns: transposed ? outer : inner, rank, left, right };
}

/** PiSSA: s·B₀A₀ = U_rΣ_rV_rᵀ of the base, whatever the scaling and the orientation. */
async function leadingPart(
  { gemm, dense }: AdapterEngine,
  { rank }: WeightUpdate,
  base: BaseMatrix,
): Promise<LowRank> {
  const layout = layoutOf(base.rows, base.columns, rank, false);
  const operator = new MatrixOperator(gemm, base.data, layout, noRoom);
  const options = { seed: 1, tolerance: 1e-7, start: null };
  const { sigma, large, small } = await leadingTriplets(operator, gemm, dense, options);
  const [u, v] = operator.tall ? [large, small] : [small, large];
  const left = new Float64Array(u.data);
  for (let i = 0; i < left.length; i++) left[i]! *= -sigma[i % rank]!;
  return { rows: base.rows, columns: base.columns, rank, left, right: transposeOf(v.data, v.rows, rank) };
}

/** OLoRA: s·B₀A₀ = s·Q_rQ_rᵀW, Q_r an orthonormal basis of the first r columns. */
async function firstColumns(
  { gemm, dense }: AdapterEngine,
  { rank, scaling }: WeightUpdate,
  base: BaseMatrix,
): Promise<LowRank> {
  const { rows, columns } = base;
  const first = columnsOf({ rows, columns, data: new Float64Array(base.data) }, 0, rank);
  const q: Block = await orthonormalize(gemm, dense, first, 1);
  const operator = new MatrixOperator(gemm, base.data, layoutOf(rows, columns, rank, false), noRoom);
  const image = await (operator.tall ? operator.toSmall64(q) : operator.toLarge64(q));
  const left = q.data.map((value) => -scaling * value);
  return { rows, columns, rank, left, right: transposeOf(image.data, columns, rank) };
}
