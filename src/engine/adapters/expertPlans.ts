// Factors per expert (`experts.3.up_proj`) over a base that holds its experts in one tensor: each is the update of a slice.
// A fused `gate_up_proj` has the gate's outputs before those of `up`, but for gpt-oss, which interleaves them: there, and
// where that cannot be known, nothing is placed.
import { problem, type Problem } from '../../shared/errors.ts';
import { formatShape } from '../../shared/text/format.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { AdapterSettings } from '../checkpoint/adapterUpdate.ts';
import { scalingOf } from '../formats/peft/adapterConfig.ts';
import { type BaseTargets, isReadable, type Target } from './baseTargets.ts';
import type { Factors } from './factorGroups.ts';
import { faultOfStack, type Planned } from './parameterPlans.ts';
import { refusal, usablePair } from './refusal.ts';
import type { StackOrientation, StackPiece, StackPlan } from './stackPlan.ts';
import { faultOfTarget, methodOf } from './weightUpdate.ts';

/** What an expert's module is of the fused tensor: all of a matrix, or the first or second half of its outputs. */
type Part = 'whole' | 'first half' | 'second half';

export interface ExpertFactors {
  factors: Factors;
  expert: number;
  part: Part;
  target: Target;
}

const perExpert = /^(.*\.experts)\.(\d+)\.(\w+)$/;
/** Experts in a list of their own per projection, as some loaders split gpt-oss. */
const perProjection = /^(.*\.experts)\.(gate_up_proj|down_proj)s\.(\d+)$/;
const halves: Readonly<Record<string, Part>> = {
  gate_proj: 'first half',
  up_proj: 'second half',
  w1: 'first half',
  w3: 'second half',
};
const downNames: readonly string[] = ['down_proj', 'w2'];

/** Where in a fused base the module of an expert lies; null where the base has no such tensor. */
export function findExpert(factors: Factors, targets: BaseTargets): ExpertFactors | null {
  const { module } = factors;
  const [, inList, listed, at] = perProjection.exec(module) ?? [];
  const [, experts = inList, number = at, leaf = listed] = perExpert.exec(module) ?? [];
  if (experts === undefined || number === undefined || leaf === undefined) return null;
  // Mixtral's block was renamed when its experts were fused.
  const parents = [experts, experts.replace(/\bblock_sparse_moe\b/, 'mlp')];
  const half = halves[leaf];
  const candidates: [string, Part][] = [
    [leaf, 'whole'],
    ...(half === undefined ? [] : ([['gate_up_proj', half]] as [string, Part][])),
    ...(downNames.includes(leaf) ? ([['down_proj', 'whole']] as [string, Part][]) : []),
  ];
  for (const parent of parents) {
    for (const [name, part] of candidates) {
      const target =
        targets.find(`${parent}.${name}`) ??
        targets.find(`${parent}.${name}.weight`) ??
        targets.packed(`${parent}.${name}`);
      if (target !== null) return { factors, expert: Number(number), part, target };
    }
  }
  return null;
}

/** One update of each fused tensor; a part that cannot be placed leaves out the whole tensor. */
export function planExperts(settings: AdapterSettings, found: readonly ExpertFactors[]): Planned[] {
  const byTarget = new Map<Target, ExpertFactors[]>();
  for (const each of found) byTarget.set(each.target, [...(byTarget.get(each.target) ?? []), each]);
  return [...byTarget].map(([target, experts]) => {
    const plan = isReadable(target)
      ? planOf(settings, target, experts)
      : refusal('adapter-unplaced', target.name, 'cannot be read in the base', settings);
    return { target, plan };
  });
}

/** Why halves cannot be told in this orientation, for `refusal`; null where they can, or are not asked for. */
export function faultOfHalves(
  { pieces, outputs, target }: StackPlan,
  orientation: StackOrientation,
  modelType: string | null,
): string | null {
  if (pieces.every((piece) => piece.outputs === outputs)) return null;
  const halves = `is ${formatShape(target.shape)}: where in it the outputs of gate and up lie`;
  if (modelType === 'gpt_oss')
    return `${halves} for factors of either is not supported: gpt-oss interleaves them`;
  if (orientation === 'out-in' || modelType !== null) return null;
  return `${halves} cannot be known without the model_type of the base's config.json`;
}

function planOf(
  settings: AdapterSettings,
  target: StoredTensor,
  experts: readonly ExpertFactors[],
): StackPlan | Problem {
  const [matrices = 0] = target.shape;
  if (target.shape.length !== 3) {
    const what = `is ${formatShape(target.shape)}, which is no stack of experts`;
    return refusal('adapter-unplaced', target.name, what, settings);
  }
  const pieces: StackPiece[] = [];
  const sizes = new Set<string>();
  const taken = new Set<string>();
  let whole = { inputs: 0, outputs: 0 };
  for (const { factors, expert, part } of experts) {
    const refuse = (code: Problem['code'], what: string): Problem =>
      problem(code, `Tensor "${target.name}" ${what}, for ${factors.module} (${settings.file}).`, {
        file: settings.file,
        tensor: target.name,
      });
    const pair = usablePair(factors);
    if ('code' in pair) return refuse(pair.code, pair.what);
    const { a, b } = pair;
    const fault = faultOfStack(settings, factors) ?? faultOfTarget(target);
    if (fault !== null) return refuse('adapter-unsupported', fault);
    const { rank, scaling } = scalingOf(settings, factors.module);
    const [inputs = 0, outputs = 0] = [a.shape[1], b.shape[0]];
    if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[0] !== rank || b.shape[1] !== rank) {
      const shapes = `A ${formatShape(a.shape)}, B ${formatShape(b.shape)}`;
      return refuse('shape-mismatch', `has factors ${shapes}, which are not of rank ${rank}`);
    }
    const place = `${expert} ${part}`;
    if (expert >= matrices || taken.has(place)) {
      const why =
        expert >= matrices ? `has ${matrices} experts and none ${expert}` : 'has two updates of one part';
      return refuse('adapter-unplaced', why);
    }
    taken.add(place);
    whole = { inputs, outputs: part === 'whole' ? outputs : 2 * outputs };
    sizes.add(`${whole.inputs} ${whole.outputs}`);
    if (sizes.size > 1) return refuse('shape-mismatch', 'has factors of different sizes for its experts');
    pieces.push({
      ...{
        matrix: expert,
        firstOutput: part === 'second half' ? outputs : 0,
        inputs,
        outputs,
        rank,
        scaling,
      },
      a: { tensor: a, first: 0, step: 1 },
      b: { tensor: b, first: 0, step: 1 },
    });
  }
  return { target, method: methodOf(settings), pieces, ...whole, allowed: ['out-in', 'in-out'] };
}
