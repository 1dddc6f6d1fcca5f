// The base's tensors as an adapter looks for them: by names without wrappers, by the module that they lie in, and under
// the names that packed weights have in place of `weight`. Tensors that cannot be read are found, too.
import type { Checkpoint, StoredTensor, UnreadableTensor } from '../checkpoint/checkpoint.ts';
import { canonicalName } from '../checkpoint/tensorNames.ts';
import { tiedEmbedding } from '../checkpoint/tiedHeads.ts';
import { moduleKey } from './factorGroups.ts';

export type Target = StoredTensor | UnreadableTensor;

/** What stands in place of `weight` where it is packed: GPTQ and AWQ, compressed-tensors. */
const packedLeaves = ['qweight', 'weight_packed'];
/** Behind the own name of a parameter that is packed: MXFP4, compressed-tensors. */
const packedEndings = ['_blocks', '_packed'];
export const packedEnding = /_(?:blocks|packed)$/;

export class BaseTargets {
  readonly #base: Checkpoint;
  readonly #byName = new Map<string, Target | null>();
  readonly #children = new Map<string, Map<string, Target>>();

  constructor(base: Checkpoint) {
    this.#base = base;
    for (const target of [...base.tensors.values(), ...base.unreadable]) {
      const name = canonicalName(target.name);
      // A name that means two tensors means none.
      this.#byName.set(name, this.#byName.has(name) ? null : target);
      const cut = name.lastIndexOf('.');
      const parent = name.slice(0, Math.max(0, cut));
      const children = this.#children.get(parent) ?? new Map<string, Target>();
      this.#children.set(parent, children.set(name.slice(cut + 1), target));
    }
  }

  find(name: string): Target | null {
    return this.#byName.get(canonicalName(name)) ?? null;
  }

  /** The tensors that lie in a module itself, by the last part of their name. */
  childrenOf(module: string): ReadonlyMap<string, Target> {
    const name = moduleKey(module).replace(/\.weight$/, '');
    return this.#children.get(name) ?? new Map();
  }

  /** What stands for a module's weight, or for a parameter, where it is packed. */
  packed(module: string): Target | null {
    const children = this.childrenOf(module);
    for (const leaf of packedLeaves) {
      const found = children.get(leaf);
      if (found !== undefined) return found;
    }
    for (const ending of packedEndings) {
      const found = this.find(module + ending);
      if (found !== null) return found;
    }
    return null;
  }

  /** The embeddings whose values a head has that the base does not store; null where it is not tied to any. */
  embeddingOf(head: string): StoredTensor | null {
    return this.find(head) === null ? tiedEmbedding(this.#base) : null;
  }
}

export function isReadable(target: Target): target is StoredTensor {
  return !('reason' in target);
}
