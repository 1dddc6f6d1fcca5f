// Which tensor of the tuned checkpoint answers which of the base: exact names first, then names without wrappers, then
// slices of fused tensors, then tied embeddings. Every parameter of either side ends in a pair or in a row that says why not.
import { adaptCheckpoint } from '../adapters/adaptCheckpoint.ts';
import { markRefused } from '../adapters/markRefused.ts';
import { problem, ThreeGateError } from '../../shared/errors.ts';
import type { Problem, ProblemCode } from '../../shared/errors.ts';
import type { NotCompared } from '../../shared/report/report.ts';
import {
  storedAs,
  type Checkpoint,
  type Pairing,
  type StoredTensor,
  type TensorPair,
  type UnreadableTensor,
} from '../checkpoint/checkpoint.ts';
import { comparability, mayBeWeights } from './comparability.ts';
import { isFloat8 } from '../checkpoint/dtype.ts';
import { matchNames } from './matchNames.ts';
import { compareNaturally } from '../files/naturalOrder.ts';
import { Orientation } from './orientation.ts';
import { otherSide, type Side } from './fusedCandidates.ts';
import { pairFused } from './pairFused.ts';
import { compareStacks, placesOf, type Place } from '../checkpoint/stacks.ts';
import { canonicalName, moduleKind } from '../checkpoint/tensorNames.ts';
import { findTiedHeads } from '../checkpoint/tiedHeads.ts';

/** Pairs come layer by layer, then what lies outside the layers; head and embeddings, the largest, last. */
export function pairCheckpoints(base: Checkpoint, tuned: Checkpoint): Pairing {
  if (base.adapter !== undefined) {
    const sentence = `${base.info.path} is an adapter: as the base, name the whole model that it was trained on.`;
    throw new ThreeGateError('adapter-unsupported', sentence, { file: base.info.path });
  }
  const { adapter } = tuned;
  if (adapter === undefined) return new PairingBuilder(base, tuned).build();
  const whole = adaptCheckpoint(base, tuned, adapter);
  return markRefused(new PairingBuilder(base, whole).build(), base, whole);
}

/** Without its place: that follows from the names of all. */
type Found = Omit<TensorPair, keyof Place> & {
  /** Names that tell the layer, and the kind of module. */
  placedBy: string;
  kindBy: string;
};

class PairingBuilder {
  readonly #sides: Record<Side, Checkpoint>;
  readonly #tensors: Record<Side, Map<string, StoredTensor | UnreadableTensor>>;
  /** Canonical names of weights whose update lies in unmerged LoRA factors beside them. */
  readonly #adapted: Set<string>;
  readonly #pairs: Found[] = [];
  readonly #orientation: Orientation;
  readonly #notCompared: NotCompared[] = [];
  readonly #notes: string[] = [];
  /** Pairs of integers, which are no parameters that a gate could measure. */
  readonly #integers = new Set<Found>();

  constructor(base: Checkpoint, tuned: Checkpoint) {
    this.#sides = { base, tuned };
    this.#tensors = { base: allTensors(base), tuned: allTensors(tuned) };
    this.#orientation = new Orientation(this.#tensors);
    this.#adapted = new Set([...adaptedNames(base), ...adaptedNames(tuned)]);
  }

  build(): Pairing {
    const { base, tuned } = this.#sides;
    this.#notes.push(
      ...base.notes.map((note) => `Base: ${note}`),
      ...tuned.notes.map((note) => `Tuned: ${note}`),
    );
    const names = matchNames(this.#tensors.base.keys(), this.#tensors.tuned.keys());
    this.#orientation.look(names.matches);
    for (const match of names.matches) this.#compareMatch(match.base, match.tuned);
    this.#noteRenamed(names.matches.filter((match) => match.base !== match.tuned));
    for (const side of ['base', 'tuned'] as const) {
      for (const name of names.ambiguous[side]) {
        const what = `could answer several tensors of the ${otherSide[side]} checkpoint once wrappers are removed`;
        this.#leaveOut(side, name, 'name-ambiguous', `of the ${side} checkpoint ${what}`);
      }
    }
    const rest = this.#pairFused(names.onlyBase, names.onlyTuned);
    const onlyBase = this.#pairTiedHeads('base', rest.base);
    const onlyTuned = this.#pairTiedHeads('tuned', rest.tuned);
    for (const name of onlyBase)
      this.#leaveOut('base', name, 'only-in-base', 'is only in the base checkpoint');
    for (const name of onlyTuned)
      this.#leaveOut('tuned', name, 'only-in-tuned', 'is only in the tuned checkpoint');
    this.#noteDtypes();
    this.#countIntegers();
    const measured = this.#pairs.filter((pair) => !this.#integers.has(pair));
    const elements = [...measured, ...this.#notCompared].reduce((sum, row) => sum + row.elements, 0);
    return {
      pairs: inStreamingOrder(this.#placed()),
      notCompared: this.#notCompared,
      elements,
      notes: this.#notes,
    };
  }

  /** Every pair with its layer and kind of module. */
  #placed(): TensorPair[] {
    const places = placesOf([...this.#tensors.base.keys(), ...this.#pairs.map(({ placedBy }) => placedBy)]);
    return this.#pairs.map(({ placedBy, kindBy, ...pair }) => {
      const { container, layer } = places.get(placedBy) ?? { container: null, layer: null };
      return { ...pair, container, layer, module: moduleKind(kindBy) };
    });
  }

  #compareMatch(baseName: string, tunedName: string): void {
    const slices = this.#orientation.transposedStack(baseName, tunedName);
    if (slices === null) {
      this.#compare(baseName, baseName, tunedName);
      return;
    }
    for (const { base, tuned } of slices) this.#compareTensors(base.name, base, tuned, baseName, baseName);
    const [example] = slices;
    if (example === undefined) return;
    this.#notes.push(
      `${baseName} holds its ${slices.length} experts transposed in the tuned checkpoint: compared expert by expert, as ${example.base.name} with ${example.tuned.name}.`,
    );
  }

  /** What one side stores fused and the other in parts; returns the names still unmatched. */
  #pairFused(base: readonly string[], tuned: readonly string[]): Record<Side, string[]> {
    const sides = this.#sides;
    const tensors = this.#tensors;
    const fused = pairFused({
      base: { checkpoint: sides.base, tensors: tensors.base, unmatched: base },
      tuned: { checkpoint: sides.tuned, tensors: tensors.tuned, unmatched: tuned },
    });
    for (const { part, base: ofBase, tuned: ofTuned } of fused.pairs) {
      const placedBy = tensors.base.has(part) ? part : ofBase.name.replace(/\[[^\]]*\]$/, '');
      this.#compareTensors(ofBase.name, ofBase, ofTuned, placedBy, part);
    }
    this.#notCompared.push(...fused.notCompared);
    this.#notes.push(...fused.notes);
    return {
      base: base.filter((name) => !fused.used.base.has(name)),
      tuned: tuned.filter((name) => !fused.used.tuned.has(name)),
    };
  }

  #compare(name: string, baseName: string, tunedName: string): void {
    const base = this.#tensors.base.get(baseName);
    const tuned = this.#tensors.tuned.get(tunedName);
    if (base === undefined || tuned === undefined) return;
    const elements = Math.max(base.elements ?? 0, tuned.elements ?? 0);
    if ('reason' in base || 'reason' in tuned) {
      const side = 'reason' in base ? ('reason' in tuned ? 'both' : 'base') : 'tuned';
      const reason = 'reason' in base ? base.reason : (tuned as UnreadableTensor).reason;
      this.#notCompared.push({ name, side, elements, reason });
      return;
    }
    if (this.#isAdapted(baseName) || this.#isAdapted(tunedName)) {
      const message = `Tensor "${name}" has its update in unmerged LoRA factors beside it; merge them first.`;
      const reason = problem('adapter-unsupported', message, { file: tuned.file, tensor: name });
      this.#notCompared.push({ name, side: 'both', elements, reason });
      return;
    }
    this.#compareTensors(name, base, tuned, name, name);
  }

  #compareTensors(
    name: string,
    base: StoredTensor,
    tuned: StoredTensor,
    placedBy: string,
    kindBy: string,
  ): void {
    const verdict = this.#orientation.doubt(name, base, tuned) ?? comparability(name, base, tuned);
    if ('reason' in verdict) {
      const elements = Math.max(base.elements, tuned.elements);
      this.#notCompared.push({ name, side: 'both', elements, reason: verdict.reason });
      return;
    }
    const { shape, rowsLeft } = verdict;
    const pair: Found = {
      name,
      tunedName: tuned.name === name ? null : tuned.name,
      base,
      tuned,
      shape,
      elements: verdict.elements,
      placedBy,
      kindBy,
    };
    this.#pairs.push(pair);
    if (verdict.equalityOnly) this.#integers.add(pair);
    if (rowsLeft === null) return;
    this.#notCompared.push({ name, ...rowsLeft });
    this.#notes.push(
      `${name} has ${base.shape[0] ?? 1} rows in the base and ${tuned.shape[0] ?? 1} in the tuned checkpoint; the ${shape[0] ?? 1} common rows are compared.`,
    );
  }

  /** What may be packed weights is listed as not compared; other integers are no parameters. */
  #countIntegers(): void {
    const codes = [...this.#integers].filter(({ base }) => mayBeWeights(base));
    for (const { name, elements, base, tuned } of codes) {
      const message = `Tensor "${name}" holds ${base.dtype}, which is held against the other side for equality but measured by no gate: if these are packed weights, name the checkpoint that they were quantised from.`;
      const reason = problem('packed-weights', message, { file: tuned.file, tensor: name });
      this.#notCompared.push({ name, side: 'both', elements, reason });
    }
    const others = this.#integers.size - codes.length;
    if (others === 0) return;
    const what = plural(others, 'tensor of integers or booleans is', 'tensors of integers or booleans are');
    this.#notes.push(`${what} compared for equality only, and not counted as parameters.`);
  }

  #isAdapted(name: string): boolean {
    return this.#adapted.size > 0 && this.#adapted.has(canonicalName(name));
  }

  /** Pairs the heads that the other side ties; returns the names still unmatched. */
  #pairTiedHeads(side: Side, unmatched: readonly string[]): string[] {
    const other = otherSide[side];
    const tied = findTiedHeads(this.#sides[side], this.#sides[other], unmatched);
    for (const { head, embedding } of tied) {
      this.#notes.push(
        `The ${other} checkpoint stores no ${head}: its embeddings ${embedding} are compared in its place, as tied.`,
      );
      if (side === 'base') this.#compare(head, head, embedding);
      else this.#compare(head, embedding, head);
    }
    return unmatched.filter((name) => !tied.some(({ head }) => head === name));
  }

  #leaveOut(side: Side, name: string, code: ProblemCode, sentence: string): void {
    const tensor = this.#tensors[side].get(name);
    if (tensor === undefined) return;
    const reason = 'reason' in tensor ? tensor.reason : leftOut(tensor, code, sentence);
    this.#notCompared.push({ name, side, elements: tensor.elements ?? 0, reason });
  }

  #noteRenamed(renamed: readonly { base: string; tuned: string }[]): void {
    const [example] = renamed;
    if (example === undefined) return;
    const count = renamed.length === 1 ? '1 tensor is' : `${renamed.length} tensors are`;
    this.#notes.push(
      `${count} paired without wrappers in the name, as ${example.base} with ${example.tuned}.`,
    );
  }

  #noteDtypes(): void {
    const dtypes = new Map<string, number>();
    const dequantised = { base: new Map<string, number>(), tuned: new Map<string, number>() };
    for (const pair of this.#pairs) {
      const { base, tuned } = pair;
      for (const side of ['base', 'tuned'] as const) {
        const scheme = dequantisedFrom(pair[side]);
        if (scheme !== null) dequantised[side].set(scheme, (dequantised[side].get(scheme) ?? 0) + 1);
      }
      if (storedAs(base) === storedAs(tuned) || tuned.adapter !== undefined) continue;
      const key = `${storedAs(base)} in the base and ${storedAs(tuned)} in the tuned checkpoint`;
      dtypes.set(key, (dtypes.get(key) ?? 0) + 1);
    }
    for (const [key, count] of dtypes)
      this.#notes.push(`${plural(count, 'tensor is', 'tensors are')} stored in ${key}.`);
    for (const side of ['base', 'tuned'] as const) {
      for (const [scheme, count] of dequantised[side]) {
        const what = plural(count, `${scheme} weight`, `${scheme} weights`);
        this.#notes.push(
          `${what} of the ${side} checkpoint: compared dequantised, by the scales beside them.`,
        );
      }
    }
  }
}

/** What a tensor's values are computed from; null where they are stored. */
function dequantisedFrom({ dtype, scale, packed }: StoredTensor): string | null {
  if (packed !== undefined) return packed.scheme;
  return isFloat8(dtype) && scale !== null ? 'F8' : null;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function leftOut(tensor: StoredTensor, code: ProblemCode, sentence: string): Problem {
  return problem(code, `Tensor "${tensor.name}" ${sentence}.`, { file: tensor.file, tensor: tensor.name });
}

function allTensors(checkpoint: Checkpoint): Map<string, StoredTensor | UnreadableTensor> {
  const all = new Map<string, StoredTensor | UnreadableTensor>(checkpoint.tensors);
  for (const tensor of checkpoint.unreadable) all.set(tensor.name, tensor);
  return all;
}

/** A checkpoint saved through PEFT without merging keeps the old weight (`base_layer`) beside its LoRA factors. */
function adaptedNames(checkpoint: Checkpoint): string[] {
  return [...checkpoint.tensors.keys()].flatMap((name) => {
    const module = /^(.*)\.lora_(?:A|B|embedding_A|embedding_B|magnitude_vector)(?:\.|$)/.exec(name)?.[1];
    return module === undefined ? [] : [canonicalName(`${module}.weight`)];
  });
}

const lastKinds: readonly string[] = ['head', 'embed'];

/** Stacks and their layers in order, each in the natural order of its names; then the rest; then head and embeddings. */
function inStreamingOrder(pairs: readonly TensorPair[]): TensorPair[] {
  const keyed = pairs.map((pair) => ({
    pair,
    group: pair.layer === null ? 1 + lastKinds.indexOf(pair.module) : -1,
    layer: pair.layer ?? 0,
  }));
  keyed.sort(
    (a, b) =>
      a.group - b.group ||
      (a.group === -1 ? compareStacks(a.pair.container, b.pair.container) : 0) ||
      a.layer - b.layer ||
      compareNaturally(a.pair.name, b.pair.name),
  );
  return keyed.map(({ pair }) => pair);
}
