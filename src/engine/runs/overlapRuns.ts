// Several runs against their base in one pass: which elements each changed, and in which direction. Counts and sums are
// added over a pool and then divided.
import { ThreeGateError } from '../../shared/errors.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import type { OverlapPool, RunsOverlap, RunsTensor } from '../../shared/report/runsReport.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import { gridOf } from '../kernels/chunkPlan.ts';
import type { JointCounts } from '../kernels/jointSpec.ts';
import { passOver, type JointReading } from './jointPass.ts';
import { failedIn, planJoint, type JointInputs, type JointStep } from './jointPlan.ts';
import { consensusMap, OverlapAccumulator } from './overlapPool.ts';
import { PlacedPools } from './placedPools.ts';

/** Every two of them are looked at. */
const runLimit = 12;

/** The leading directions of a tensor's updates; null where it has none. */
export type DirectionsOf = (step: JointStep, tensor: RunsTensor) => Promise<RunsTensor['directions']>;

export async function overlapRuns(
  inputs: JointInputs,
  reading: JointReading,
  directionsOf: DirectionsOf | null,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<RunsOverlap> {
  const count = inputs.runs.length;
  if (count > runLimit) {
    const message = `${count} runs were given; at most ${runLimit} can be compared at once.`;
    throw new ThreeGateError('usage', message);
  }
  const { steps, notCompared } = planJoint(inputs);
  const pools = new PlacedPools<OverlapPool, OverlapAccumulator>(() => new OverlapAccumulator(count));
  const tensors: RunsTensor[] = [];
  const plan: JointStep[] = [];
  const none = new Float64Array(0);
  const hearing = {
    onProgress,
    successive: false,
    samplesOf: () => none,
    found: (step: JointStep, counts: JointCounts): void => {
      const own = new OverlapAccumulator(count);
      for (const pool of [...pools.of(step.first), own]) pool.add(counts);
      tensors.push(tensorOf(step, counts, own));
      plan.push(step);
    },
    failed: (step: JointStep, error: unknown): void => {
      notCompared.push(...failedIn(step, error));
    },
  };
  await passOver(steps, reading, hearing, signal);
  if (directionsOf !== null) {
    for (const [at, tensor] of tensors.entries()) {
      throwIfCancelled(signal);
      const step = plan[at];
      if (step !== undefined) tensor.directions = await directionsOf(step, tensor);
    }
  }
  return { ...pools.pooled(), tensors, notCompared };
}

function tensorOf({ first, shape }: JointStep, counts: JointCounts, own: OverlapAccumulator): RunsTensor {
  const { name, container, layer, module } = first;
  const { compared, nonFinite, changed, norms, byRuns, pairs } = own.pool();
  const pool = { compared, nonFinite, changed, norms, byRuns, pairs };
  const grid = gridOf(shape);
  const consensus = grid.isMatrix ? consensusMap(counts, grid.rows, grid.columns) : null;
  return { name, container, layer, module, shape, ...pool, consensus, directions: null };
}
