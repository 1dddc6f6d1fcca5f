// Several runs against their base in one pass: every slab of the base is read once and compared with the same slab of
// every run, so memory is a slab a run whatever the checkpoints hold; adapters add one base tensor.
import { problem, ThreeGateError } from '../../shared/errors.ts';
import { inReadingOrder, layerKey, layerLabel, type LayerId } from '../../shared/report/layers.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import { moduleKinds } from '../../shared/report/moduleKinds.ts';
import type { NotCompared } from '../../shared/report/report.ts';
import type { RunsOverlap, RunsTensor } from '../../shared/report/runsReport.ts';
import { openTuned, type PrepareTuned, type ReadTuned } from '../updates/tunedValues.ts';
import { matcher } from '../analysis/plan.ts';
import { tensorProblem, throwIfCancelled } from '../analysis/tensorGeometry.ts';
import type { Checkpoint, Pairing, TensorPair } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import { whyNothingPaired } from '../pairing/nothingPaired.ts';
import type { TensorValues } from '../checkpoint/tensorValues.ts';
import { cut, gridOf } from '../kernels/chunkPlan.ts';
import { JointCounter, runLimit, type JointCounts } from './jointCounts.ts';
import { consensusMap, OverlapAccumulator } from './overlapPool.ts';

const slabElements = 1 << 20;

/** The same tensor in the base and in every run. */
interface RunsStep {
  pairs: TensorPair[];
  first: TensorPair;
  shape: number[];
}

interface OverlapInputs {
  base: Checkpoint;
  runs: readonly Checkpoint[];
  pairings: readonly Pairing[];
  eta: number;
  match: string | null;
}

export async function overlapRuns(
  inputs: OverlapInputs,
  values: TensorValues,
  prepare: PrepareTuned,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<RunsOverlap> {
  const startedMs = performance.now();
  const { steps, notCompared } = planOverlap(inputs);
  const count = inputs.runs.length;
  const total = steps.reduce((sum, { pairs, first }) => sum + first.base.bytes + bytesOf(pairs), 0);
  const whole = new OverlapAccumulator(count);
  const layers = new Map<string, LayerId & { pool: OverlapAccumulator }>();
  const modules = new Map<string, OverlapAccumulator>();
  const tensors: RunsTensor[] = [];
  let bytesDone = 0;
  for (const step of steps) {
    const { name, container, layer, module } = step.first;
    onProgress(progressOf(bytesDone, total, performance.now() - startedMs, name));
    try {
      const counts = await countTensor(step, inputs.eta, values, prepare, signal);
      const own = new OverlapAccumulator(count);
      const key = layerKey(step.first);
      const ofLayer = layers.get(key) ?? { container, layer, pool: new OverlapAccumulator(count) };
      layers.set(key, ofLayer);
      for (const pool of [whole, ofLayer.pool, entryOf(modules, module, count), own]) pool.add(counts);
      const grid = gridOf(step.shape);
      const { compared, nonFinite, changed, byRuns, pairs } = own.pool();
      const consensus = grid.isMatrix ? consensusMap(counts, grid.rows, grid.columns) : null;
      tensors.push({
        name,
        container,
        layer,
        module,
        shape: step.shape,
        compared,
        nonFinite,
        changed,
        byRuns,
        pairs,
        consensus,
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = tensorProblem(error, { pair: step.first, matrixBytes: 0 });
      for (const run of inputs.runs.keys())
        notCompared.push({ run, name, side: 'both', elements: step.first.elements, reason });
    }
    bytesDone += step.first.base.bytes + bytesOf(step.pairs);
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

function planOverlap({ runs, pairings, match }: OverlapInputs): {
  steps: RunsStep[];
  notCompared: RunsOverlap['notCompared'];
} {
  if (runs.length > runLimit) {
    throw new ThreeGateError(
      'usage',
      `${runs.length} runs were given; at most ${runLimit} can be compared at once.`,
    );
  }
  const matches = matcher(match);
  const byName = pairings.map(({ pairs }) => new Map(pairs.map((pair) => [pair.base.name, pair])));
  const notCompared = pairings.flatMap((pairing, run) => pairing.notCompared.map((row) => ({ ...row, run })));
  const steps: RunsStep[] = [];
  for (const first of pairings[0]?.pairs ?? []) {
    if (!matches(first)) continue;
    const pairs = byName.flatMap((pairsOfRun) => pairsOfRun.get(first.base.name) ?? []);
    // Where some run lacks it, that run's own pairing says why.
    if (pairs.length < runs.length) continue;
    const found = whyNot(pairs);
    if (found === null) steps.push({ pairs, first, shape: commonShape(pairs) });
    else notCompared.push(...runs.map((_, run) => ({ ...found, run })));
  }
  notCompared.push(...cutDifferently(pairings, byName, matches));
  if (steps.length > 0) return { steps, notCompared };
  const which = match === null ? '' : ` that matches /${match}/`;
  const empty = pairings.find(({ pairs }) => pairs.length === 0);
  throw new ThreeGateError(
    'nothing-to-compare',
    empty === undefined
      ? `The base and the runs have no floating-point tensor${which} in common.`
      : whyNothingPaired(empty),
  );
}

/** What one run holds whole and another in slices: neither has a partner in the other, and no pairing says so. */
function cutDifferently(
  pairings: readonly Pairing[],
  byName: readonly ReadonlyMap<string, TensorPair>[],
  matches: (pair: TensorPair) => boolean,
): RunsOverlap['notCompared'] {
  const explained = pairings.map(({ notCompared }) => new Set(notCompared.map(({ name }) => name)));
  return pairings.flatMap(({ pairs }, run) =>
    pairs.filter(matches).flatMap(({ base, name, elements }) => {
      const other = byName.findIndex(
        (known, at) => !known.has(base.name) && explained[at]?.has(name) !== true,
      );
      if (other === -1) return [];
      const message = `${name} is compared as it is in run ${run + 1}, and cut or fused in run ${other + 1}.`;
      const reason = problem('layout-unknown', message, { tensor: name });
      return [{ run, name, side: 'both' as const, elements, reason }];
    }),
  );
}

/** Integers have no bf16 view. */
function whyNot(pairs: readonly TensorPair[]): NotCompared | null {
  const strange = pairs.find(({ base, tuned }) =>
    [base, tuned].some(({ dtype }) => dtypes[dtype].kind !== 'float'),
  );
  if (strange === undefined) return null;
  const { name, elements, tuned } = strange;
  const reason = problem('not-numeric', `${name} is ${tuned.dtype}, which has no bf16 view.`, {
    tensor: name,
  });
  return { name, side: 'both', elements, reason };
}

/** Resized vocabularies: the rows that all have. */
function commonShape(pairs: readonly TensorPair[]): number[] {
  const [first, ...rest] = pairs.map(({ shape }) => shape);
  return rest.reduce(
    (shape, other) => shape.map((size, at) => Math.min(size, other[at] ?? size)),
    first ?? [],
  );
}

async function countTensor(
  { pairs, first, shape }: RunsStep,
  eta: number,
  values: TensorValues,
  prepare: PrepareTuned,
  signal: AbortSignal,
): Promise<JointCounts> {
  const { rows, columns } = gridOf(shape);
  const counter = new JointCounter(pairs.length, rows, columns, eta);
  const readers: ReadTuned[] = [];
  for (const pair of pairs) readers.push(await openTuned(pair, values, prepare));
  for (const area of cut({ firstRow: 0, rows, firstColumn: 0, columns }, slabElements)) {
    throwIfCancelled(signal);
    const from = area.firstRow * columns + area.firstColumn;
    const elements = area.rows * area.columns;
    const base = await values.readBf16(first.base, from, elements);
    const tuned = await Promise.all(readers.map((read) => read(area)));
    counter.add(area, base, tuned);
  }
  return counter.counts;
}

function entryOf<Key>(pools: Map<Key, OverlapAccumulator>, key: Key, runs: number): OverlapAccumulator {
  const found = pools.get(key) ?? new OverlapAccumulator(runs);
  pools.set(key, found);
  return found;
}

function bytesOf(pairs: readonly TensorPair[]): number {
  return pairs.reduce((sum, { tuned }) => sum + tuned.bytes, 0);
}

function progressOf(done: number, total: number, elapsedMs: number, current: string | null): Progress {
  return {
    bytesDone: done,
    bytesTotal: total,
    matrixElementsDone: 0,
    matrixElementsTotal: 0,
    matricesDone: 0,
    matricesTotal: 0,
    elapsedMs,
    remainingMs: done === 0 ? null : (elapsedMs * (total - done)) / done,
    current,
  };
}
