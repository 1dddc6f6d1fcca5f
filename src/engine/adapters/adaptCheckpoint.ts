// A base and an adapter as the tuned checkpoint that they make together: adapted tensors carry their update, tensors that
// the adapter holds in full (modules_to_save, biases) replace the base's, and all others are the base's own.
import { problem } from '../../shared/errors.ts';
import type { Problem, ProblemCode } from '../../shared/errors.ts';
import { formatShape } from '../../shared/format.ts';
import type { Checkpoint, StoredTensor, UnreadableTensor } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import { canonicalName } from '../checkpoint/tensorNames.ts';
import type { AdapterContents, AdapterSettings, AdapterUpdate, InitialFactors } from './adapter.ts';
import { scalingOf } from './adapterConfig.ts';

/** The factors of one module, by PEFT's names for them. */
interface Factors {
  /** Name of the module in the base model. */
  module: string;
  parts: Map<string, StoredTensor>;
}

const factorPattern =
  /^(.*)\.lora_(A|B|embedding_A|embedding_B|magnitude_vector)((?:\.(?!weight$|bias$)[^.]+)?(?:\.(?:weight|bias))?)$/;

export function adaptCheckpoint(
  base: Checkpoint,
  adapter: Checkpoint,
  { settings, initial }: AdapterContents,
): Checkpoint {
  const tensors = new Map<string, StoredTensor>(base.tensors);
  const unreadable: UnreadableTensor[] = [...base.unreadable];
  const lost = new Set<string>();
  const names = byCanonicalName(base);
  const { modules, whole } = groupFactors(adapter.tensors.values());
  const initialModules = initial === null ? null : groupFactors(initial.tensors.values()).modules;
  let adapted = 0;
  const put = (key: string, made: StoredTensor | Problem, of: StoredTensor): void => {
    adapted += 1;
    if (!('code' in made)) {
      tensors.set(key, made);
      return;
    }
    tensors.delete(key);
    lost.add(key);
    unreadable.push({ name: key, elements: of.elements, reason: made });
  };
  for (const factors of modules.values()) {
    for (const kind of ['weight', 'bias'] as const) {
      const name = `${factors.module}.${kind}`;
      const key = names.get(canonicalName(name));
      const target = key === undefined ? undefined : base.tensors.get(key);
      const has = kind === 'bias' ? factors.parts.has('B.bias') : true;
      if (!has) continue;
      if (key === undefined || target === undefined) {
        unreadable.push(withoutTarget(factors, name, settings));
        continue;
      }
      const start = initialModules?.get(canonicalName(factors.module)) ?? null;
      const made =
        kind === 'bias' ? biasUpdate(settings, factors) : weightUpdate(settings, factors, target, start);
      put(key, 'code' in made ? made : virtualTensor(target, made, settings), target);
    }
  }
  for (const tensor of whole) {
    const key = names.get(canonicalName(tensor.name)) ?? tensor.name;
    const delta = /^(.*?)\.(?:token_adapter\.)?trainable_tokens_delta/.exec(tensor.name)?.[1];
    if (delta === undefined) tensors.set(key, { ...tensor, name: key });
    else {
      const embedding = names.get(canonicalName(`${delta}.weight`)) ?? key;
      const what = 'has rows trained by themselves (trainable_tokens_delta), which is not supported';
      const reason = refusal('adapter-unsupported', embedding, what, settings);
      put(embedding, reason, base.tensors.get(embedding) ?? tensor);
    }
  }
  const untouched = [...tensors].filter(([name, tensor]) => base.tensors.get(name) === tensor).length;
  const notes = [
    `The tuned side is the base with ${adapter.folder} applied to ${adapted} of its tensors in memory; nothing was merged on disk.`,
    `${untouched} tensors have no adapter: they are the base's own and equal by definition.`,
    ...(initial === null ? [] : [`The factors before training were read from ${initial.folder}.`]),
  ];
  return {
    ...adapter,
    tensors,
    unreadable,
    tiesEmbeddings: base.tiesEmbeddings,
    notes: [...adapter.notes, ...notes],
  };
}

function byCanonicalName(base: Checkpoint): Map<string, string> {
  return new Map([...base.tensors.keys()].map((name) => [canonicalName(name), name]));
}

/** Factors by the canonical name of their module, and the tensors that are none. */
function groupFactors(tensors: Iterable<StoredTensor>): {
  modules: Map<string, Factors>;
  whole: StoredTensor[];
} {
  const modules = new Map<string, Factors>();
  const whole: StoredTensor[] = [];
  for (const tensor of tensors) {
    const [, path, part, ending] = factorPattern.exec(tensor.name) ?? [];
    if (path === undefined || part === undefined) {
      whole.push(tensor);
      continue;
    }
    const module = path.replace(/^base_model\.model\./, '');
    const key = canonicalName(module);
    const factors = modules.get(key) ?? { module, parts: new Map<string, StoredTensor>() };
    factors.parts.set(ending?.endsWith('.bias') === true ? `${part}.bias` : part, tensor);
    modules.set(key, factors);
  }
  return { modules, whole };
}

function weightUpdate(
  settings: AdapterSettings,
  { module, parts }: Factors,
  target: StoredTensor,
  start: Factors | null,
): AdapterUpdate | Problem {
  const refuse = (code: ProblemCode, what: string): Problem => refusal(code, target.name, what, settings);
  const isEmbedding = parts.has('embedding_A');
  const pair = factorPair(parts);
  if (pair === null)
    return refuse('adapter-unsupported', 'has only one of its two LoRA factors in the adapter');
  const { a, b } = pair;
  if (a.shape.length !== 2 || b.shape.length !== 2 || target.shape.length !== 2) {
    const what = `is a convolution or a stack of matrices (${formatShape(target.shape)}), on which LoRA is not supported`;
    return refuse('adapter-unsupported', what);
  }
  const { rank, alpha, scaling } = scalingOf(settings, module);
  const transposed = settings.fanInFanOut || isEmbedding;
  const [rows = 0, columns = 0] = transposed ? [...target.shape].reverse() : target.shape;
  if (a.shape[0] !== rank || b.shape[1] !== rank || a.shape[1] !== columns || b.shape[0] !== rows) {
    const shapes = `A ${formatShape(a.shape)}, B ${formatShape(b.shape)}`;
    return refuse(
      'shape-mismatch',
      `is ${formatShape(target.shape)}, which the factors ${shapes} of rank ${rank} do not fit`,
    );
  }
  if (dtypes[target.dtype].kind !== 'float' || target.dtype === 'F64') {
    return refuse('adapter-unsupported', `is stored in ${target.dtype}, to which no adapter is applied here`);
  }
  const odd = [a, b].find(({ dtype }) => !['F32', 'BF16', 'F16', 'F64'].includes(dtype));
  if (odd !== undefined) return refuse('dtype-unsupported', `has a LoRA factor in ${odd.dtype}`);
  const magnitude = parts.get('magnitude_vector') ?? null;
  if (settings.dora !== (magnitude !== null)) {
    return refuse(
      'adapter-unsupported',
      'has a DoRA magnitude where the settings say otherwise, or none where they ask for one',
    );
  }
  if (magnitude !== null && (transposed || magnitude.elements !== rows)) {
    return refuse(
      'adapter-unsupported',
      'is scaled by a DoRA magnitude over a transposed weight, which is not supported',
    );
  }
  const { initialization } = settings;
  // PEFT starts embeddings the default way whatever is asked for, except that LoftQ quantises them as well.
  const baseChange = isEmbedding && settings.baseChange !== 'unknowable' ? 'none' : settings.baseChange;
  if (baseChange === 'olora' && transposed) {
    return refuse(
      'adapter-base-rewritten',
      'has no known update: OLoRA of a weight that is stored transposed',
    );
  }
  const initial = start === null ? null : matchingStart(start, a, b);
  if (baseChange === 'unknowable' || (baseChange === 'stored' && initial === null)) {
    const why =
      baseChange === 'unknowable'
        ? `its initialisation "${initialization}" changed the base in a way that its factors do not tell`
        : `its initialisation "${initialization}" took a part out of the base that only the factors before training (pissa_init/) can tell`;
    return refuse('adapter-base-rewritten', `has no known update: ${why}`);
  }
  const method = methodOf(settings);
  return {
    kind: 'low-rank',
    ...{ method, rank, scaling: alpha === 0 ? 0 : scaling, a, b, transposed, baseChange, initial, magnitude },
  };
}

function factorPair(parts: Factors['parts']): InitialFactors | null {
  const a = parts.get('A') ?? parts.get('embedding_A');
  const b = parts.get('B') ?? parts.get('embedding_B');
  return a === undefined || b === undefined ? null : { a, b };
}

/** Initial factors count only when they are of the same shapes. */
function matchingStart({ parts }: Factors, a: StoredTensor, b: StoredTensor): InitialFactors | null {
  const pair = factorPair(parts);
  const alike =
    pair !== null &&
    formatShape(pair.a.shape) === formatShape(a.shape) &&
    formatShape(pair.b.shape) === formatShape(b.shape);
  return alike ? pair : null;
}

function biasUpdate(settings: AdapterSettings, { module, parts }: Factors): AdapterUpdate | Problem {
  const bias = parts.get('B.bias');
  const { scaling } = scalingOf(settings, module);
  if (bias !== undefined) return { kind: 'bias', method: methodOf(settings), scaling, bias };
  return refusal('internal', module, 'has no bias', settings);
}

function methodOf({ dora, rankStabilized, initialization }: AdapterSettings): string {
  const plain = dora ? 'DoRA' : rankStabilized ? 'rsLoRA' : 'LoRA';
  return ['true', 'false'].includes(initialization) ? plain : `${plain} (${initialization})`;
}

/** Compared as float32: that is what W + ΔW is computed in before any merge rounds it. */
function virtualTensor(target: StoredTensor, update: AdapterUpdate, settings: AdapterSettings): StoredTensor {
  const { name, shape, elements } = target;
  const file = update.kind === 'bias' ? update.bias.file : update.a.file;
  const at = { file: file === '' ? settings.file : file, offset: 0, bytes: 4 * elements };
  return { name, dtype: 'F32', shape, elements, ...at, scale: null, adapter: update };
}

function withoutTarget(
  { module, parts }: Factors,
  name: string,
  settings: AdapterSettings,
): UnreadableTensor {
  const elements = [...parts.values()].reduce((sum, tensor) => sum + tensor.elements, 0);
  const message = `The adapter ${settings.file} changes ${module}, but the base has no tensor "${name}".`;
  return {
    name,
    elements,
    reason: problem('only-in-tuned', message, { file: settings.file, tensor: name }),
  };
}

function refusal(code: ProblemCode, tensor: string, what: string, { file }: AdapterSettings): Problem {
  return problem(code, `Tensor "${tensor}" ${what} (${file}).`, { file, tensor });
}
