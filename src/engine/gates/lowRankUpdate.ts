// Size and place of an update that is known as a product, Δ = L·R with L m × q and R q × n: what Gate II asks of Δ alone
// follows from small matrices, and from the update itself instead of the difference of two rounded weights.
//   L = Q_L·S,  Rᵀ = Q_R·T  (QR),  C = S·Tᵀ:   ‖Δ‖_F = ‖C‖_F,  ‖Δ‖₂ = ‖C‖₂
//   ‖UᵀΔ‖_F = ‖(UᵀL)·Tᵀ‖_F,  ‖ΔV‖_F = ‖S·(RV)‖_F,  ‖UᵀΔV‖_F = ‖(UᵀL)·(RV)‖_F
// Cost: O((m + n)·q·(q + k)), where the dense way takes O(m·n·k).
import type { EnergyMetrics } from '../../shared/report/metrics.ts';
import { block, innerProduct, orthonormalize, timesSmall, transposeOf, type Block } from '../linalg/block.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';

/** Row-major, float64. */
export interface LowRankUpdate {
  /** q. */
  rank: number;
  left: Float64Array;
  right: Float64Array;
}

export interface MeasuredUpdate {
  /** ‖Δ‖²_F. */
  energy: number;
  /** ‖Δ‖₂. */
  norm: number;
  shares: EnergyMetrics;
}

/** `left` and `right`: k leading singular vectors of the base, orthonormal columns. */
export async function measureLowRank(
  gemm: Gemm,
  dense: DenseKernels,
  update: LowRankUpdate,
  left: Block,
  right: Block,
): Promise<MeasuredUpdate> {
  const [m, n, k, q] = [left.rows, right.rows, left.columns, update.rank];
  const outputs = block(m, q, update.left);
  const inputs = block(n, q, transposeOf(update.right, q, n));
  const s = await triangle(gemm, dense, outputs);
  const t = await triangle(gemm, dense, inputs);
  const core = await timesSmall(gemm, s, t, true);
  const gram = await innerProduct(gemm, core, core);
  const energy = sumSquares(core);
  const onLeft = await innerProduct(gemm, left, outputs);
  const onRight = await innerProduct(gemm, inputs, right);
  const onBoth = await timesSmall(gemm, onLeft, onRight);
  const share = (part: Block): number | null => (energy > 0 ? sumSquares(part) / energy : null);
  return {
    energy,
    norm: Math.sqrt(Math.max(0, dense.symmetricEigenvalues(gram.data, q)[0]!)),
    shares: {
      principalEnergy: share(onBoth),
      principalEnergyExpected: (k * k) / (m * n),
      leftEnergy: share(await timesSmall(gemm, onLeft, t, true)),
      leftEnergyExpected: k / m,
      rightEnergy: share(await timesSmall(gemm, s, onRight)),
      rightEnergyExpected: k / n,
      spectralEnergyRatio: energy > 0 ? (diagonalSquares(onBoth) * m * n) / (k * energy) : null,
    },
  };
}

/** S = QᵀX for an orthonormal basis Q of the columns of X, so that X = Q·S. */
async function triangle(gemm: Gemm, dense: DenseKernels, x: Block): Promise<Block> {
  const basis = await orthonormalize(gemm, dense, x, 1);
  return innerProduct(gemm, basis, x);
}

function sumSquares({ data }: Block): number {
  return data.reduce((sum, value) => sum + value * value, 0);
}

function diagonalSquares({ columns, data }: Block): number {
  let sum = 0;
  for (let i = 0; i < columns; i++) sum += data[i * (columns + 1)]! ** 2;
  return sum;
}
