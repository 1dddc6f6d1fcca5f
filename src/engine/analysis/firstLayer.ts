// The first layer comes first: Gates I and III of it are told before anything is decomposed, so that they are there within
// a second. Its matrices may be more than is allowed to wait in memory; those are then read a second time.
import { sameLayer } from '../../shared/report/layers.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import type { Step } from './step.ts';

/** How many steps at the start of a plan belong to its first layer. */
export function firstLayerLength(steps: readonly Step[]): number {
  const first = steps[0]?.pair;
  const end = steps.findIndex(({ pair }) => first === undefined || !sameLayer(pair, first));
  return end === -1 ? steps.length : end;
}

export class FirstLayer {
  /** How many steps at the start of the plan belong to it. */
  readonly length: number;
  /** Resolves when all of it is told, or nothing more will be. */
  readonly told: Promise<void>;
  private open: () => void = () => undefined;
  private isDone = false;
  private readonly known = new Set<number>();

  constructor(steps: readonly Step[]) {
    this.length = firstLayerLength(steps);
    this.told = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  /**
   * Counts what is left of the layer from step `from` on, without keeping a matrix; `tell` hears of it in order. A tensor
   * that `waits`, or cannot be read, is left to its turn, and so is all behind it: sums are added in the order of the plan.
   */
  async look(
    steps: readonly Step[],
    from: number,
    waits: (step: Step) => Promise<boolean>,
    read: (step: Step) => Promise<StreamTotals>,
    tell: (index: number, step: Step, totals: StreamTotals) => void,
  ): Promise<void> {
    if (from >= this.length || this.isDone) return;
    const left: Step[] = [];
    for (const step of steps.slice(from, this.length)) {
      if (await waits(step)) break;
      left.push(step);
    }
    const reads = left.map(async (step) => read(step).catch(() => null));
    for (const [i, step] of left.entries()) {
      const totals = await reads[i];
      if (totals === null || totals === undefined) break;
      this.known.add(from + i);
      tell(from + i, step, totals);
    }
    await Promise.all(reads);
    this.finish();
  }

  /** Whether a step's numbers are in the report before its turn. */
  knows(index: number): boolean {
    return this.known.has(index);
  }

  /** A step beyond the layer whose numbers are told before its turn, too. */
  tellEarly(index: number): void {
    this.known.add(index);
  }

  finish(): void {
    this.isDone = true;
    this.open();
  }
}
