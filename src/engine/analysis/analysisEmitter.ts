// The events of one run, paced: changed tensors in batches, progress at most five times a second, pools at most
// twice a second and whenever asked at the end. Nothing is emitted after `finish`.
import type { Report, TensorReport } from '../../shared/report/report.ts';
import type { Progress, AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';

export type Emit = (event: AnalysisEvent) => void;
type Aggregates = Omit<Extract<AnalysisEvent, { kind: 'aggregates' }>, 'kind'>;

/** What the emitter asks of the run when it is time to speak. */
export interface AnalysisView {
  progress(): Progress;
  aggregates(): Aggregates;
}

const batchMs = 200;
const aggregatesMs = 500;

export class AnalysisEmitter {
  private readonly emit: Emit;
  private readonly view: AnalysisView;
  private readonly changed = new Map<number, TensorReport>();
  private readonly timer: ReturnType<typeof setInterval>;
  private poolsChanged = false;
  private poolsEmittedAt = -Infinity;
  private lastProgress = '';

  constructor(emit: Emit, view: AnalysisView) {
    this.emit = emit;
    this.view = view;
    this.timer = setInterval(() => {
      this.tick();
    }, batchMs);
  }

  /** A row as it now stands; only its latest state is sent. */
  tensor(index: number, tensor: TensorReport): void {
    this.changed.set(index, tensor);
  }

  /** The pools of a layer are complete: its rows and the pools may go out together. */
  layerComplete(): void {
    this.poolsChanged = true;
    this.flushTensors();
    this.flushPools(performance.now() - this.poolsEmittedAt >= aggregatesMs);
  }

  send(event: AnalysisEvent): void {
    this.emit(event);
  }

  /** Says everything that is left, then the last event. */
  finish(report: Report): void {
    this.stop();
    this.flushTensors();
    this.emit({ kind: 'progress', progress: this.view.progress() });
    this.emit({ kind: 'finished', report });
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    this.flushTensors();
    this.flushPools(performance.now() - this.poolsEmittedAt >= aggregatesMs);
    const progress = this.view.progress();
    // The clock alone is not progress.
    const text = JSON.stringify({ ...progress, elapsedMs: null, remainingMs: null });
    if (text === this.lastProgress) return;
    this.lastProgress = text;
    this.emit({ kind: 'progress', progress });
  }

  private flushTensors(): void {
    if (this.changed.size === 0) return;
    const changed = [...this.changed].map(([index, tensor]) => ({ index, tensor }));
    this.changed.clear();
    this.poolsChanged = true;
    this.emit({ kind: 'tensors', changed });
  }

  private flushPools(due: boolean): void {
    if (!this.poolsChanged || !due) return;
    this.poolsChanged = false;
    this.poolsEmittedAt = performance.now();
    this.emit({ kind: 'aggregates', ...this.view.aggregates() });
  }
}
