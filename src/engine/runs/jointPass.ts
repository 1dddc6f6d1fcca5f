// The pass over a base and several checkpoints tuned from it: each tensor is read once in each of them, by as many workers
// as there are, and told of in the order of the plan.
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import type { TensorPair } from '../checkpoint/checkpoint.ts';
import { chunkElements } from '../kernels/chunkPlan.ts';
import type { JointCounts } from '../kernels/jointSpec.ts';
import type { JointStreamer } from '../kernels/jointStreamer.ts';
import type { Update } from '../kernels/tensorStreamer.ts';
import type { JointStep } from './jointPlan.ts';

export interface JointReading {
  streamer: JointStreamer;
  threads: number;
  eta: number;
  /** Null where the tuned side is stored. */
  updateOf: (pair: TensorPair) => Promise<Update | null>;
}

interface JointHearing {
  /** Whether each side is held against the one before it as well. */
  successive: boolean;
  /** Positions, ascending, of the elements whose values are wanted. */
  samplesOf: (step: JointStep) => Float64Array;
  found: (step: JointStep, counts: JointCounts) => void;
  failed: (step: JointStep, error: unknown) => void;
  onProgress: (progress: Progress) => void;
}

type Outcome = { counts: JointCounts } | { error: unknown };

export async function passOver(
  steps: readonly JointStep[],
  { streamer, threads, eta, updateOf }: JointReading,
  hearing: JointHearing,
  signal: AbortSignal,
): Promise<void> {
  const meter = new Meter(steps);
  const started: { step: JointStep; outcome: Promise<Outcome> }[] = [];
  let outstanding = 0;
  const finishOne = async (): Promise<void> => {
    const next = started.shift();
    if (next === undefined) return;
    const { step, outcome } = next;
    const found = await outcome;
    outstanding -= step.first.elements;
    throwIfCancelled(signal);
    if ('error' in found) hearing.failed(step, found.error);
    else hearing.found(step, found.counts);
    meter.done(step);
  };
  for (const step of steps) {
    // An adapter's update is made by the matrix engine, and waits in memory: one after the other.
    const alone = step.pairs.some(({ tuned }) => tuned.adapter !== undefined);
    while (started.length > 0 && (alone || outstanding > threads * chunkElements)) await finishOne();
    throwIfCancelled(signal);
    hearing.onProgress(meter.progress(step.first.name));
    outstanding += step.first.elements;
    const samples = hearing.samplesOf(step);
    const reading = async (): Promise<Outcome> => {
      try {
        const updates: (Update | null)[] = [];
        for (const pair of step.pairs) updates.push(await updateOf(pair));
        const { pairs, shape } = step;
        const { successive } = hearing;
        const tensor = { pairs, shape, updates, samples, successive };
        return { counts: await streamer.streamJoint(tensor, eta, signal) };
      } catch (error) {
        return { error };
      }
    };
    started.push({ step, outcome: reading() });
  }
  while (started.length > 0) await finishOne();
}

/** How far the pass is, in bytes. */
class Meter {
  private readonly startedMs = performance.now();
  private readonly total: number;
  private bytes = 0;

  constructor(steps: readonly JointStep[]) {
    this.total = steps.reduce((sum, step) => sum + bytesOf(step), 0);
  }

  done(step: JointStep): void {
    this.bytes += bytesOf(step);
  }

  progress(current: string): Progress {
    const elapsedMs = performance.now() - this.startedMs;
    return {
      bytesDone: this.bytes,
      bytesTotal: this.total,
      matrixWorkDone: 0,
      matrixWorkTotal: 0,
      matricesDone: 0,
      matricesTotal: 0,
      elapsedMs,
      remainingMs: this.bytes === 0 ? null : (elapsedMs * (this.total - this.bytes)) / this.bytes,
      current,
    };
  }
}

function bytesOf({ first, pairs }: JointStep): number {
  return pairs.reduce((sum, { tuned }) => sum + tuned.bytes, first.base.bytes);
}
