// What an export of trainable masks did: which tensors have a mask, how dense it is, how much of a given update it
// holds, and what was left out. Plain JSON; an absent number is null with a reason beside it.
import type { Problem } from '../errors.ts';
import type { LayerId } from './layers.ts';
import type { ModuleKind } from './moduleKinds.ts';
import type { CheckpointInfo, EngineInfo, Measured } from './report.ts';

export const maskSchemaVersion = 2;

/** Made from the base alone. M_low: the smallest |w|; M_princ: the largest |W⁽ᵏ⁾| (arXiv 2511.08567, 2506.00772). */
export type BudgetKind = 'rlvr' | 'low' | 'non-principal' | 'principal';
/** `random`: as many of each tensor as another mask or an update holds; `update`: what a tuned checkpoint changed. */
export type MaskKind = BudgetKind | 'random' | 'update';

export const budgetKinds: readonly BudgetKind[] = ['rlvr', 'low', 'non-principal', 'principal'];
export const maskKinds: readonly MaskKind[] = [...budgetKinds, 'random', 'update'];

export const maskDefinitions: Readonly<Record<MaskKind, string>> = {
  rlvr: 'M_low ∪ ¬M_princ',
  low: 'M_low',
  'non-principal': '¬M_princ',
  principal: 'M_princ',
  random: 'random',
  update: 'U',
};

/** Which of the two budgets a kind depends on. */
export const budgetsOf: Readonly<Record<BudgetKind, readonly ('principal' | 'low')[]>> = {
  rlvr: ['principal', 'low'],
  low: ['low'],
  'non-principal': ['principal'],
  principal: ['principal'],
};

export type MaskPreset = 'zhu';
export const maskPresets: readonly MaskPreset[] = ['zhu'];

/** Masks as published: budgets, what is left out, and how dense their union came out there. */
export const presetSettings = {
  zhu: {
    source: 'arXiv 2511.08567, Tables 4 and 5',
    alphaPrincipal: 0.5,
    alphaLow: 0.586,
    exclude: ['embed', 'head'],
    unionPublished: 0.74,
  },
} as const satisfies Record<
  MaskPreset,
  {
    source: string;
    alphaPrincipal: number;
    alphaLow: number;
    exclude: readonly ModuleKind[];
    unionPublished: number;
  }
>;

export interface BudgetMask {
  kind: BudgetKind;
  /** As asked; a matrix uses min(rank, ⌊min(m,n)/4⌋), at least 1. */
  rank: number;
  /** Shares of a matrix that M_princ and M_low hold. */
  alphaPrincipal: number;
  alphaLow: number;
  preset: MaskPreset | null;
}

export interface RandomMask {
  kind: 'random';
  /** The mask file, or the tuned checkpoint, whose density per tensor it has. */
  like: { what: 'mask' | 'update'; path: string };
  seed: number;
}

interface UpdateMask {
  kind: 'update';
  tunedPath: string;
}

/** Which mask is asked for. */
export type MaskSpec = BudgetMask | RandomMask | UpdateMask;

/** How a mask and an update U meet, over the elements that both sides hold as finite numbers. */
export interface MaskOverlap {
  elements: number;
  /** |M|, |U| and |M ∩ U|. */
  trainable: number;
  changed: number;
  inside: number;
  /** |M∩U|/|U|; null when nothing changed. */
  share: number | null;
  /** |M|/n: what a random update of that size would give. */
  expected: number | null;
  /** share/expected; null where either is not defined. */
  lift: number | null;
}

export interface MaskTensor extends LayerId {
  name: string;
  shape: number[];
  module: ModuleKind;
  elements: number;
  trainable: number;
  /** k of each of its matrices; null where the mask needs no decomposition. */
  rank: number | null;
  overlap: Measured<MaskOverlap>;
}

export interface MaskPool {
  tensors: number;
  elements: number;
  trainable: number;
  overlap: Measured<MaskOverlap>;
}

/** Which mask it is. */
export interface MaskDescription {
  kind: MaskKind;
  definition: string;
  preset: MaskPreset | null;
  /** As asked; null where the mask needs no decomposition. */
  rank: number | null;
  /** Budgets; null where the mask does not depend on it. */
  alphaPrincipal: number | null;
  alphaLow: number | null;
  /** Of a random mask, and what it is as dense as. */
  seed: number | null;
  like: { what: 'mask' | 'update'; checkpoint: CheckpointInfo } | null;
  /** Of "changed" in the bf16 view. */
  eta: number;
  match: string | null;
  /** Module kinds left out on request. */
  exclude: ModuleKind[];
  /** What the mask is held against, or is the update of. */
  tuned: CheckpointInfo | null;
}

export interface MaskReport extends MaskDescription {
  schemaVersion: typeof maskSchemaVersion;
  base: CheckpointInfo;
  /** SHA-256 over the masked tensors of the base, as docs/masks-and-adapters.md says. */
  baseSha256: string;
  /** The file written, and its size. */
  file: string;
  bytes: number;
  tensors: MaskTensor[];
  modules: (MaskPool & { module: ModuleKind })[];
  whole: MaskPool;
  /** Tensors of the base that the file does not hold, each with the reason. */
  leftOut: { name: string; elements: number; reason: Problem }[];
  /** Tensors that `match` or `exclude` passes over. */
  notMatched: number;
  engine: EngineInfo;
  problems: Problem[];
  elapsedMs: number;
}
