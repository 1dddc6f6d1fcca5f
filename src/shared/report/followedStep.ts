// One checkpoint of a run that is followed while it trains, as a line of a file: what `three-gate watch --jsonl` appends, and
// what is remembered of checkpoints that the trainer has deleted since.
import type { LimitsReport } from './limitsReport.ts';
import type { TrajectoryPoint } from './runsReport.ts';

export const followSchemaVersion = 1;

export interface FollowedStep {
  schemaVersion: typeof followSchemaVersion;
  /** Of Three-Gate. */
  version: string;
  /** Absolute paths of the run's folder and of the base. */
  run: string;
  base: string;
  /** The same for one run, base and options that change a number: lines of one file agree in it. */
  request: string;
  /** The checkpoint's step; null for weights at the top of the folder that name none. */
  step: number | null;
  /** When it was analysed, ISO 8601. */
  at: string;
  /** Names, sizes and times of the files of weights that were analysed: a step that is written anew has a line of its own. */
  weights: string;
  /** Its numbers and words. Below `point`, so that no reader of training logs takes `kl` for the trainer's. */
  point: TrajectoryPoint;
  /** What limits came to; null without them. */
  limits: LimitsReport | null;
  elapsedMs: number;
}
