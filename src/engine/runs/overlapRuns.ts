// Several runs against their base in one pass: which elements each changed, and in which direction. Counts and sums are
// added over a pool and then divided.
import { ThreeGateError } from '../../shared/errors.ts';
import { inReadingOrder, layerKey, layerLabel, type LayerId } from '../../shared/report/layers.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import { moduleKinds } from '../../shared/report/moduleKinds.ts';
import type { RunsOverlap, RunsTensor } from '../../shared/report/runsReport.ts';
import { tensorProblem, throwIfCancelled } from '../analysis/tensorGeometry.ts';
import { gridOf } from '../kernels/chunkPlan.ts';
import type { JointCounts } from '../kernels/jointSpec.ts';
import { passOver, type JointReading } from './jointPass.ts';
import { planJoint, type JointInputs, type JointStep } from './jointPlan.ts';
import { consensusMap, OverlapAccumulator } from './overlapPool.ts';

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
  const whole = new OverlapAccumulator(count);
  const layers = new Map<string, LayerId & { pool: OverlapAccumulator }>();
  const modules = new Map<string, OverlapAccumulator>();
  const tensors: RunsTensor[] = [];
  const plan: JointStep[] = [];
  const none = new Float64Array(0);
  const hearing = {
    onProgress,
    samplesOf: () => none,
    found: (step: JointStep, counts: JointCounts): void => {
      const { container, layer, module } = step.first;
      const key = layerKey(step.first);
      const ofLayer = layers.get(key) ?? { container, layer, pool: new OverlapAccumulator(count) };
      layers.set(key, ofLayer);
      const own = new OverlapAccumulator(count);
      for (const pool of [whole, ofLayer.pool, entryOf(modules, module, count), own]) pool.add(counts);
      tensors.push(tensorOf(step, counts, own));
      plan.push(step);
    },
    failed: ({ first }: JointStep, error: unknown): void => {
      const reason = tensorProblem(error, { pair: first, matrixBytes: 0 });
      const { name, elements } = first;
      for (const run of inputs.runs.keys()) notCompared.push({ run, name, side: 'both', elements, reason });
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
  return {
    whole: whole.pool(),
    layers: inReadingOrder([...layers.values()]).map(({ container, layer, pool }) => ({
      container,
      layer,
      label: layerLabel({ container, layer }),
      ...pool.pool(),
    })),
    modules: moduleKinds.flatMap((module) => {
      const pool = modules.get(module);
      return pool === undefined ? [] : [{ module, ...pool.pool() }];
    }),
    tensors,
    notCompared,
  };
}

function tensorOf({ first, shape }: JointStep, counts: JointCounts, own: OverlapAccumulator): RunsTensor {
  const { name, container, layer, module } = first;
  const { compared, nonFinite, changed, norms, byRuns, pairs } = own.pool();
  const pool = { compared, nonFinite, changed, norms, byRuns, pairs };
  const grid = gridOf(shape);
  const consensus = grid.isMatrix ? consensusMap(counts, grid.rows, grid.columns) : null;
  return { name, container, layer, module, shape, ...pool, consensus, directions: null };
}

function entryOf<Key>(pools: Map<Key, OverlapAccumulator>, key: Key, runs: number): OverlapAccumulator {
  const found = pools.get(key) ?? new OverlapAccumulator(runs);
  pools.set(key, found);
  return found;
}
