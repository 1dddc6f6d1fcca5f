// What the names in a torch distributed checkpoint say: which tensors are weights, and what trainers put before their
// names. accelerate writes `model.…`, NeMo-RL `app.model.…` or `state.model.…`, torchtitan nothing.

export const metadataName = '.metadata';

/** Segments that name an optimizer and all that it keeps. */
const optimizerSegment = /^(?:chained_\d+|optim(?:izers?)?(?:_state)?(?:_dict)?|optim_states?)$/;
/** The last segment of what Adam and its relatives keep of a parameter. */
const optimizerLeaf = /^(?:exp_avg|exp_avg_sq|max_exp_avg_sq|momentum_buffer|fp32_param|master_param)$/;
const containers = new Set(['app', 'state', 'state_dict', 'module', 'policy', 'actor']);

interface WeightNames {
  /** Full names of the weights, and what is left of them without the trainer's containers. */
  names: Map<string, string>;
  notes: string[];
}

export function weightNames(all: readonly string[]): WeightNames {
  const weights = all.filter((name) => !isOptimizer(name));
  const prefix = commonContainers(weights);
  const names = new Map(weights.map((name) => [name, name.slice(prefix.length)]));
  const left = all.length - weights.length;
  const said = left === 1 ? '1 tensor of the optimizer is' : `${left} tensors of the optimizer are`;
  const notes = left === 0 ? [] : [`${said} not read.`];
  return { names, notes };
}

function isOptimizer(name: string): boolean {
  const segments = name.split('.');
  return (
    segments.some((segment) => optimizerSegment.test(segment)) ||
    optimizerLeaf.test(segments[segments.length - 1] ?? '')
  );
}

/** `app.` of `app.model.layers.0.w`; `model.` only where the model's own names begin with it too, or with a head. */
function commonContainers(names: readonly string[]): string {
  let prefix = '';
  for (;;) {
    const rest = names.map((name) => name.slice(prefix.length));
    const [first = ''] = rest;
    const segment = first.slice(0, Math.max(0, first.indexOf('.')));
    if (segment === '' || !rest.every((name) => name.startsWith(`${segment}.`))) return prefix;
    const inner = rest.map((name) => name.slice(segment.length + 1));
    const isWrapped = segment === 'model' && inner.some((name) => /^(?:model|lm_head|module)\./.test(name));
    if (!containers.has(segment) && !isWrapped) return prefix;
    prefix += `${segment}.`;
  }
}
