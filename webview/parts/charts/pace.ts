// Lets something happen at once, and then at most once an interval; what was asked for last always happens. Charts of a
// running analysis keep to it: nobody reads them twelve times a second, and each costs a frame.

export interface Pace {
  ask(run: () => void): void;
  /** Does now what still waits. */
  flush(): void;
  forget(): void;
}

interface Clock {
  now(): number;
  /** Calls back after so many milliseconds; gives what takes that back. */
  after(ms: number, run: () => void): () => void;
}

export function createPace(intervalMs: number, clock: Clock): Pace {
  let waiting: (() => void) | null = null;
  let cancel: (() => void) | null = null;
  let last = -Infinity;
  const flush = (): void => {
    cancel?.();
    cancel = null;
    const run = waiting;
    waiting = null;
    if (run === null) return;
    last = clock.now();
    run();
  };
  return {
    ask(run) {
      waiting = run;
      const rest = last + intervalMs - clock.now();
      if (rest <= 0) flush();
      else cancel ??= clock.after(rest, flush);
    },
    flush,
    forget() {
      waiting = null;
      cancel?.();
      cancel = null;
    },
  };
}
