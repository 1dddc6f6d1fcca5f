// What several runs from one base have in common: how far their update masks overlap, beside what chance would give,
// and how one run's verdict came about step by step. Plain JSON; an absent number is null with a reason beside it.
import type { Problem } from '../errors.ts';
import type { LayerId } from './layers.ts';
import type { CheckpointInfo, LayerReport, Measured, ModuleReport, NotCompared } from './report.ts';
import type { UpdateDirections } from './updateDirections.ts';
import type { StepsDirection } from './stepsDirection.ts';
import type { RegimeName } from './verdicts.ts';

export const runsSchemaVersion = 1;

/** Two runs' update masks U_a and U_b (elements changed in the bf16 view) over one set of elements. */
export interface PairOverlap {
  /** Positions in `runs`, a < b. */
  a: number;
  b: number;
  intersection: number;
  union: number;
  /** |U_a∩U_b|/|U_a∪U_b|; null when neither run changed anything. */
  jaccard: number | null;
  /** pq/(p+q−pq) for the densities p and q of this pool: masks of that size thrown at random. */
  expected: number | null;
  /**
   * The same with every tensor's own densities, Σn·pq/Σn(p+q−pq): what is left above it is agreement inside the
   * tensors, beyond that both runs change some tensors more than others.
   */
  expectedByTensor: number | null;
  /** Why `jaccard` is null. */
  reason: string | null;
  /**
   * ΣΔ_aΔ_b/(‖Δ_a‖‖Δ_b‖) of the updates Δ = Ŵ − W as stored, in float64: 1 is the same direction, 0 a right angle. Sums are
   * pooled before they are divided. Null where an update is zero.
   */
  cosine: number | null;
  /**
   * √Σ(Δ_aΔ_b)²/(‖Δ_a‖‖Δ_b‖): the standard deviation that the cosine has, around 0, when the signs of one update are drawn at
   * random and every size is kept; 1/√n where all sizes are equal.
   */
  cosineSpread: number | null;
}

export interface OverlapPool {
  tensors: number;
  /** Finite in the base and in every run. */
  compared: number;
  nonFinite: number;
  /** |U| of each run, in their order. */
  changed: number[];
  /** ‖Δ‖_F of each run, in their order. */
  norms: number[];
  /** Elements that exactly 0, 1, … all runs changed. */
  byRuns: number[];
  pairs: PairOverlap[];
}

/** How many runs touch each band of consecutive rows (columns), at most 256 bands. */
export interface ConsensusMap {
  /** Mean number of runs that changed an element of the band: 0 … runs. */
  rowMean: number[];
  columnMean: number[];
  /** Runs whose changed share in the band is above their own share in the tensor: the band is where they write. */
  rowRuns: number[];
  columnRuns: number[];
}

export interface RunsTensor extends Omit<OverlapPool, 'tensors'>, LayerId {
  name: string;
  module: ModuleReport['module'];
  shape: number[];
  /** Null for a tensor of one dimension. */
  consensus: ConsensusMap | null;
  /** Null for what is no matrix, a matrix of a stack, one that no run changed, and where directions were not asked for. */
  directions: UpdateDirections | null;
}

export interface RunsOverlap {
  whole: OverlapPool;
  layers: (OverlapPool & Pick<LayerReport, 'container' | 'layer' | 'label'>)[];
  modules: (OverlapPool & Pick<ModuleReport, 'module'>)[];
  tensors: RunsTensor[];
  /** Tensors that not every run shares with the base. */
  notCompared: (NotCompared & { run: number })[];
}

/** One checkpoint of a run over time, as `analyze` sees it. */
export interface TrajectoryPoint {
  step: number | null;
  label: string;
  path: string;
  sparsityBf16: number | null;
  relativeDrift: number | null;
  spectralDriftTopK: number | null;
  rotationMeanDeg: number | null;
  /** Last logged KL to the reference up to this checkpoint. */
  kl: number | null;
  regime: RegimeName;
  /** The words of gates I, II and III. */
  words: [string, string, string];
  /** Why there are no numbers; null when there are. */
  problem: Problem | null;
}

export interface Trajectory {
  path: string;
  label: string;
  /** By step; a checkpoint without one comes last. */
  points: TrajectoryPoint[];
  /** From which checkpoint on regime and gate words stay what they are at the end. */
  settled: Measured<{ step: number | null; label: string }>;
  /** In which direction its updates went, step by step. */
  direction: Measured<StepsDirection>;
  notes: string[];
}

export interface RunsReport {
  schemaVersion: typeof runsSchemaVersion;
  status: 'complete' | 'cancelled';
  version: string;
  base: CheckpointInfo;
  runs: CheckpointInfo[];
  eta: number;
  match: string | null;
  overlap: Measured<RunsOverlap>;
  trajectories: Trajectory[];
  problems: Problem[];
  elapsedMs: number;
}
