// The base's tensors as an adapter leaves them, one change after the other. What cannot be applied takes the tensor out of
// the readable ones, with its reason and the base's number of elements: it never passes for the base's own.
import type { Problem } from '../../shared/errors.ts';
import type { Checkpoint, StoredTensor, UnreadableTensor } from '../checkpoint/checkpoint.ts';
import { type AdapterSettings, type AdapterUpdate, tensorsOf } from '../checkpoint/adapterUpdate.ts';
import { isReadable, type Target } from './baseTargets.ts';
import { faultOfPacked } from './packedBase.ts';
import { notGathered, refusal } from './refusal.ts';
import { isSplit, partOfUpdate, type SplitStack } from './splitExperts.ts';

export type MakeUpdate = (target: StoredTensor) => AdapterUpdate | Problem;

export class AdaptedTensors {
  readonly tensors: Map<string, StoredTensor>;
  readonly #base: Checkpoint;
  readonly #adapter: Checkpoint;
  readonly #settings: AdapterSettings;
  readonly #unreadable: Map<string, UnreadableTensor>;
  readonly #baseNames: ReadonlySet<string>;
  readonly #updated = new Set<string>();
  readonly #replaced = new Set<string>();
  readonly #refused = new Set<string>();

  constructor(base: Checkpoint, adapter: Checkpoint, settings: AdapterSettings) {
    this.#base = base;
    this.#adapter = adapter;
    this.#settings = settings;
    this.tensors = new Map(base.tensors);
    this.#unreadable = new Map(base.unreadable.map((tensor) => [tensor.name, tensor]));
    this.#baseNames = new Set([...this.tensors.keys(), ...this.#unreadable.keys()]);
  }

  get unreadable(): UnreadableTensor[] {
    return [...this.#unreadable.values()];
  }

  /** How many tensors have an update, could not have theirs, and are the base's own. */
  get counts(): { updated: number; refused: number; untouched: number } {
    const untouched = [...this.tensors.keys()].filter((name) => !this.isChanged(name)).length;
    return { updated: this.#updated.size, refused: this.#refused.size, untouched };
  }

  isChanged(name: string): boolean {
    return [this.#updated, this.#replaced, this.#refused].some((names) => names.has(name));
  }

  /** `target` is the base's tensor, or a head that has the values of one. */
  update(target: Target, make: MakeUpdate): void {
    if (isSplit(target)) {
      this.#updateParts(target, make);
      return;
    }
    const { name, elements } = target;
    const fault = this.#faultOfBase(target) ?? this.#twice(name);
    const made = fault ?? (isReadable(target) ? make(target) : null);
    if (made === null) return;
    if ('code' in made) this.refuse(name, elements, made);
    else if (isReadable(target)) {
      this.#updated.add(name);
      this.tensors.set(name, virtualTensor(target, made, this.#settings));
    }
  }

  /** One update of a stack that is stored in parts. */
  #updateParts(stack: SplitStack, make: MakeUpdate): void {
    const fault = stack.parts.map(({ target }) => this.#faultOfBase(target)).find((found) => found !== null);
    const made = fault ?? make(stack);
    for (const { target, firstRow } of stack.parts) {
      this.update(target, (part) => {
        if (!('code' in made)) return partOfUpdate(made, firstRow, part) ?? this.#nothingOf(part);
        return { ...made, tensor: part.name };
      });
    }
  }

  #nothingOf({ name }: StoredTensor): Problem {
    return refusal('adapter-unplaced', name, 'is not reached by the update of its stack', this.#settings);
  }

  /** A tensor that the adapter holds in full, under the name that the base has for it, if it has one. */
  replace(tensor: StoredTensor, target: Target | null): void {
    const name = target?.name ?? tensor.name;
    const isEmpty = tensor.elements === 0 && target !== null && target.elements !== 0;
    const empty = `is empty in the adapter: ${notGathered}`;
    const fault = isEmpty ? refusal('adapter-empty', name, empty, this.#settings) : this.#twice(name);
    if (fault !== null) {
      this.refuse(name, target?.elements ?? tensor.elements, fault);
      return;
    }
    this.#replaced.add(name);
    this.#unreadable.delete(name);
    this.tensors.set(name, { ...tensor, name });
  }

  refuse(name: string, elements: number | null, reason: Problem): void {
    this.#updated.delete(name);
    this.#replaced.delete(name);
    this.#refused.add(name);
    this.tensors.delete(name);
    this.#unreadable.set(name, { name, elements, reason });
  }

  #faultOfBase(target: Target): Problem | null {
    const { name } = target;
    const packed = faultOfPacked(target, this.#baseNames, [this.#base, this.#adapter]);
    if (packed !== null) return refusal('adapter-unsupported', name, packed, this.#settings);
    if (isReadable(target)) return null;
    const what = `is changed by the adapter and cannot be read in the base: ${target.reason.message}`;
    return refusal('adapter-unplaced', name, what, this.#settings);
  }

  #twice(name: string): Problem | null {
    if (!this.isChanged(name)) return null;
    const what = 'is changed by the adapter in more than one way, in an order that is not stated';
    return refusal('adapter-unplaced', name, what, this.#settings);
  }
}

/** Compared as float32: that is what W + ΔW is computed in before any merge rounds it. */
function virtualTensor(target: StoredTensor, update: AdapterUpdate, settings: AdapterSettings): StoredTensor {
  const { name, shape, elements } = target;
  const [first] = tensorsOf(update);
  const file = first === undefined || first.file === '' ? settings.file : first.file;
  return {
    name,
    dtype: 'F32',
    shape,
    elements,
    file,
    offset: 0,
    bytes: 4 * elements,
    scale: null,
    adapter: update,
  };
}
