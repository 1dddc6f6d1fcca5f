// The numbers of a pool of tensors over several runs by name, and pools of any tensors: counts are added and then
// divided, as the engine does it. Pure.
import { overlapCatalogue, type OverlapMetric } from '../../src/shared/text/overlapMetrics.ts';
import { sameLayer } from '../../src/shared/report/layers.ts';
import type {
  OverlapPool,
  PairOverlap,
  RunsOverlap,
  RunsTensor,
} from '../../src/shared/report/runsReport.ts';
import { moduleNames, type Selection } from '../parts/model/selection.ts';

interface OverlapDefinition {
  id: OverlapMetric;
  label: string;
  /** For a table column. */
  short: string;
  definition: string;
  format: (value: number | null) => string;
  /** True where it is about the chosen pair, not about all runs. */
  ofPair: boolean;
}

const named = (id: OverlapMetric, ofPair: boolean): OverlapDefinition => {
  const { title, short, explanation, format } = overlapCatalogue[id];
  return { id, label: title, short, definition: explanation, format, ofPair };
};

export const overlapMetrics: readonly OverlapDefinition[] = [
  named('jaccard', true),
  named('expected', true),
  named('expectedByTensor', true),
  named('lift', true),
  named('everyRun', false),
  named('noRun', false),
  named('meanRuns', false),
  named('cosine', true),
  named('cosineSpread', true),
];

export function overlapMetric(id: OverlapMetric): OverlapDefinition {
  const [first] = overlapMetrics;
  const found = overlapMetrics.find((metric) => metric.id === id) ?? first;
  if (found === undefined) throw new Error(`No metric ${id}.`);
  return found;
}

/** Null where nothing was compared or, for pairs, where neither run changed anything. */
export function valueOf(
  { pairs, byRuns, compared }: OverlapPool,
  metric: OverlapMetric,
  pair: number,
): number | null {
  const one = pairs[pair];
  const share = (count: number | undefined): number | null =>
    count === undefined || compared === 0 ? null : count / compared;
  switch (metric) {
    case 'jaccard':
      return one?.jaccard ?? null;
    case 'expected':
      return one?.expected ?? null;
    case 'expectedByTensor':
      return one?.expectedByTensor ?? null;
    case 'lift':
      return one === undefined ? null : liftOf(one);
    case 'cosine':
      return one?.cosine ?? null;
    case 'cosineSpread':
      return one?.cosineSpread ?? null;
    case 'everyRun':
      return share(byRuns.at(-1));
    case 'noRun':
      return share(byRuns[0]);
    case 'meanRuns':
      return share(byRuns.reduce((sum, count, runs) => sum + count * runs, 0));
  }
}

export function liftOf({ jaccard, expected }: PairOverlap): number | null {
  return jaccard === null || expected === null || expected === 0 ? null : jaccard / expected;
}

/** Null where there is no tensor. */
export function poolOf(tensors: readonly RunsTensor[]): OverlapPool | null {
  const [first] = tensors;
  if (first === undefined) return null;
  const add = (numbers: (tensor: RunsTensor) => readonly number[]): number[] =>
    numbers(first).map((_, at) => tensors.reduce((sum, tensor) => sum + (numbers(tensor)[at] ?? 0), 0));
  const total = (number: (tensor: RunsTensor) => number): number => add((tensor) => [number(tensor)])[0] ?? 0;
  const compared = total((tensor) => tensor.compared);
  const changed = add((tensor) => tensor.changed);
  const norms = add((tensor) => tensor.norms.map((norm) => norm * norm)).map(Math.sqrt);
  return {
    tensors: tensors.length,
    compared,
    nonFinite: total((tensor) => tensor.nonFinite),
    changed,
    norms,
    byRuns: add((tensor) => tensor.byRuns),
    pairs: first.pairs.map(({ a, b }, at) => {
      const intersection = total((tensor) => tensor.pairs[at]?.intersection ?? 0);
      const [inA = 0, inB = 0] = [changed[a], changed[b]];
      const union = inA + inB - intersection;
      const chance = total((tensor) =>
        tensor.compared === 0 ? 0 : ((tensor.changed[a] ?? 0) * (tensor.changed[b] ?? 0)) / tensor.compared,
      );
      const [p, q] = [inA / compared, inB / compared];
      const none = { jaccard: null, expected: null, expectedByTensor: null };
      const known = {
        jaccard: intersection / union,
        expected: (p * q) / (p + q - p * q),
        expectedByTensor: chance / (inA + inB - chance),
      };
      const reason = union > 0 ? null : 'Neither run changed an element.';
      const counted = { a, b, intersection, union, ...cosineOf(tensors, norms, at, { a, b }) };
      return { ...counted, ...(union > 0 ? known : none), reason };
    }),
  };
}

/** The sums behind the cosines of the tensors, added up and divided again. */
function cosineOf(
  tensors: readonly RunsTensor[],
  norms: readonly number[],
  at: number,
  { a, b }: Pick<PairOverlap, 'a' | 'b'>,
): Pick<PairOverlap, 'cosine' | 'cosineSpread'> {
  const length = (norms[a] ?? 0) * (norms[b] ?? 0);
  if (!(length > 0)) return { cosine: null, cosineSpread: null };
  let [product, squares] = [0, 0];
  for (const tensor of tensors) {
    const own = (tensor.norms[a] ?? 0) * (tensor.norms[b] ?? 0);
    product += own * (tensor.pairs[at]?.cosine ?? 0);
    squares += (own * (tensor.pairs[at]?.cosineSpread ?? 0)) ** 2;
  }
  return { cosine: product / length, cosineSpread: Math.sqrt(squares) / length };
}

/** What a selection is called and pools to; null where the runs have no such thing. */
export function poolOfSelection(
  overlap: RunsOverlap,
  selection: Selection,
): { title: string; pool: OverlapPool; tensor: RunsTensor | null } | null {
  switch (selection.kind) {
    case 'model':
      return { title: 'Whole model', pool: overlap.whole, tensor: null };
    case 'layer': {
      const pool = overlap.layers.find((layer) => sameLayer(layer, selection));
      return pool === undefined ? null : { title: pool.label, pool, tensor: null };
    }
    case 'module': {
      const pool = overlap.modules.find(({ module }) => module === selection.module);
      return pool === undefined ? null : { title: `All ${moduleNames[pool.module]}`, pool, tensor: null };
    }
    case 'cell': {
      const { module } = selection;
      const pool = poolOf(tensorsOf(overlap, selection));
      const label = overlap.layers.find((each) => sameLayer(each, selection))?.label ?? '';
      return pool === null ? null : { title: `${label} · ${moduleNames[module]}`, pool, tensor: null };
    }
    case 'tensor': {
      const tensor = overlap.tensors.find(({ name }) => name === selection.name) ?? null;
      const pool = tensor === null ? null : poolOf([tensor]);
      return pool === null || tensor === null ? null : { title: tensor.name, pool, tensor };
    }
  }
}

/** The tensors that a selection is of. */
export function tensorsOf(overlap: RunsOverlap, selection: Selection): readonly RunsTensor[] {
  const { tensors } = overlap;
  switch (selection.kind) {
    case 'model':
      return tensors;
    case 'layer':
      return tensors.filter((tensor) => sameLayer(tensor, selection));
    case 'module':
      return tensors.filter(({ module }) => module === selection.module);
    case 'cell':
      return tensors.filter((tensor) => sameLayer(tensor, selection) && tensor.module === selection.module);
    case 'tensor':
      return tensors.filter(({ name }) => name === selection.name);
  }
}
