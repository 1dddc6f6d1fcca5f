// What sending an update takes, in bytes, for the formats in which trainers ship it to their inference servers: exact, from the bits
// that differ as stored. n elements of w bytes each, k of which differ; tensors are sent each on its own.

/** Bytes. Where the sides differ in dtype, nothing can be left out: every format is then dense. */
export interface SyncCost {
  /** n·w: the tuned side as it is. */
  dense: number;
  /** k: elements whose bits differ; all where the sides differ in dtype. */
  changed: number;
  /** k·(4 + w): flat indices of 32 bits (64 above 2³¹ elements) and values. slime `indices`, TRL `raw`, vLLM's sparse update. */
  indices: number;
  /** k·(2 + w): gaps of 16 bits, or of 32 in a tensor that has a longer one. slime `deltas`, TRL `gap_delta`, NeMo-RL. */
  gaps: number;
  /** Σ of the gaps as unsigned LEB128 (seven bits a byte), and k·w: gaps as short as they are, after arXiv 2602.03839. */
  varints: number;
  /** ⌈n/8⌉ + k·w: one bit an element, and values. */
  bitmap: number;
}

export type SyncFormat = Exclude<keyof SyncCost, 'changed'>;
