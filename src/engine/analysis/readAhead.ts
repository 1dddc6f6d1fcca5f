// Reads of tensors that are under way at once, so that small tensors keep all workers busy too. They are finished in the
// order in which they were started, which is the plan's: sums then come out the same whoever was faster.
import type { PreparedUpdate } from '../updates/prepareUpdate.ts';
import type { MatrixSides } from '../gates/matrixSides.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import type { RememberedTensor } from './analysisMemory.ts';
import type { Step } from './step.ts';

/** A tensor as it was read. */
export interface FoundTensor {
  totals: StreamTotals;
  /** Null where no decomposition is wanted or their memory could not be had. */
  sides: MatrixSides | null;
  adapter: PreparedUpdate['report'] | null;
  /** The update as a product, where it is one. */
  factors: PreparedUpdate['factors'];
}

/** A read under way, or what an earlier run left of the tensor; `elements` are those that workers are busy with. */
export interface StartedRead {
  index: number;
  step: Step;
  elements: number;
  outcome: RememberedTensor | Promise<FoundTensor | { error: unknown }>;
}

export class ReadAhead {
  private readonly finish: (read: StartedRead) => Promise<void>;
  private readonly meters: { streamMs: number };
  private readonly started: StartedRead[] = [];
  private elements = 0;
  private busySinceMs = 0;

  /** Adds the time in which anything was under way to `meters`. */
  constructor(finish: (read: StartedRead) => Promise<void>, meters: { streamMs: number }) {
    this.finish = finish;
    this.meters = meters;
  }

  add(read: StartedRead): void {
    if (this.started.length === 0) this.busySinceMs = performance.now();
    this.started.push(read);
    this.elements += read.elements;
  }

  /** Finishes reads until fewer than `elements` are under way; all of them for 0, and any that need no reading. */
  async finishUntil(elements: number): Promise<void> {
    for (;;) {
      const [first] = this.started;
      if (first === undefined || (this.elements < elements && first.elements > 0)) return;
      await this.finish(first);
      this.started.shift();
      this.elements -= first.elements;
      if (this.started.length === 0) this.meters.streamMs += performance.now() - this.busySinceMs;
    }
  }
}
