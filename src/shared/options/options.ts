// What a user may choose about an analysis; rules, defaults and words are in the catalogue (`options/`).
// Thresholds decide verdicts only; they never change a measured number.

import type { AnalysisProfile } from '../report/publishedStatistics.ts';

export type GateName = 'anchor' | 'geometry' | 'precision';
export const gateNames: readonly GateName[] = ['anchor', 'geometry', 'precision'];

/** Which matrix-multiply engine to use: `auto` is native, or WebAssembly where native cannot load or fails its self-check. */
export type GemmChoice = 'auto' | 'native' | 'wasm';
export const gemmChoices: readonly GemmChoice[] = ['auto', 'native', 'wasm'];

/** At or beyond `holds` the gate's reading speaks for it, at or beyond `broken` against it; between them it is neutral. */
export interface Threshold {
  holds: number;
  broken: number;
}

/** How far a reading may lie from its size-matched null and still be `as random`. */
export interface BeyondThresholds {
  /** Factors that widen the null's 5–95 % range of rotation and of spectral drift. */
  beyondRotation: number;
  beyondSpectralDrift: number;
  /** Absolute distance of a lift from the expected one. */
  beyondLift: number;
  /** Absolute distance of the unchanged share from the expected one. */
  beyondSparsity: number;
  /** Energy in the leading subspaces over chance: `less` at most this, `more` at least that. */
  beyondEnergyLess: number;
  beyondEnergyMore: number;
}

export interface Thresholds extends BeyondThresholds {
  /** Gate I: ‖Δ‖_F/‖W‖_F, lower holds. */
  relativeDrift: Threshold;
  /** Gate I: logged KL to the reference in nats per token; above it the gate is at least `loose`. */
  klNatsPerToken: number;
  /** Gate II votes. Drift and rotation: lower holds. principalLift: lower holds. lowMagnitudeLift: higher holds. */
  spectralDriftTopK: Threshold;
  rotationMeanDeg: Threshold;
  principalLift: Threshold;
  lowMagnitudeLift: Threshold;
  /** Gate III: higher holds. 0.36 is the lowest RLVR run and 0.188 the highest SFT run published in arXiv 2511.08567. */
  sparsityBf16: Threshold;
  /** Share of the parameters that must have been compared for a regime to be named. */
  coverage: number;
}

export interface AnalysisOptions {
  /** Number of leading singular triplets k; each matrix uses min(rank, ⌊min(m,n)/4⌋), at least 1. */
  rank: number;
  /** Share α of the elements that the principal and low-magnitude masks hold. */
  alpha: number;
  /** Relative tolerance η of `unchanged` in the bf16 view (arXiv 2511.08567, Def. 2.1). */
  eta: number;
  gates: GateName[];
  /** Regular expression on tensor names; only matching tensors are analysed. */
  match: string | null;
  /** Share of the tensors that a preview reads; null = all. */
  sample: number | null;
  /** All singular values also where min(m,n) > 1024. */
  fullSpectrum: boolean;
  /** `published`: the published statistics for every matrix, at the cost of its whole spectrum and masks of their own. */
  profile: AnalysisProfile;
  engine: GemmChoice;
  /** Threads for kernels and GEMM; null = one per core. */
  threads: number | null;
  /** Memory budget in bytes; null = a quarter of the machine's. */
  memoryBytes: number | null;
  /** Seed of the start blocks, of the draws of the null and of a sample. */
  seed: number;
  /** Residual ‖Wᵀu−σv‖/σ₁ at which a singular triplet counts as converged. */
  residualTolerance: number;
  useCache: boolean;
  /** Most that is remembered on disk, in 10⁹ bytes. */
  cacheGigabytes: number;
  /** Most that is kept on disk of remote checkpoints, in 10⁹ bytes. */
  remoteCacheGigabytes: number;
  thresholds: Thresholds;
}
