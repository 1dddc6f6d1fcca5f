// A base and an adapter as the tuned checkpoint that they make together: adapted tensors carry their update, tensors that
// the adapter holds in full (modules_to_save, biases) replace the base's, and all others are the base's own. What it
// changes and cannot be placed is not readable (adaptedTensors.ts).
import { problem } from '../../shared/errors.ts';
import type { Checkpoint, StoredTensor } from '../checkpoint/checkpoint.ts';
import { isHead } from '../checkpoint/tiedHeads.ts';
import type { AdapterContents, AdapterSettings } from '../checkpoint/adapterUpdate.ts';
import { AdaptedTensors, type MakeUpdate } from './adaptedTensors.ts';
import { BaseTargets } from './baseTargets.ts';
import { type ExpertFactors, faultOfHalves, findExpert, planExperts } from './expertPlans.ts';
import {
  type Factors,
  factorPair,
  type FactorGroups,
  groupFactors,
  moduleKey,
  moduleName,
  type Wraps,
} from './factorGroups.ts';
import { fusedSiblings } from './fusedSiblings.ts';
import { isTargeted, type Planned, planParameters } from './parameterPlans.ts';
import { refusal } from './refusal.ts';
import { commonOrientation, orientationOf, stackUpdate, type StackPlan } from './stackPlan.ts';
import { hasRows, moduleOfRows, rowsUpdate } from './tokenRows.ts';
import { biasUpdate, weightUpdate } from './weightUpdate.ts';

export function adaptCheckpoint(
  base: Checkpoint,
  adapter: Checkpoint,
  { settings, initial }: AdapterContents,
): Checkpoint {
  const made = new AdaptedTensors(base, adapter, settings);
  const start = initial === null ? null : groupFactors(initial.tensors.values()).modules;
  const adapting = new Adapting(base, made, settings, start);
  const { modules, whole } = groupFactors(adapter.tensors.values());
  for (const wraps of modules.values()) adapting.module(wraps);
  adapting.placeStacks();
  for (const tensor of whole) adapting.whole(tensor);
  for (const { name, elements, reason } of adapter.unreadable) adapting.lost(name, elements, reason);
  adapting.withoutFactors();
  const { tensors, unreadable, counts } = made;
  const notes = [
    `The tuned side is the base with ${adapter.folder} applied to ${counts.updated} of its tensors in memory; nothing was merged on disk.`,
    ...(counts.refused === 0
      ? []
      : [
          `${counts.refused} of the tensors that it changes could not be updated: they are not compared, and not equal either.`,
        ]),
    `${counts.untouched} tensors have no adapter: they are the base's own and equal by definition.`,
    ...adapting.notes,
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

/** Takes one module of the adapter after the other to the tensors that it changes. */
class Adapting {
  readonly notes: string[] = [];
  readonly #base: Checkpoint;
  readonly #made: AdaptedTensors;
  readonly #settings: AdapterSettings;
  readonly #initial: FactorGroups['modules'] | null;
  readonly #targets: BaseTargets;
  readonly #stacks: StackPlan[] = [];
  readonly #experts: ExpertFactors[] = [];

  constructor(
    base: Checkpoint,
    made: AdaptedTensors,
    settings: AdapterSettings,
    initial: FactorGroups['modules'] | null,
  ) {
    this.#base = base;
    this.#made = made;
    this.#settings = settings;
    this.#initial = initial;
    this.#targets = new BaseTargets(base);
  }

  module(wraps: Wraps): void {
    const parameters = planParameters(this.#settings, wraps, this.#targets);
    const [factors, ...more] = wraps;
    if (factors === undefined) return;
    if (parameters !== null) {
      for (const planned of parameters) this.#plan(planned);
      return;
    }
    const { module } = factors;
    const weight = this.#targets.find(`${module}.weight`);
    const expert = weight === null ? findExpert(factors, this.#targets) : null;
    // Packed under another name, or a parameter whose factors bear its own name: no update of either is defined.
    const other = this.#targets.packed(module) ?? this.#targets.find(module);
    const siblings = fusedSiblings(module, this.#targets);
    if (weight !== null) {
      const start = this.#initial?.get(moduleKey(module))?.[0] ?? null;
      const update: MakeUpdate = (target) => weightUpdate(this.#settings, factors, target, start);
      this.#made.update(
        weight,
        more.length === 0
          ? update
          : this.#refusing('is wrapped more than once in the adapter, and only one weight is there'),
      );
    } else if (expert !== null) this.#experts.push(expert);
    else if (other !== null) {
      this.#made.update(
        other,
        this.#refusing('has factors in the adapter in a layout that PEFT does not write'),
      );
    } else if (siblings.length > 0) {
      const what = `holds ${module}, which the adapter changes, fused with others or split, in an order that differs from model to model: compare with a base that has the adapter's modules`;
      for (const sibling of siblings) this.#made.update(sibling, this.#refusing(what));
    } else this.#headOrNowhere(factors, (target) => weightUpdate(this.#settings, factors, target, null));
    this.#bias(factors);
  }

  /** Which way round stacks are stored is known when all of them are. */
  placeStacks(): void {
    for (const planned of planExperts(this.#settings, this.#experts)) this.#plan(planned);
    const common = commonOrientation(this.#stacks);
    for (const plan of this.#stacks) {
      this.#made.update(plan.target, (target) => {
        const orientation = orientationOf(plan, common);
        const fault =
          typeof orientation === 'string'
            ? faultOfHalves(plan, orientation, this.#base.info.modelType)
            : orientation.what;
        if (fault !== null || typeof orientation !== 'string') {
          return refusal('adapter-unplaced', target.name, fault ?? '', this.#settings);
        }
        return stackUpdate(plan, orientation);
      });
    }
  }

  /** A tensor that is no factor: rows of an embedding, or a whole tensor. */
  whole(tensor: StoredTensor): void {
    const module = moduleOfRows(tensor);
    if (module === null) {
      this.#made.replace(tensor, this.#targets.find(tensor.name));
      return;
    }
    const update: MakeUpdate = (target) => rowsUpdate(this.#settings, module, tensor, target);
    const weight = this.#targets.find(`${module}.weight`);
    if (weight !== null) this.#made.update(weight, update);
    else {
      const parts = new Map([['rows', tensor]]);
      this.#headOrNowhere({ module, depth: 0, parts, twice: null }, update);
    }
  }

  /** A tensor of the adapter that cannot be read takes what it changes with it. */
  lost(name: string, elements: number | null, reason: Parameters<AdaptedTensors['refuse']>[2]): void {
    const module = moduleName(name.replace(/\.(?:lora_|token_adapter|trainable_tokens_delta).*$/, ''));
    const target = this.#targets.find(`${module}.weight`) ?? this.#targets.find(name);
    this.#made.refuse(target?.name ?? name, target?.elements ?? elements, reason);
  }

  /** What the settings name by itself and the adapter holds nothing of. */
  withoutFactors(): void {
    for (const { name, elements } of [...this.#base.tensors.values(), ...this.#base.unreadable]) {
      if (this.#made.isChanged(name)) continue;
      const key = isTargeted(this.#settings, name)
        ? 'target_parameters'
        : hasRows(this.#settings, name)
          ? 'trainable_token_indices'
          : null;
      if (key === null) continue;
      const what = `is named in ${key}, but the adapter holds nothing of it`;
      this.#made.refuse(name, elements, refusal('adapter-unplaced', name, what, this.#settings));
    }
  }

  #plan({ target, plan }: Planned): void {
    if ('pieces' in plan) this.#stacks.push(plan);
    else this.#made.update(target, () => plan);
  }

  #bias(factors: Factors): void {
    if (!factors.parts.has('B.bias')) return;
    const name = `${factors.module}.bias`;
    const bias = this.#targets.find(name);
    if (bias === null) this.#nowhere(factors, name);
    else this.#made.update(bias, (target) => biasUpdate(this.#settings, factors, target));
  }

  /** A head that the base ties to its embeddings gets their values, and its own update on top. */
  #headOrNowhere(factors: Factors, update: MakeUpdate): void {
    const head = `${factors.module}.weight`;
    const embedding = isHead(head) ? this.#targets.embeddingOf(head) : null;
    if (embedding === null) {
      this.#nowhere(factors, head);
      return;
    }
    this.#made.update({ ...embedding, name: head }, update);
    this.notes.push(
      `The adapter changes ${head}, which the base ties to ${embedding.name}: it is applied to a head of its own that starts from those values, and the embeddings are compared for themselves.`,
    );
  }

  #refusing(what: string): MakeUpdate {
    return ({ name }) => refusal('adapter-unplaced', name, what, this.#settings);
  }

  /** Counted by the weight that the factors are of, as nothing else is known of it. */
  #nowhere(factors: Factors, name: string): void {
    const { file } = this.#settings;
    const pair = factorPair(factors);
    const elements = pair === null ? 0 : (pair.b.shape[0] ?? 0) * (pair.a.shape[1] ?? 0);
    const message = `The adapter ${file} changes ${factors.module}, but the base has no tensor "${name}".`;
    this.#made.refuse(name, elements, problem('adapter-unplaced', message, { file, tensor: name }));
  }
}
