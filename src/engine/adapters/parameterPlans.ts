// PEFT's `target_parameters`: factors of rank r for every matrix of a parameter of shape [E, ·, ·], A with rows e·r + j and
// B with columns j·E + e (huggingface/peft, tuners/lora/layer.py, ParamWrapper.get_delta_weight). Where several parameters
// of one module are targeted, their wraps are nested in an order that is not stored; their shapes tell them apart.
import type { Problem } from '../../shared/errors.ts';
import { formatShape } from '../../shared/text/format.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { AdapterSettings, AdapterUpdate } from '../checkpoint/adapterUpdate.ts';
import { scalingOf } from '../formats/peft/adapterConfig.ts';
import { type BaseTargets, isReadable, packedEnding, type Target } from './baseTargets.ts';
import type { Factors, Wraps } from './factorGroups.ts';
import { refusal, usablePair } from './refusal.ts';
import { splitStacks } from './splitExperts.ts';
import { orientationsOf, type StackPlan } from './stackPlan.ts';
import { faultOfTarget, methodOf, weightUpdate } from './weightUpdate.ts';

/** A target and its update: ready, or a stack whose orientation is still open, or refused. */
export interface Planned {
  target: Target;
  plan: StackPlan | AdapterUpdate | Problem;
}

/** Whether the settings name a parameter, as PEFT matches them. */
export function isTargeted(settings: AdapterSettings, parameter: string): boolean {
  return settings.targetParameters.some((name) => parameter === name || parameter.endsWith(`.${name}`));
}

/** Null where the module's factors are of the module itself, not of its parameters. */
export function planParameters(
  settings: AdapterSettings,
  wraps: Wraps,
  targets: BaseTargets,
): Planned[] | null {
  const module = wraps[0]?.module ?? '';
  const parameters = parametersOf(settings, wraps, targets);
  if (parameters.length === 0) return null;
  const [only] = wraps.length === 1 && parameters.length === 1 ? wraps : [];
  const found = assign(settings, wraps, parameters);
  return parameters.map(([leaf, target]) => {
    const wrap = only ?? found?.get(leaf);
    if (wrap !== undefined && isReadable(target)) {
      return { target, plan: planOf(settings, wrap, target, `${module}.${leaf}`) };
    }
    const fault = wraps.map(usablePair).find((pair) => 'code' in pair);
    const { code, what } = fault ?? {
      code: 'adapter-unplaced',
      what:
        wraps.length < parameters.length
          ? `is one of ${parameters.length} parameters that the adapter targets in ${module}, which holds factors of ${wraps.length}`
          : `cannot be told apart from the other parameters that the adapter targets in ${module}: by their shapes, factors fit several of them, or none`,
    };
    return { target, plan: refusal(code, target.name, what, settings) };
  });
}

/**
 * What of a module its factors may be of: the parameters that the settings name, stored or in parts. Some writers drop
 * names, or all of them: where there are more wraps, every stack that lies in the module is one that they may be of.
 */
function parametersOf(settings: AdapterSettings, wraps: Wraps, targets: BaseTargets): [string, Target][] {
  const module = wraps[0]?.module ?? '';
  const stored = [...targets.childrenOf(module)];
  const isNamed = ([leaf]: [string, Target]): boolean =>
    isTargeted(settings, `${module}.${leaf.replace(packedEnding, '')}`);
  const isStack = ([, target]: [string, Target]): boolean =>
    isReadable(target) && target.shape.length === 3 && faultOfTarget(target) === null;
  const enough = (named: [string, Target][]): boolean => named.length > 0 && named.length >= wraps.length;
  const named = stored.filter(isNamed);
  if (enough(named)) return named;
  if (named.length === 0 && targets.find(`${module}.weight`) !== null) return [];
  const split = [...splitStacks(module, targets)];
  const namedSplit = split.filter(isNamed);
  if (enough(namedSplit)) return namedSplit;
  return [...split, ...stored.filter((each) => isNamed(each) || isStack(each))];
}

/** The wrap of each parameter, by its leaf; null unless there is exactly one way to give wraps that fit a parameter each. */
function assign(
  settings: AdapterSettings,
  wraps: Wraps,
  parameters: readonly [string, Target][],
): Map<string, Factors> | null {
  if (wraps.length > parameters.length) return null;
  const usable = wraps.filter((wrap) =>
    parameters.some(([leaf, target]) => isReadable(target) && fits(settings, wrap, target, leaf)),
  );
  const ways: Map<string, Factors>[] = [];
  const extend = (index: number, way: Map<string, Factors>): void => {
    const wrap = usable[index];
    if (wrap === undefined) {
      ways.push(way);
      return;
    }
    for (const [leaf, target] of parameters) {
      if (ways.length > 1) return;
      if (way.has(leaf) || !isReadable(target) || !fits(settings, wrap, target, leaf)) continue;
      extend(index + 1, new Map([...way, [leaf, wrap]]));
    }
  };
  extend(0, new Map());
  return ways.length === 1 ? (ways[0] ?? null) : null;
}

function fits(settings: AdapterSettings, wrap: Factors, target: StoredTensor, leaf: string): boolean {
  const plan = planOf(settings, wrap, target, `${wrap.module}.${leaf}`);
  if ('code' in plan) return false;
  return 'kind' in plan || orientationsOf(plan).length > 0;
}

function planOf(
  settings: AdapterSettings,
  wrap: Factors,
  target: StoredTensor,
  parameter: string,
): Planned['plan'] {
  if (target.shape.length === 2) return weightUpdate(settings, wrap, target, null, parameter);
  const pair = usablePair(wrap);
  if ('code' in pair) return refusal(pair.code, target.name, pair.what, settings);
  const { a, b } = pair;
  const refuse = (what: string): Problem => refusal('adapter-unsupported', target.name, what, settings);
  const [matrices = 0] = target.shape;
  const { rank, scaling } = scalingOf(settings, parameter);
  if (target.shape.length !== 3 || a.shape.length !== 2 || b.shape.length !== 2) {
    return refuse(`is ${formatShape(target.shape)}, neither a matrix nor a stack of matrices`);
  }
  const inner = rank * matrices;
  if (a.shape[0] !== inner || b.shape[1] !== inner) {
    const shapes = `A ${formatShape(a.shape)}, B ${formatShape(b.shape)}`;
    const what = `is ${formatShape(target.shape)}, which the factors ${shapes} do not fit: rank ${rank} for each of ${matrices} matrices makes ${inner}`;
    return refusal('shape-mismatch', target.name, what, settings);
  }
  const fault = faultOfStack(settings, wrap) ?? faultOfTarget(target);
  if (fault !== null) return refuse(fault);
  const [inputs = 0, outputs = 0] = [a.shape[1], b.shape[0]];
  const pieces = Array.from({ length: matrices }, (_, matrix) => ({
    ...{ matrix, firstOutput: 0, inputs, outputs, rank, scaling },
    a: { tensor: a, first: matrix * rank, step: 1 },
    b: { tensor: b, first: matrix, step: matrices },
  }));
  // Of a single matrix PEFT takes B·A as it is.
  const allowed = matrices === 1 ? (['out-in'] as const) : (['out-in', 'in-out'] as const);
  return { target, method: methodOf(settings), pieces, inputs, outputs, allowed };
}

/** What no stack can have, for `refusal`; null where nothing stands in the way. */
export function faultOfStack(settings: AdapterSettings, { parts }: Factors): string | null {
  if (settings.dora || parts.has('magnitude_vector'))
    return 'is a stack of matrices, whose DoRA is not supported';
  if (settings.fanInFanOut) return 'is a stack of matrices, for which fan_in_fan_out means nothing';
  if (parts.has('B.bias')) return 'is a stack of matrices, whose factors cannot have a bias';
  if (settings.baseChange === 'none') return null;
  return `is a stack of matrices, of which the initialisation "${settings.initialization}" took an unknown part out of the base`;
}
