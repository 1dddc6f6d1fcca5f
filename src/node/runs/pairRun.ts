// One pair's analysis as every editor on it sees it: its state, the report folded from the engine's events, and the
// events passed on in batches. Knows nothing of vscode; the engine is the port.
import { asProblem, type Problem } from '../../shared/errors.ts';
import type { AnalyzeRequest } from '../../shared/protocol/engineProtocol.ts';
import type { RunState } from '../../shared/protocol/panelProtocol.ts';
import type { Report } from '../../shared/report/report.ts';
import { applyAnalysisEvent, type AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';
import type { EngineApi } from '../engine/engineApi.ts';

export type RunRequest = Omit<AnalyzeRequest, 'runId'>;

/** How a start differs from what was requested. */
export interface RunOverrides {
  /** To go on after a crash. */
  engine?: 'wasm';
  /** Null once the user has seen how much of remote checkpoints is to be read. */
  remoteLimitBytes?: null;
}

/** What an editor hears of a run. */
interface RunListener {
  onState(state: RunState): void;
  onEvents(events: AnalysisEvent[]): void;
}

interface PairRunOptions {
  request: RunRequest;
  /** A fresh engine process for each start: a crash or a kill touches no other pair. */
  createEngine: () => EngineApi;
  /** Report remembered from an earlier run. */
  remembered: Report | null;
  /** Called once for each run that came to its end. */
  onComplete: (report: Report) => void;
}

/** Events are passed on at most this often: a panel redraws at leisure, the engine does not wait for it. */
const batchMs = 80;

export class PairRun {
  readonly request: RunRequest;
  private currentState: RunState;
  private currentReport: Report | null;
  private readonly listeners = new Set<RunListener>();
  private readonly options: PairRunOptions;
  private batch: AnalysisEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private abort: AbortController | null = null;
  private remoteLimitBytes: number | null;
  /** Settles when the engine of the last start is gone. */
  private ended: Promise<void> = Promise.resolve();

  constructor(options: PairRunOptions) {
    this.options = options;
    this.request = options.request;
    this.remoteLimitBytes = options.request.remoteLimitBytes ?? 0;
    this.currentReport = options.remembered;
    this.currentState = options.remembered === null ? { kind: 'idle' } : { kind: 'complete' };
  }

  get state(): RunState {
    return this.currentState;
  }

  get report(): Report | null {
    return this.currentReport;
  }

  get isRunning(): boolean {
    return this.currentState.kind === 'running';
  }

  get listenerCount(): number {
    return this.listeners.size;
  }

  listen(listener: RunListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Starts, or does nothing while it runs. */
  start(overrides: RunOverrides = {}): void {
    if (this.isRunning) return;
    const { engine = this.request.options.engine } = overrides;
    // Once it was allowed, later starts of this run go on with it.
    if (overrides.remoteLimitBytes === null) this.remoteLimitBytes = null;
    this.setState({ kind: 'running', progress: null });
    const abort = new AbortController();
    this.abort = abort;
    this.ended = this.ended.then(() => this.run(engine, abort));
  }

  /** Takes effect at once: what the engine still sends is not heard any more. */
  cancel(): void {
    if (!this.isRunning) return;
    this.flush();
    this.abort?.abort();
    this.abort = null;
    if (this.currentReport !== null) this.currentReport = { ...this.currentReport, status: 'cancelled' };
    this.setState({ kind: 'cancelled' });
  }

  private async run(engine: RunRequest['options']['engine'], abort: AbortController): Promise<void> {
    const isWanted = (): boolean => !abort.signal.aborted;
    // A cancelled start that waited for the engine before it has nothing left to do.
    if (!isWanted()) return;
    const client = this.options.createEngine();
    const { request: wanted, remoteLimitBytes } = this;
    const request = { ...wanted, remoteLimitBytes, options: { ...wanted.options, engine } };
    try {
      const report = await client.analyze(
        request,
        (event) => {
          if (isWanted()) this.receive(event);
        },
        abort.signal,
      );
      if (isWanted()) this.finish(report);
    } catch (error) {
      if (isWanted()) this.fail(asProblem(error), engine);
    } finally {
      client.dispose();
    }
  }

  private finish(report: Report): void {
    this.flush();
    this.currentReport = report;
    this.notify([{ kind: 'finished', report }]);
    const reason = report.problems[0];
    if (report.status === 'failed' && reason !== undefined) {
      this.setState({ kind: 'failed', problem: reason, canRetryWithWasm: false });
      return;
    }
    this.setState({ kind: 'complete' });
    this.options.onComplete(report);
  }

  /** What was computed stays; after a crash of the native engine the fallback may still do it. */
  private fail(problem: Problem, engine: RunRequest['options']['engine']): void {
    this.flush();
    if (this.currentReport?.status === 'running') {
      this.currentReport = { ...this.currentReport, status: 'failed' };
    }
    const lost = problem.code === 'engine-crashed' || problem.code === 'gemm-unavailable';
    this.setState({ kind: 'failed', problem, canRetryWithWasm: lost && engine !== 'wasm' });
  }

  private receive(event: AnalysisEvent): void {
    // The finished report comes once more as the reply, which is the one that counts.
    if (event.kind === 'finished') return;
    if (event.kind === 'progress') this.currentState = { kind: 'running', progress: event.progress };
    this.batch.push(event);
    this.timer ??= setTimeout(() => {
      this.flush();
    }, batchMs);
  }

  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const events = compact(this.batch);
    this.batch = [];
    if (events.length === 0) return;
    for (const event of events) this.currentReport = applyAnalysisEvent(this.currentReport, event);
    this.notify(events);
    if (this.currentState.kind === 'running') this.setState(this.currentState);
  }

  private notify(events: AnalysisEvent[]): void {
    for (const listener of this.listeners) listener.onEvents(events);
  }

  private setState(state: RunState): void {
    this.currentState = state;
    for (const listener of this.listeners) listener.onState(state);
  }
}

/** Of progress and aggregates only the last of a batch counts. */
function compact(events: readonly AnalysisEvent[]): AnalysisEvent[] {
  const superseded = new Set(['progress', 'aggregates']);
  return events.filter(
    (event, index) =>
      !superseded.has(event.kind) || !events.slice(index + 1).some(({ kind }) => kind === event.kind),
  );
}
