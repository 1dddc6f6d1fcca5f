// How a low-rank update lies in the base: told by its factors and the base.
//   rowEnergy    = ‖W·Q_A‖²_F/‖W‖²_F, Q_A an orthonormal basis of R's row space; r/n for a random one
//   columnEnergy = ‖Q_BᵀW‖²_F/‖W‖²_F, Q_B of L's column space; r/m for a random one
//   ownShare     = ⟨W, ΔW⟩/‖ΔW‖²_F: 1 when ΔW is a part that an orthogonal projection takes out of W
//   size         = ‖ΔW‖²_F/‖W‖²_F
// Its place among the base's singular vectors is told in singularShares.ts. Cost: 4·m·n·q, two passes over W.
import type { AdapterAlignment } from '../../shared/report/report.ts';
import { block, transposeOf } from '../linalg/block.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { layoutOf } from '../linalg/layout.ts';
import { MatrixOperator } from '../linalg/matrixOperator.ts';
import { noRoom } from '../linalg/workspace.ts';
import type { BaseMatrix, LowRank } from './lowRank.ts';
import { singularShares } from './singularShares.ts';

export interface Alignment {
  shown: AdapterAlignment;
  /** Null where ΔW = 0. */
  ownShare: number | null;
  size: number;
}

export async function alignmentOf(
  gemm: Gemm,
  dense: DenseKernels,
  base: BaseMatrix,
  { left, right, rank, rows, columns }: LowRank,
): Promise<Alignment> {
  const layout = layoutOf(rows, columns, Math.min(rank, rows, columns), false);
  const operator = new MatrixOperator(gemm, base.data, layout, noRoom);
  const rightColumns = block(columns, rank, transposeOf(right, rank, columns));
  const leftColumns = block(rows, rank, left);
  const image = await (operator.tall ? operator.toLarge64(rightColumns) : operator.toSmall64(rightColumns));
  const back = await (operator.tall ? operator.toSmall64(leftColumns) : operator.toLarge64(leftColumns));
  const gram = (x: Float64Array, y: Float64Array, k: number): Promise<Float64Array> =>
    gemm.multiply64({ m: rank, n: rank, k, transA: true }, x, y);
  const rightGram = await gram(rightColumns.data, rightColumns.data, columns);
  const leftGram = await gram(left, left, rows);
  const energy = base.data.reduce((sum, value) => sum + value * value, 0);
  // tr(LᵀL·RRᵀ), both symmetric.
  let deltaEnergy = 0;
  for (let i = 0; i < leftGram.length; i++) deltaEnergy += leftGram[i]! * rightGram[i]!;
  let inner = 0;
  for (let i = 0; i < left.length; i++) inner += left[i]! * image.data[i]!;
  const share = (part: number): number => (energy > 0 ? part / energy : 0);
  return {
    shown: {
      rowEnergy: share(spanEnergy(dense, rightGram, await gram(image.data, image.data, rows), rank)),
      rowEnergyExpected: rank / columns,
      columnEnergy: share(spanEnergy(dense, leftGram, await gram(back.data, back.data, columns), rank)),
      columnEnergyExpected: rank / rows,
      ...(await singularShares(gemm, dense, operator, leftColumns, rightColumns)),
    },
    ownShare: deltaEnergy > 0 ? inner / deltaEnergy : null,
    size: share(deltaEnergy),
  };
}

/** tr(G⁺·E): the energy of the images (Gram matrix E) on an orthonormal basis of the columns with Gram matrix G. */
function spanEnergy(dense: DenseKernels, gram: Float64Array, images: Float64Array, n: number): number {
  const { values, vectors } = dense.symmetricEigen(gram, n, n);
  let sum = 0;
  for (let k = 0; k < n; k++) {
    // Directions that the factor does not have.
    if (!(values[k]! > 1e-12 * values[0]!)) continue;
    let energy = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) energy += vectors[k * n + i]! * images[i * n + j]! * vectors[k * n + j]!;
    }
    sum += energy / values[k]!;
  }
  return sum;
}
