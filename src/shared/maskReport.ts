// What an export of trainable masks did: which tensors have a mask, how dense it is, how much of a given update it
// holds, and what was left out. Plain JSON; an absent number is null with a reason beside it.
import type { Problem } from './errors.ts';
import type { LayerId } from './layers.ts';
import type { CheckpointInfo, EngineInfo, Measured, ModuleKind } from './report.ts';

export const maskSchemaVersion = 1;

/** M_low: the smallest |w|; M_princ: the largest |W⁽ᵏ⁾| (arXiv 2511.08567; principal weights after arXiv 2506.00772). */
export type MaskKind = 'rlvr' | 'low' | 'non-principal' | 'principal';
export const maskKinds: readonly MaskKind[] = ['rlvr', 'low', 'non-principal', 'principal'];

export const maskDefinitions: Readonly<Record<MaskKind, string>> = {
  rlvr: 'M_low ∪ ¬M_princ',
  low: 'M_low',
  'non-principal': '¬M_princ',
  principal: 'M_princ',
};

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

export interface MaskReport {
  schemaVersion: typeof maskSchemaVersion;
  kind: MaskKind;
  definition: string;
  /** As asked; a matrix uses min(rank, ⌊min(m,n)/4⌋), at least 1. */
  rank: number;
  alpha: number;
  eta: number;
  match: string | null;
  base: CheckpointInfo;
  /** SHA-256 over the masked tensors of the base, as README says. */
  baseSha256: string;
  tuned: CheckpointInfo | null;
  /** The file written, and its size. */
  file: string;
  bytes: number;
  tensors: MaskTensor[];
  modules: (MaskPool & { module: ModuleKind })[];
  whole: MaskPool;
  /** Tensors of the base that the file does not hold, each with the reason. */
  leftOut: { name: string; elements: number; reason: Problem }[];
  /** Tensors that `match` passes over. */
  notMatched: number;
  engine: EngineInfo;
  problems: Problem[];
  elapsedMs: number;
}
