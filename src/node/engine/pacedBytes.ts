// Reading at no more than a rate, so that a disk that a training writes to has time for it: each stretch is held when those before
// it have had their time.
import { setTimeout as pause } from 'node:timers/promises';
import type { BytesOnDisk, FileStretch, HeldBytes } from '../../engine/files/rangeSource.ts';

interface Clock {
  /** Milliseconds. */
  now: () => number;
  wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const realClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => pause(ms, undefined, { signal }),
};

export class PacedBytes implements BytesOnDisk {
  private freeAtMs = 0;

  constructor(
    private readonly inner: BytesOnDisk,
    private readonly bytesPerSecond: number,
    private readonly clock = realClock,
  ) {}

  async hold(stretches: readonly FileStretch[], signal: AbortSignal): Promise<HeldBytes> {
    const now = this.clock.now();
    const startMs = Math.max(now, this.freeAtMs);
    const bytes = stretches.reduce((sum, { from, to }) => sum + (to - from), 0);
    this.freeAtMs = startMs + (1000 * bytes) / this.bytesPerSecond;
    if (startMs > now) await this.clock.wait(startMs - now, signal);
    return await this.inner.hold(stretches, signal);
  }
}
