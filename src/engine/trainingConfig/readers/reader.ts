// The contract of a framework's reader, and what is known about a run beside the document that it reads.
import type { Problem } from '../../../shared/errors.ts';
import type { ConfigEntry, TrainingConfig } from '../../../shared/report/training.ts';
import type { ConfigDocument } from '../document/configDocument.ts';
import { lastOf } from '../lastOf.ts';

export type RunKind = TrainingConfig['kind'];

/** Facts found beside the document: model card, checkpoint folder, launcher config, training_args.bin. */
export interface RunFacts {
  /** Library versions by lower-case name: `trl`, `transformers`, `peft`, `verl`. */
  versions: ReadonlyMap<string, string>;
  /** Algorithm named outside the document (class of the pickled arguments, tags of the model card, folder names). */
  algorithm: string | null;
  launcher: Launcher | null;
  /** The tuned checkpoint is a PEFT adapter. */
  adapter: boolean;
}

export interface Launcher {
  kind: 'single' | 'ddp' | 'fsdp' | 'deepspeed';
  /** `bf16`, `fp16`, `no`; null when not said. */
  mixedPrecision: string | null;
  /** What says so, for people. */
  from: string;
}

export const noFacts: RunFacts = {
  versions: new Map(),
  algorithm: null,
  launcher: null,
  adapter: false,
};

export interface ConfigReading {
  framework: string;
  frameworkVersion: string | null;
  kind: RunKind;
  entries: ConfigEntry[];
  problems: Problem[];
}

export interface FrameworkReader {
  readonly framework: string;
  /** How sure the reader is that the document is its own: 0 = not at all, 10 = it cannot be anything else. */
  evidence(document: ConfigDocument, facts: RunFacts): number;
  read(document: ConfigDocument, facts: RunFacts): ConfigReading;
}

/** Number of the given paths that the document holds. */
export function countPresent(document: ConfigDocument, paths: readonly string[]): number {
  return paths.filter((path) => document.has(path)).length;
}

/** Algorithm names → kind of run. */
export function kindOfAlgorithm(algorithm: string | null): RunKind {
  if (algorithm === null) return 'unknown';
  const name = algorithm.toLowerCase();
  if (/^(sft|supervised)/.test(name)) return 'sft';
  if (/^(dpo|ipo|kto|orpo|simpo|cpo|rm$|reward)/.test(name)) return 'preference';
  if (/^(pt|pretrain)/.test(name)) return 'pretrain';
  return 'rl';
}

/** An algorithm named in a path or file name, as a whole word: `out/run-grpo/x.yaml` → `grpo`. */
export function algorithmInPath(path: string): string | null {
  const near = path.split(/[\\/]/).slice(-3).join('/').toLowerCase();
  const names = near.match(/(?<![a-z])(grpo|gspo|dapo|rloo|ppo|dpo|kto|orpo|sft|pretrain)(?![a-z])/g);
  return names === null ? null : (lastOf(names) ?? null);
}

export function baseName(path: string): string {
  return path.replace(/^.*[\\/]/, '');
}
