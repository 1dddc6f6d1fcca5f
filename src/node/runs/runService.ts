// All analyses of this window: editors on one pair share one run, and a run that no editor shows any more is stopped
// after a grace period, so that reopening or moving an editor does not lose the work.
import type { Report } from '../../shared/report/report.ts';
import type { EngineApi } from '../engine/engineApi.ts';
import { PairRun, type RunRequest } from './pairRun.ts';
import { requestKey } from './requestKey.ts';

interface RunServiceOptions {
  createEngine: () => EngineApi;
  /** Called when a run came to its end. */
  onComplete: (request: RunRequest, report: Report) => void;
  graceMs?: number;
}

const defaultGraceMs = 15_000;

interface Entry {
  run: PairRun;
  holders: number;
  /** Stops the run when nobody came back. */
  timer: ReturnType<typeof setTimeout> | null;
}

/** One editor's hold on a run. */
export interface RunHold {
  readonly run: PairRun;
  /** Gives the run up; the last one to do so starts the grace period. */
  release(): void;
}

export class RunService {
  private readonly entries = new Map<string, Entry>();
  private readonly watchers = new Set<() => void>();
  private readonly options: RunServiceOptions;

  constructor(options: RunServiceOptions) {
    this.options = options;
  }

  /** The shared run of a request; it is not started. `remembered` is used when the run is new. */
  hold(request: RunRequest, remembered: Report | null): RunHold {
    const key = requestKey(request);
    const entry = this.entries.get(key) ?? this.add(key, request, remembered);
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.timer = null;
    entry.holders += 1;
    let held = true;
    return {
      run: entry.run,
      release: () => {
        if (!held) return;
        held = false;
        entry.holders -= 1;
        if (entry.holders === 0) this.expire(key, entry);
      },
    };
  }

  /** The runs at work now. */
  running(): PairRun[] {
    return [...this.entries.values()].map(({ run }) => run).filter((run) => run.isRunning);
  }

  /** Hears that some run changed its state or its progress. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  dispose(): void {
    for (const { run, timer } of this.entries.values()) {
      if (timer !== null) clearTimeout(timer);
      run.cancel();
    }
    this.entries.clear();
  }

  private add(key: string, request: RunRequest, remembered: Report | null): Entry {
    const run = new PairRun({
      request,
      remembered,
      createEngine: this.options.createEngine,
      onComplete: (report) => {
        this.options.onComplete(request, report);
      },
    });
    run.listen({
      onState: () => {
        for (const watcher of this.watchers) watcher();
      },
      onEvents: () => undefined,
    });
    const entry: Entry = { run, holders: 0, timer: null };
    this.entries.set(key, entry);
    return entry;
  }

  private expire(key: string, entry: Entry): void {
    const grace = entry.run.isRunning ? (this.options.graceMs ?? defaultGraceMs) : 0;
    entry.timer = setTimeout(() => {
      entry.run.cancel();
      this.entries.delete(key);
    }, grace);
  }
}
