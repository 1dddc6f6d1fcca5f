// What several checkpoints tuned from one base are held against it by: the tensors that all of them share with it, in the
// order of the first, and why others are not.
import { problem, ThreeGateError } from '../../shared/errors.ts';
import type { NotCompared } from '../../shared/report/report.ts';
import type { RunsOverlap } from '../../shared/report/runsReport.ts';
import { matcher } from '../analysis/plan.ts';
import type { Checkpoint, Pairing, TensorPair } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import { whyNothingPaired } from '../pairing/nothingPaired.ts';

/** The same tensor in the base and in every run. */
export interface JointStep {
  pairs: TensorPair[];
  first: TensorPair;
  shape: number[];
}

export interface JointInputs {
  runs: readonly Checkpoint[];
  /** Of each run with the base. */
  pairings: readonly Pairing[];
  match: string | null;
}

/** Throws when nothing is in common. */
export function planJoint({ runs, pairings, match }: JointInputs): {
  steps: JointStep[];
  notCompared: RunsOverlap['notCompared'];
} {
  const matches = matcher(match);
  const byName = pairings.map(({ pairs }) => new Map(pairs.map((pair) => [pair.base.name, pair])));
  const notCompared = pairings.flatMap((pairing, run) => pairing.notCompared.map((row) => ({ ...row, run })));
  const steps: JointStep[] = [];
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
