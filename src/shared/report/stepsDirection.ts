// In which direction one run went over its checkpoints. The update of step t is Δ_t = W_t − W_0, since the base; G is the Gram
// matrix of the T updates, G_st = Δ_s·Δ_t, in float64. Plain JSON; an absent number is null.
import type { LayerId } from './layers.ts';
import type { LayerReport, ModuleReport, NotCompared } from './report.ts';
import type { SyncCost } from './syncCost.ts';

/**
 * How straight single weights moved: R² of a weight's value against the step, by ordinary least squares over the base (step
 * 0) and every checkpoint with a step (arXiv 2601.04537). Of 0.1 % of the weights, at least 50 a tensor, one from each of
 * as many equal stretches, drawn from a seed of the tensor's name.
 */
export interface Linearity {
  /** Weights that were looked at and are finite at every step. */
  sampled: number;
  /** Of those, weights with the same value at every step: they have no R². */
  neverMoved: number;
  /** Of the weights that moved; null where none did. */
  medianR2: number | null;
  /** Share of the weights that moved with R² > 0.7. */
  shareAbove: number | null;
}

/** The checkpoints of a run over one set of elements. Sums are pooled before they are divided. */
export interface StepsPool {
  compared: number;
  /** ‖Δ_t‖_F. */
  norms: number[];
  /** Δ_s·Δ_t/(‖Δ_s‖‖Δ_t‖) for s < t: (0, 1), (0, 2), …, (1, 2), …; null where an update is zero. */
  cosines: (number | null)[];
  /** λ₁/Σλ of G: the share of ΣΔ_t² that lies in the trajectory's first direction; null where nothing moved. */
  firstDirectionShare: number | null;
  /** The same for steps of the measured sizes ‖Δ_t − Δ_{t−1}‖ that are all at right angles: a random walk. */
  firstDirectionShareIfRandom: number | null;
  /** Null with fewer than two checkpoints that have a step. */
  linearity: Linearity | null;
  /**
   * What sending a step to where the one before it is takes, the first to where the base is, over all elements as they are stored;
   * null where one of the two is an adapter or has packed weights.
   */
  sync: (SyncCost | null)[];
}

/** Changed share (bf16 view) of each band of consecutive rows and columns, at most 256 bands, step by step. */
export interface StepStripes {
  rows: number[][];
  columns: number[][];
  /** Attention heads along an axis, all of one size, as config.json of the base cuts them; null where they do not divide it. */
  heads: { axis: 'row' | 'column'; count: number } | null;
}

export interface StepsTensor extends StepsPool, LayerId {
  name: string;
  module: ModuleReport['module'];
  shape: number[];
  /** Null for a tensor of one dimension. */
  stripes: StepStripes | null;
}

export interface StepsDirection {
  /** The checkpoints that were read, in the order of the trajectory. */
  steps: { step: number | null; label: string }[];
  /**
   * Median R² of 4001 seeded random walks over the same steps, whose variance grows with the step: what few checkpoints give of
   * themselves. Null where there is no linearity.
   */
  medianR2IfRandom: number | null;
  whole: StepsPool;
  layers: (StepsPool & Pick<LayerReport, 'container' | 'layer' | 'label'>)[];
  modules: (StepsPool & Pick<ModuleReport, 'module'>)[];
  tensors: StepsTensor[];
  /** Tensors that not every checkpoint shares with the base. */
  notCompared: (NotCompared & { run: number })[];
}
