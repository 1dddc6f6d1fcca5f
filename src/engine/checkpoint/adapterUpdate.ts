// A PEFT adapter as the engine sees it: its settings, and the change it makes to each tensor of a base.
// Source of names and formulas: huggingface/peft, src/peft/tuners/lora (config.py, layer.py, dora.py) and
// src/peft/tuners/trainable_tokens/layer.py.
import type { PlainTensor } from './plainTensor.ts';

/**
 * Initialisations by what they did to the base before training.
 * `none`: nothing. `projection`: took W's own part s·B₀A₀ out of it (PiSSA: the leading singular part; OLoRA: the
 * projection on the first columns). `stored`: took out a part that only stored initial factors can tell.
 * `unknowable`: changed it in a way that no factors undo.
 */
export type BaseChange = 'none' | 'pissa' | 'olora' | 'stored' | 'unknowable';

export interface AdapterSettings {
  /** Absolute path of adapter_config.json. */
  file: string;
  rank: number;
  alpha: number;
  rankStabilized: boolean;
  dora: boolean;
  /** Weights are stored (in, out): Conv1D of GPT-2. */
  fanInFanOut: boolean;
  /** Patterns on module names, tried in order; the first that matches wins. */
  rankPatterns: { pattern: string; value: number }[];
  alphaPatterns: { pattern: string; value: number }[];
  /** `init_lora_weights` as written. */
  initialization: string;
  baseChange: BaseChange;
  /** `target_parameters`: parameters wrapped by themselves, by the end of their name in the base model. */
  targetParameters: readonly string[];
  /** `trainable_token_indices`: rows of one embedding, or of several by the end of their module's name. */
  tokenIndices: readonly number[] | Readonly<Record<string, readonly number[]>>;
}

export interface InitialFactors {
  a: PlainTensor;
  b: PlainTensor;
}

/** What beside the factors themselves an adapter folder holds. */
export interface AdapterContents {
  settings: AdapterSettings;
  /** Factors before training from a sibling `pissa_init/`, by tensor name; null where there is none. */
  initial: { folder: string; tensors: ReadonlyMap<string, PlainTensor> } | null;
}

/** Every `step`-th row of an A, or column of a B, from `first` on: as many as the rank. */
export interface FactorPart {
  tensor: PlainTensor;
  first: number;
  step: number;
}

/** s·B·A, or its transpose, on one rectangle of a stack of matrices seen as rows of its last dimension. */
export interface StackBlock {
  firstRow: number;
  rows: number;
  /** The product's row that is the first here. */
  fromRow: number;
  firstColumn: number;
  columns: number;
  rank: number;
  scaling: number;
  transposed: boolean;
  a: FactorPart;
  b: FactorPart;
}

/** ΔW = s·B·A (less s·B₀A₀, where the base was rewritten), transposed where the weight is stored so; or s·b for a bias. */
export type AdapterUpdate =
  | {
      kind: 'low-rank';
      /** For people: `LoRA`, `rsLoRA`, `DoRA`, `PiSSA`… */
      method: string;
      rank: number;
      scaling: number;
      a: PlainTensor;
      b: PlainTensor;
      transposed: boolean;
      baseChange: BaseChange;
      initial: InitialFactors | null;
      /** DoRA: the norm of each row of the tuned weight. */
      magnitude: PlainTensor | null;
    }
  | { kind: 'bias'; method: string; scaling: number; bias: PlainTensor }
  /** Updates of a stack's matrices, on rectangles that do not overlap; nothing elsewhere. */
  | { kind: 'stack'; method: string; rank: number; scaling: number; blocks: StackBlock[] }
  /** Row `indices[i]` is row i of `values`: they replace the base's, nothing is added. */
  | { kind: 'rows'; method: string; indices: readonly number[]; values: PlainTensor };

/** Every stored tensor that an update is made of, once. */
export function tensorsOf(update: AdapterUpdate): PlainTensor[] {
  switch (update.kind) {
    case 'bias':
      return [update.bias];
    case 'rows':
      return [update.values];
    case 'stack':
      return [...new Set(update.blocks.flatMap(({ a, b }) => [a.tensor, b.tensor]))];
    case 'low-rank': {
      const { a, b, magnitude, initial } = update;
      return [a, b, magnitude, initial?.a ?? null, initial?.b ?? null].filter((tensor) => tensor !== null);
    }
  }
}
