// The updates of a run's checkpoints over a pool of tensors: Gram matrices are added and then divided.
import type { StepsPool } from '../../shared/report/stepsDirection.ts';
import type { SyncCost } from '../../shared/report/syncCost.ts';
import { addSyncCost, noSyncCost } from '../analysis/syncCost.ts';
import type { JointCounts } from '../kernels/jointSpec.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import { summarize, type SampledWeights } from './linearity.ts';

export class StepsAccumulator {
  private compared = 0;
  private readonly products: Float64Array;
  private weights: SampledWeights | null = null;
  private readonly sync: (SyncCost | null)[];

  constructor(
    private readonly steps: number,
    private readonly dense: Pick<DenseKernels, 'symmetricEigenvalues'>,
  ) {
    this.products = new Float64Array(steps * steps);
    this.sync = Array.from({ length: steps }, noSyncCost);
  }

  /** @param costs of every step since the one before it */
  add(
    { compared, products }: JointCounts,
    weights: SampledWeights | null,
    costs: readonly (SyncCost | null)[],
  ): void {
    this.compared += compared;
    for (const [step, cost] of costs.entries()) {
      const sum = this.sync[step];
      if (cost === null) this.sync[step] = null;
      else if (sum !== null && sum !== undefined) addSyncCost(sum, cost);
    }
    for (let at = 0; at < products.length; at++) this.products[at]! += products[at]!;
    if (weights === null) return;
    this.weights ??= { r2: [], neverMoved: 0 };
    for (const value of weights.r2) this.weights.r2.push(value);
    this.weights.neverMoved += weights.neverMoved;
  }

  pool(): StepsPool {
    const { steps, products, weights } = this;
    const all = Array.from({ length: steps }, (_, step) => step);
    const norms = all.map((step) => Math.sqrt(products[step * (steps + 1)]!));
    const cosines = all.flatMap((s) =>
      all.slice(s + 1).map((t) => {
        const length = norms[s]! * norms[t]!;
        return length > 0 ? products[s * steps + t]! / length : null;
      }),
    );
    return {
      compared: this.compared,
      norms,
      cosines,
      firstDirectionShare: this.firstShare((s, t) => products[s * steps + t]!),
      firstDirectionShareIfRandom: this.firstShare((s) => this.walked(s)),
      linearity: weights === null ? null : summarize(weights),
      sync: this.sync,
    };
  }

  /** Σ‖Δ_i − Δ_{i−1}‖² up to step s, from what is common to neighbours. */
  private walked(s: number): number {
    const { steps, products } = this;
    let sum = products[0]!;
    for (let i = 1; i <= s; i++) {
      const [before, after] = [products[(i - 1) * (steps + 1)]!, products[i * (steps + 1)]!];
      sum += Math.max(0, before + after - 2 * products[(i - 1) * steps + i]!);
    }
    return sum;
  }

  /** λ₁/Σλ. @param entry of G for s ≤ t */
  private firstShare(entry: (s: number, t: number) => number): number | null {
    const { steps } = this;
    let trace = 0;
    for (let step = 0; step < steps; step++) trace += entry(step, step);
    if (!(trace > 0)) return null;
    const gram = new Float64Array(steps * steps);
    for (let s = 0; s < steps; s++) {
      for (let t = s; t < steps; t++) {
        gram[s * steps + t] = entry(s, t) / trace;
        gram[t * steps + s] = gram[s * steps + t]!;
      }
    }
    return this.dense.symmetricEigenvalues(gram, steps)[0]!;
  }
}
