// What a run is followed by: what each step is held against, when to look, when to stop, and where the steps go.
import type { StepRequest } from './analyseStep.ts';

export interface FollowRequest extends StepRequest {
  /** Between two looks into the folder. */
  intervalMs: number;
  /** Analyse what is there, and stop. */
  once: boolean;
  /** Stop when this step, or a later one, was analysed; null = go on. */
  until: number | null;
  /** Stop when nothing changed for so long; null = go on. */
  idleMs: number | null;
  /** A file of JSON lines and a folder of event files that the steps go to, absolute; null = none. */
  jsonl: string | null;
  tensorboard: string | null;
}
