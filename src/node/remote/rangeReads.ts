// Reads remote files through the segment store: no byte twice, a few ranges in flight, in the order in which they are asked
// for. Stretches that are announced and lie side by side are read together, and a little ahead.
import type { RangeSource, Segment } from '../../engine/files/rangeSource.ts';
import type { SegmentStore } from './segmentStore.ts';

interface Stretch {
  from: number;
  to: number;
}

/** What is on disk of a stretch, and stays there until it is released. */
interface Lease {
  segments: Segment[];
  release(): void;
}

const mostBytes = 1 << 24;
const mostInFlight = 4;
/** Of each file, behind what was asked for last. */
const aheadBytes = 1 << 25;

interface Reading extends Stretch {
  done: Promise<Segment>;
}

export class RangeReads {
  private readonly announced = new Map<string, Stretch[]>();
  private readonly readings = new Map<string, Reading[]>();
  private readonly waiting: (() => void)[] = [];
  private inFlight = 0;

  /** @param signal ends every read; what ends a lease alone leaves the reads that others wait for. */
  constructor(
    private readonly store: SegmentStore,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Stretches that will be asked for; those that touch are read in one request of at most 16 MiB. Tells how many bytes they
   * have, each counted once, and how many of them are not on disk yet.
   */
  async announce(
    identity: string,
    stretches: readonly Stretch[],
  ): Promise<{ bytes: number; missing: number }> {
    this.announced.set(identity, joined([...(this.announced.get(identity) ?? []), ...stretches]));
    const asked = joined(stretches);
    const segments = await this.store.segments(identity);
    const gaps = asked.flatMap((stretch) => gapsIn(stretch, segments));
    return { bytes: bytesOf(asked), missing: bytesOf(gaps) };
  }

  /** Has bytes `from` … `to − 1` on disk. */
  async lease(source: RangeSource, stretch: Stretch, signal: AbortSignal): Promise<Lease> {
    const { store } = this;
    // What they bring is pinned for this lease, until what is needed of it is pinned by itself.
    const waited: Reading[] = [];
    try {
      for (;;) {
        const known = await store.segments(source.identity);
        const segments = known.filter((segment) => overlap(segment, stretch));
        const gaps = gapsIn(stretch, segments);
        if (gaps.length === 0) {
          this.readAhead(source, stretch.to, known);
          store.pin(segments);
          return {
            segments,
            release() {
              store.release(segments);
            },
          };
        }
        const readings = gaps.flatMap((gap) => this.begin(source, gap, known));
        waited.push(...readings);
        this.readAhead(source, stretch.to, known);
        for (const { done } of readings) await unless(signal, done);
      }
    } finally {
      // Also of those that are still under way: whoever was aborted pins nothing.
      this.letGo(waited);
    }
  }

  /** Begins what is announced behind a byte, so that it comes while what lies before is worked on. */
  private readAhead(source: RangeSource, at: number, segments: readonly Segment[]): void {
    const around = this.announced.get(source.identity)?.find(({ from, to }) => from <= at && at < to);
    if (around === undefined) return;
    const next = { from: at, to: Math.min(around.to, at + aheadBytes) };
    this.letGo(gapsIn(next, segments).flatMap((gap) => this.begin(source, gap, segments)));
  }

  /** What readings bring is no longer held by who began or joined them; their failures are told to whoever waits. */
  private letGo(readings: readonly Reading[]): void {
    for (const { done } of readings) {
      done.then(
        (segment) => {
          this.store.release([segment]);
        },
        () => undefined,
      );
    }
  }

  /** Readings that fill a gap: those under way, and new ones for the rest. */
  private begin(source: RangeSource, gap: Stretch, segments: readonly Segment[]): Reading[] {
    const { identity } = source;
    const under = this.readings.get(identity) ?? [];
    this.readings.set(identity, under);
    const joined = under.filter((reading) => overlap(reading, gap));
    for (const { done } of joined) {
      // Every lease that waits for a reading holds it.
      done.then(
        (segment) => {
          this.store.pin([segment]);
        },
        () => undefined,
      );
    }
    const started: Reading[] = [];
    for (const open of gapsIn(gap, under)) {
      for (const stretch of cutUp(this.widened(identity, open, [...segments, ...under]))) {
        if (!overlap(stretch, open)) continue;
        const reading: Reading = { ...stretch, done: this.read(source, stretch) };
        under.push(reading);
        under.sort((a, b) => a.from - b.from);
        started.push(reading);
        const forget = (): void => void under.splice(under.indexOf(reading), 1);
        reading.done.then(forget, forget);
      }
    }
    return [...joined, ...started];
  }

  /** A gap and what of the announced stretch around it is open, too. */
  private widened(identity: string, gap: Stretch, taken: readonly Stretch[]): Stretch {
    const around = this.announced.get(identity)?.find(({ from, to }) => from <= gap.from && gap.to <= to);
    if (around === undefined) return gap;
    const before = taken.filter(({ to }) => to <= gap.from).map(({ to }) => to);
    const after = taken.filter(({ from }) => from >= gap.to).map(({ from }) => from);
    return { from: Math.max(around.from, ...before), to: Math.min(around.to, ...after) };
  }

  private async read(source: RangeSource, stretch: Stretch): Promise<Segment> {
    if (this.inFlight < mostInFlight) this.inFlight += 1;
    else await new Promise<void>((resolve) => void this.waiting.push(resolve));
    try {
      this.signal.throwIfAborted();
      return await this.store.put(source.identity, stretch, (take) =>
        source.read(stretch, take, this.signal),
      );
    } finally {
      // The place goes on to the next in line.
      const next = this.waiting.shift();
      if (next === undefined) this.inFlight -= 1;
      else next();
    }
  }
}

/** Rejects as soon as the signal is aborted, whatever becomes of the work. */
async function unless<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

/** In order, and in one piece where they touch. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const found: Stretch[] = [];
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = found[found.length - 1];
    if (last === undefined || from > last.to) found.push({ from, to });
    else last.to = Math.max(last.to, to);
  }
  return found;
}

function bytesOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { from, to }) => sum + to - from, 0);
}

function overlap(a: Stretch, b: Stretch): boolean {
  return a.from < b.to && b.from < a.to;
}

/** What of a stretch none of the others covers; these are sorted and do not overlap. */
function gapsIn({ from, to }: Stretch, others: readonly Stretch[]): Stretch[] {
  const gaps: Stretch[] = [];
  let at = from;
  for (const other of others) {
    if (other.to <= at) continue;
    if (other.from >= to) break;
    if (other.from > at) gaps.push({ from: at, to: other.from });
    at = other.to;
  }
  if (at < to) gaps.push({ from: at, to });
  return gaps;
}

/** Pieces of at most 16 MiB that begin where the stretch does. */
function cutUp({ from, to }: Stretch): Stretch[] {
  const pieces: Stretch[] = [];
  for (let at = from; at < to; at += mostBytes) pieces.push({ from: at, to: Math.min(to, at + mostBytes) });
  return pieces;
}
