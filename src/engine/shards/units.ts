// What a shard can take by itself: a tensor, or of a large stack of expert matrices a part. The sums of Gates I and III are
// added through a whole tensor in the order of its file; so a stack that is divided is streamed once as a whole, by the shard
// that takes its sums, and its matrices are read once more by those that decompose them.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import { matrixBytesOf, withoutGeometry } from '../analysis/plan.ts';
import type { Step } from '../analysis/step.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import { isBf16Pair } from '../kernels/storage.ts';
import { matrixSeconds, readSeconds, stepSeconds } from '../analysis/cost.ts';

export interface Unit {
  /** Its place in the plan of the pair. */
  step: number;
  part: 'whole' | 'sums' | { from: number; to: number };
}

export interface CostedUnit extends Unit {
  /** Seconds by the cost model. */
  cost: number;
  file: string;
}

/** A stack is divided so that no part is more than this share of a shard. */
const largestPart = 1 / 16;

/** In the order of the plan. */
export function unitsOf(steps: readonly Step[], options: AnalysisOptions, shards: number): CostedUnit[] {
  const costs = steps.map((step) => stepSeconds(step, options));
  const most = (largestPart * costs.reduce((sum, cost) => sum + cost, 0)) / shards;
  return steps.flatMap((step, place): CostedUnit[] => {
    const { file } = step.pair.base;
    const cost = costs[place] ?? 0;
    const { matrices } = step;
    if (shards === 1 || matrices === null || cost <= most || !isDivisible(step)) {
      return [{ step: place, part: 'whole', cost, file }];
    }
    const reading = readSeconds(step);
    const each = matrixSeconds(matrices, options) + reading / matrices.count;
    const taken = Math.max(1, Math.floor(most / each));
    const parts = Array.from({ length: Math.ceil(matrices.count / taken) }, (_, index): CostedUnit => {
      const from = index * taken;
      const to = Math.min(matrices.count, from + taken);
      return { step: place, part: { from, to }, cost: (to - from) * each, file };
    });
    return [{ step: place, part: 'sums', cost: reading, file }, ...parts];
  });
}

/** The step as a shard measures it. */
export function stepOfUnit(step: Step, { part }: Unit): Step {
  if (part === 'whole') return step;
  if (part === 'sums') return withoutGeometry(step, 'Its matrices are decomposed by other shards.');
  const { pair, matrices } = step;
  if (matrices === null) return step;
  const { from, to } = part;
  const count = to - from;
  const elements = (pair.elements / matrices.count) * count;
  const shape = [count, ...pair.shape.slice(1)];
  const cut = (tensor: StoredTensor): StoredTensor => {
    const bytes = (tensor.bytes / matrices.count) * count;
    return { ...tensor, shape, elements, bytes, offset: tensor.offset + (bytes / count) * from };
  };
  const taken = { ...matrices, count };
  return {
    ...step,
    pair: { ...pair, shape, elements, base: cut(pair.base), tuned: cut(pair.tuned) },
    matrices: taken,
    matrixBytes: matrixBytesOf(taken) + taken.layout.copyBytes,
  };
}

/**
 * Stored bf16 of both sides in one stretch: whether a base lies on the grid of bf16, which the null of every matrix asks of the
 * whole tensor, is then known without reading it.
 */
function isDivisible({ pair, matrices }: Step): boolean {
  const { base, tuned } = pair;
  return (
    (matrices?.count ?? 1) > 1 && isBf16Pair(pair) && [base, tuned].every((side) => isPlain(side, pair.shape))
  );
}

function isPlain(side: StoredTensor, shape: readonly number[]): boolean {
  const { pieces, view, adapter, packed, scale } = side;
  const isBare = [pieces, view, adapter, packed].every((part) => part === undefined) && scale === null;
  return isBare && side.shape.length === shape.length && side.shape.every((size, at) => size === shape[at]);
}
