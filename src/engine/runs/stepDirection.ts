// One run over its checkpoints in one pass: in which direction its updates went, how straight its weights moved, and where along
// rows and columns it wrote, step by step.
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import type {
  StepStripes,
  StepsDirection,
  StepsPool,
  StepsTensor,
} from '../../shared/report/stepsDirection.ts';
import type { SyncCost } from '../../shared/report/syncCost.ts';
import { syncCost, whyNoSync } from '../analysis/syncCost.ts';
import type { AttentionHeads, Checkpoint } from '../checkpoint/checkpoint.ts';
import { gridOf, type Grid } from '../kernels/chunkPlan.ts';
import type { JointCounts } from '../kernels/jointSpec.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import { passOver, type JointReading } from './jointPass.ts';
import { failedIn, planJoint, type JointInputs, type JointStep } from './jointPlan.ts';
import { linearityOf, medianOfWalks, samplePositions } from './linearity.ts';
import { bandsOf } from './overlapPool.ts';
import { PlacedPools } from './placedPools.ts';
import { StepsAccumulator } from './stepsPool.ts';

interface StepInputs extends JointInputs {
  base: Checkpoint;
  steps: readonly { step: number | null; label: string }[];
}

export async function stepDirection(
  inputs: StepInputs,
  reading: JointReading,
  dense: Pick<DenseKernels, 'symmetricEigenvalues'>,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<StepsDirection> {
  const { steps: labels, base } = inputs;
  const { steps, notCompared } = planJoint(inputs);
  const make = (): StepsAccumulator => new StepsAccumulator(labels.length, dense);
  const pools = new PlacedPools<StepsPool, StepsAccumulator>(make);
  const tensors: StepsTensor[] = [];
  const hearing = {
    onProgress,
    successive: true,
    samplesOf: ({ first, shape }: JointStep): Float64Array =>
      samplePositions(
        first.name,
        shape.reduce((product, size) => product * size, 1),
      ),
    found: (step: JointStep, counts: JointCounts): void => {
      const { name, container, layer, module } = step.first;
      const own = make();
      const weights = linearityOf(
        counts.samples,
        labels.map((label) => label.step),
      );
      const costs = costsOf(step, counts);
      for (const pool of [...pools.of(step.first), own]) pool.add(counts, weights, costs);
      const stripes = stripesOf(counts, gridOf(step.shape), headsOf(module, base.attention));
      tensors.push({ name, container, layer, module, shape: step.shape, ...own.pool(), stripes });
    },
    failed: (step: JointStep, error: unknown): void => {
      notCompared.push(...failedIn(step, error));
    },
  };
  await passOver(steps, reading, hearing, signal);
  return {
    steps: labels.map(({ step, label }) => ({ step, label })),
    medianR2IfRandom: medianOfWalks(labels.map(({ step }) => step)),
    ...pools.pooled(),
    tensors,
    notCompared,
  };
}

/** Of every step since the one before it. */
function costsOf({ pairs, shape }: JointStep, { stored }: JointCounts): (SyncCost | null)[] {
  const elements = shape.reduce((product, size) => product * size, 1);
  return pairs.map(({ base, tuned }, step) => {
    const before = pairs[step - 1]?.tuned ?? base;
    const isSent = whyNoSync({ base: before, tuned }) === null && before.adapter === undefined;
    return isSent ? syncCost(tuned.dtype, elements, stored[step] ?? null) : null;
  });
}

function stripesOf(
  { sides, rowChanged, columnChanged }: JointCounts,
  { rows, columns, isMatrix }: Grid,
  heads: StepStripes['heads'],
): StepStripes | null {
  if (!isMatrix) return null;
  const all = Array.from({ length: sides }, (_, step) => step);
  const lines = heads?.axis === 'row' ? rows : columns;
  return {
    rows: all.map((step) => bandsOf(rowChanged.subarray(step * rows, (step + 1) * rows), columns)),
    columns: all.map((step) => bandsOf(columnChanged.subarray(step * columns, (step + 1) * columns), rows)),
    heads: heads !== null && lines % heads.count === 0 ? heads : null,
  };
}

/** Rows of q, k and v and columns of o belong to heads (arXiv 2511.08567, Fig. 3). */
function headsOf(module: StepsTensor['module'], attention: AttentionHeads | undefined): StepStripes['heads'] {
  const { heads = null, keyValueHeads = null } = attention ?? {};
  const count = module === 'k' || module === 'v' ? (keyValueHeads ?? heads) : heads;
  if (count === null || count < 2) return null;
  if (module === 'o') return { axis: 'column', count };
  return module === 'q' || module === 'k' || module === 'v' ? { axis: 'row', count } : null;
}
