// Follows a run while it trains: looks into its folder at intervals, analyses each checkpoint that lies there whole, and tells
// what changed. The base is decomposed once: its decompositions are remembered by the engine's cache, or for this call alone.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import type { FileSystem } from '../../engine/files/fileSystem.ts';
import { ArrivingSteps, type ArrivedStep, type WaitingStep } from '../../engine/runs/arrivingSteps.ts';
import type { AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';
import type { FollowedStep } from '../../shared/report/followedStep.ts';
import { followNews } from '../../shared/text/followText.ts';
import type { EngineApi } from '../engine/engineApi.ts';
import { analyseStep } from './analyseStep.ts';
import { FollowedSteps } from './followedSteps.ts';
import type { FollowRequest } from './followRequest.ts';

export type FollowEvent =
  /** `isKnown`: by an earlier call. `news`: what changed against the step before, in sentences. */
  | { kind: 'step'; step: FollowedStep; isKnown: boolean; news: string[] }
  | { kind: 'waiting'; label: string; reason: string }
  /** It went or changed while it was analysed. */
  | { kind: 'lost'; label: string }
  | { kind: 'analysis'; label: string; event: AnalysisEvent };

interface FollowPorts {
  engine: Pick<EngineApi, 'analyze' | 'inspect'>;
  files: FileSystem;
}

/** The quiet between the two looks of a call that does not stay. */
const onceMs = 2000;

/**
 * Resolves with every step that was analysed or known, when there is nothing more to wait for or `signal` aborts. Rejects where
 * the base cannot be opened, an output cannot be gone on with, or the engine is lost.
 */
export async function followLive(
  request: FollowRequest,
  ports: FollowPorts,
  hear: (event: FollowEvent) => void,
  signal: AbortSignal,
): Promise<FollowedStep[]> {
  await ports.engine.inspect(request.basePath);
  const steps = await FollowedSteps.open(request);
  const scratch = request.options.useCache ? null : await mkdtemp(join(tmpdir(), 'three-gate-follow-'));
  const cached = scratch === null ? request : { ...request, cacheDirectory: scratch };
  try {
    await new Follower(cached, ports, steps, hear, signal).run();
  } finally {
    if (scratch !== null) await rm(scratch, { recursive: true, force: true });
  }
  return steps.all;
}

class Follower {
  private readonly arriving: ArrivingSteps;
  /** Path and reason of what was said to be waited for. */
  private readonly said = new Map<string, string>();
  private last: FollowedStep | null = null;
  private quietSinceMs = performance.now();

  constructor(
    private readonly request: FollowRequest,
    private readonly ports: FollowPorts,
    private readonly steps: FollowedSteps,
    private readonly hear: (event: FollowEvent) => void,
    private readonly signal: AbortSignal,
  ) {
    this.arriving = new ArrivingSteps(ports.files, request.runPath, digest);
  }

  async run(): Promise<void> {
    for (const step of this.steps.all) {
      if (this.steps.isCurrent(step)) this.arriving.take(step.point.path, step.weights);
      await this.tell(step, true);
    }
    for (let looks = 1; !this.signal.aborted; looks += 1) {
      const { arrived, waiting } = await this.arriving.look();
      this.sayWaiting(waiting);
      if (arrived.length > 0 || waiting.some(({ reason }) => reason === null)) {
        this.quietSinceMs = performance.now();
      }
      for (const step of arrived) await this.analyse(step);
      if (this.isDone(looks, arrived.length)) return;
      const { once, intervalMs } = this.request;
      const waitMs = once ? Math.min(onceMs, intervalMs) : intervalMs;
      await pause(waitMs, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  private isDone(looks: number, arrived: number): boolean {
    const { once, until, idleMs } = this.request;
    if (once) return looks > 1;
    if (arrived > 0) return false;
    if (until !== null && this.steps.all.some(({ step }) => step !== null && step >= until)) return true;
    return idleMs !== null && performance.now() - this.quietSinceMs >= idleMs;
  }

  private async analyse(step: ArrivedStep): Promise<void> {
    if (this.signal.aborted) return;
    const label = checkpointLabel(step.path);
    const analysed = await analyseStep(
      step,
      this.request,
      this.ports.engine,
      (event) => {
        this.hear({ kind: 'analysis', label, event });
      },
      this.signal,
    );
    if (analysed === null) return;
    // Otherwise half of it may be of another state.
    if (!(await this.arriving.isStill(step))) {
      this.arriving.giveBack(step.path);
      this.hear({ kind: 'lost', label });
      return;
    }
    this.arriving.take(step.path, step.weights);
    await this.tell(analysed, false);
    this.quietSinceMs = performance.now();
  }

  private async tell(step: FollowedStep, isKnown: boolean): Promise<void> {
    await this.steps.add(step, !isKnown);
    this.hear({ kind: 'step', step, isKnown, news: followNews(this.last, step) });
    if (step.point.problem === null) this.last = step;
  }

  /** Each reason once. */
  private sayWaiting(waiting: readonly WaitingStep[]): void {
    for (const { path, reason } of waiting) {
      if (reason === null || this.said.get(path) === reason) continue;
      this.said.set(path, reason);
      this.hear({ kind: 'waiting', label: checkpointLabel(path), reason });
    }
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
