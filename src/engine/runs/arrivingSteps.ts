// The checkpoints of a run folder while a trainer writes into it: each is handed out once, when it lies there whole and two
// looks found it the same. What is half-written is waited for, what vanishes is forgotten.
import type { FileSystem } from '../files/fileSystem.ts';
import { findSteps, type RunCheckpoint } from './findSteps.ts';
import { folderStamp, stepStanding } from './stepStanding.ts';

/** Trainers nest their weights: `global_step_40/actor/huggingface`. */
const deepest = 3;

/** A whole checkpoint; `weights` names its state. */
export interface ArrivedStep extends RunCheckpoint {
  weights: string;
}

/** One that is not whole yet. */
export interface WaitingStep extends RunCheckpoint {
  /** Null where it only has to stay as it is until the next look. */
  reason: string | null;
}

interface Look {
  /** Whole, by step, and not handed out in this state before. */
  arrived: ArrivedStep[];
  waiting: WaitingStep[];
}

interface Seen {
  stamp: string;
  /** Null until the folder was the same twice. */
  standing: Awaited<ReturnType<typeof stepStanding>> | null;
}

export class ArrivingSteps {
  /** By path. */
  private readonly seen = new Map<string, Seen>();
  /** Weights that were handed out or were known before, by path. */
  private readonly taken = new Map<string, string>();

  /**
   * @param folder of the run; it may not be there yet
   * @param digest makes what tells weights apart short
   */
  constructor(
    private readonly files: FileSystem,
    private readonly folder: string,
    private readonly digest: (text: string) => string,
  ) {}

  /** A step that needs no analysis, as long as its weights are these. */
  take(path: string, weights: string): void {
    this.taken.set(path, weights);
  }

  /** It changed while it was analysed: its next quiet state counts. */
  giveBack(path: string): void {
    this.taken.delete(path);
    this.seen.delete(path);
  }

  async look(): Promise<Look> {
    const found: Look = { arrived: [], waiting: [] };
    const steps = await findSteps(this.files, this.folder);
    for (const step of steps) {
      const standing = await this.standingOf(step);
      if (standing?.kind === 'whole') {
        const weights = this.digest(standing.weights);
        if (this.taken.get(step.path) !== weights) found.arrived.push({ ...step, weights });
      } else if (!this.taken.has(step.path)) {
        found.waiting.push({ ...step, reason: standing?.reason ?? null });
      }
    }
    const paths = new Set(steps.map(({ path }) => path));
    for (const path of this.seen.keys()) if (!paths.has(path)) this.seen.delete(path);
    return found;
  }

  /** Whether a step still lies there with the weights it was handed out with. */
  async isStill({ path, weights }: ArrivedStep): Promise<boolean> {
    const standing = await stepStanding(this.files, path);
    return standing.kind === 'whole' && this.digest(standing.weights) === weights;
  }

  /** Null where it changed since the last look, or there was none. */
  private async standingOf({ path }: RunCheckpoint): Promise<Seen['standing']> {
    const isRunFolder = path === this.files.resolve(this.folder);
    const stamp = await folderStamp(this.files, path, isRunFolder ? 0 : deepest);
    const before = this.seen.get(path);
    if (stamp === null || before?.stamp !== stamp) {
      if (stamp === null) this.seen.delete(path);
      else this.seen.set(path, { stamp, standing: null });
      return null;
    }
    before.standing ??= await stepStanding(this.files, path);
    return before.standing;
  }
}
