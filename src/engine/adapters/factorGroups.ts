// An adapter's tensors by the module that they change. PEFT nests a wrapper in another where two parameters of one module
// are targeted, and each adds a `base_layer` to the path: wraps of one module are told apart by how many there are.
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import { canonicalName } from '../checkpoint/tensorNames.ts';
import type { InitialFactors } from '../checkpoint/adapterUpdate.ts';

/** The factors of one wrap of a module, by PEFT's names for them. */
export interface Factors {
  /** Name of the module in the base model, without wrappers of PEFT. */
  module: string;
  /** Wrappers inside this one: 0 for the outermost. */
  depth: number;
  parts: Map<string, StoredTensor>;
  /** A part that the adapter holds twice, under names that mean the same; null where there is none. */
  twice: string | null;
}

/** The wraps of one module, outermost first. */
export type Wraps = Factors[];

export interface FactorGroups {
  /** By `moduleKey`. */
  modules: Map<string, Wraps>;
  /** Tensors that are no factors. */
  whole: StoredTensor[];
}

const factorPattern =
  /^(.*)\.lora_(A|B|embedding_A|embedding_B|magnitude_vector)((?:\.(?!weight$|bias$)[^.]+)?(?:\.(?:weight|bias))?)$/;

export function groupFactors(tensors: Iterable<StoredTensor>): FactorGroups {
  const modules = new Map<string, Wraps>();
  const whole: StoredTensor[] = [];
  for (const tensor of tensors) {
    const [, path, part, ending] = factorPattern.exec(tensor.name) ?? [];
    if (path === undefined || part === undefined) {
      whole.push(tensor);
      continue;
    }
    const outer = path.replace(/(?:\.base_layer)+$/, '');
    const depth = (path.length - outer.length) / '.base_layer'.length;
    const key = moduleKey(moduleName(outer));
    const wraps = modules.get(key) ?? [];
    modules.set(key, wraps);
    let factors = wraps.find((wrap) => wrap.depth === depth);
    if (factors === undefined) {
      factors = { module: moduleName(outer), depth, parts: new Map(), twice: null };
      wraps.push(factors);
    }
    const name = ending?.endsWith('.bias') === true ? `${part}.bias` : part;
    if (factors.parts.has(name)) factors.twice = name;
    factors.parts.set(name, tensor);
  }
  for (const wraps of modules.values()) wraps.sort((one, other) => one.depth - other.depth);
  return { modules, whole };
}

/** What names of one module have in common whatever wraps them. */
export function moduleKey(module: string): string {
  return canonicalName(`${module}.weight`);
}

/** As PEFT matches it against the keys of its settings. */
export function moduleName(path: string): string {
  return path.replace(/^base_model\.model\./, '').replaceAll(/\.base_layer(?=\.|$)/g, '');
}

export function factorPair({ parts }: Pick<Factors, 'parts'>): InitialFactors | null {
  const a = parts.get('A') ?? parts.get('embedding_A');
  const b = parts.get('B') ?? parts.get('embedding_B');
  return a === undefined || b === undefined ? null : { a, b };
}
