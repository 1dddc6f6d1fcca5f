// The half of a run that reads: streams every tensor once (Gates I and III), in the order of measuring, and puts its
// matrices where they wait for their decomposition. A tensor that cannot be read is told of with its reason.
import type { PreparedUpdate } from '../updates/prepareUpdate.ts';
import type { MatrixSides } from '../gates/matrixSides.ts';
import { chunkElements } from '../kernels/chunkPlan.ts';
import type { StreamResult, StreamTotals, TensorStreamer, Update } from '../kernels/tensorStreamer.ts';
import { stretchesOfPair } from '../kernels/stretches.ts';
import type { MatrixEngine } from './matrixEngine.ts';
import type { MeasuringOrder } from './measuringOrder.ts';
import { ReadAhead, type FoundTensor, type StartedRead } from './readAhead.ts';
import { whyNoSpectrum } from './rows.ts';
import type { AnalysisContext } from './analysisContext.ts';
import type { RememberedTensor } from './analysisMemory.ts';
import { tensorProblem } from './tensorGeometry.ts';
import type { Step } from './step.ts';

export class ReadingLoop {
  private readonly context: AnalysisContext;
  private readonly streamer: TensorStreamer;
  private readonly engine: MatrixEngine;

  constructor(context: AnalysisContext, streamer: TensorStreamer, engine: MatrixEngine) {
    this.context = context;
    this.streamer = streamer;
    this.engine = engine;
  }

  /** Starts as many reads as keep the workers busy, and tells of them in that order. */
  async all(steps: readonly Step[], { places, countedEarly }: MeasuringOrder): Promise<void> {
    const { first, meters, queue, signal, threads } = this.context;
    const reads = new ReadAhead((read) => this.finishRead(read), meters);
    const enough = threads * chunkElements;
    try {
      for (const [turn, index] of places.entries()) {
        const step = steps[index];
        if (step === undefined) continue;
        // An adapter's update is made by the matrix engine, and waits in memory: one after the other.
        const alone = step.pair.tuned.adapter !== undefined;
        await reads.finishUntil(alone || turn === first.length ? 0 : enough);
        if (turn === first.length) {
          this.firstTold();
          await this.countEarly(steps, countedEarly);
        }
        const recalled = await this.recall(step);
        if (recalled === null && !queue.fits(step.matrixBytes)) {
          await reads.finishUntil(0);
          await this.lookAtFirst(steps, turn);
        }
        if (recalled === null) await queue.reserve(step.matrixBytes);
        if (signal.aborted) return;
        const outcome = recalled ?? this.readOne(step);
        reads.add({ index, step, elements: recalled === null ? step.pair.elements : 0, outcome });
      }
    } finally {
      await reads.finishUntil(0);
      first.finish();
      queue.close();
      // Decomposing goes on for long, and may need the memory.
      await this.streamer.close();
    }
  }

  /** What of the first layer has to wait for memory is counted now, and read again when its matrices have their turn. */
  private async lookAtFirst(steps: readonly Step[], from: number): Promise<void> {
    const { first, state, emitter } = this.context;
    const waits = (step: Step): Promise<boolean> => this.waits(step);
    await first.look(
      steps,
      from,
      waits,
      (step) => this.count(step),
      (index, step, totals) => {
        emitter.tensor(index, state.streamed(index, step, totals, null));
      },
    );
    this.firstTold();
  }

  /** These are read again in their turn: none that comes from elsewhere. */
  private async countEarly(steps: readonly Step[], places: readonly number[]): Promise<void> {
    const { first, signal, state, emitter } = this.context;
    for (const index of places) {
      const step = steps[index];
      if (signal.aborted || step === undefined) return;
      if (stretchesOfPair(step.pair).length > 0 || (await this.waits(step))) continue;
      const totals = await this.count(step).catch(() => null);
      // What is wrong with it is told in its turn.
      if (totals === null) continue;
      first.tellEarly(index);
      emitter.tensor(index, state.streamed(index, step, totals, null));
    }
  }

  /** Whether a tensor is left to its turn. */
  private async waits(step: Step): Promise<boolean> {
    return step.pair.tuned.adapter !== undefined || (await this.recall(step)) !== null;
  }

  private async count({ pair }: Step): Promise<StreamTotals> {
    const { options, signal } = this.context;
    return (await this.streamer.stream(pair, { eta: options.eta, wantMatrices: false }, signal)).totals;
  }

  private firstTold(): void {
    this.context.emitter.layerComplete();
    this.context.first.finish();
  }

  /** What an earlier run had finished of this tensor. */
  private async recall(step: Step): Promise<RememberedTensor | null> {
    const { signal, memory } = this.context;
    if (signal.aborted) return null;
    return (await memory?.recall(step).catch(() => null)) ?? null;
  }

  /** A read's numbers into the report, and its matrices to where they wait for their decomposition. */
  private async finishRead({ index, step, outcome }: StartedRead): Promise<void> {
    const { first, queue, signal, state, emitter } = this.context;
    const found = await outcome;
    state.current = step.pair.name;
    if ('error' in found) {
      queue.cancel(step.matrixBytes);
      if (signal.aborted) return;
      const why = tensorProblem(found.error, step);
      const isTold = first.knows(index);
      const row = isTold ? state.undecomposed(index, step, why) : state.unreadableTensor(index, step, why);
      emitter.tensor(index, row);
    } else if ('parts' in found) {
      emitter.tensor(index, state.streamed(index, step, found.totals, found.adapter));
      if (found.engine !== null && !this.engine.isOpen) state.engine = { ...state.engine, ...found.engine };
      if (found.parts !== null) emitter.tensor(index, state.decomposed(index, step, found.parts));
    } else if (!(await this.handOver(index, step, found))) {
      queue.cancel(step.matrixBytes);
    }
    if (state.isLayerComplete(step)) emitter.layerComplete();
  }

  /** Reads one tensor; never rejects. */
  private async readOne(step: Step): Promise<FoundTensor | { error: unknown }> {
    try {
      const prepared = await this.prepare(step);
      const result = await this.read(step, prepared?.update);
      const { totals } = result;
      const adapter = prepared?.report ?? null;
      return { totals, sides: sidesOf(result), adapter, factors: prepared?.factors ?? null };
    } catch (error) {
      return { error };
    }
  }

  /** Whether the tensor's matrices now wait for their decomposition. */
  private async handOver(
    index: number,
    step: Step,
    { totals, sides, adapter, factors }: FoundTensor,
  ): Promise<boolean> {
    const { first, memory, queue, state, emitter } = this.context;
    if (!first.knows(index)) emitter.tensor(index, state.streamed(index, step, totals, adapter));
    const { matrices } = step;
    if (matrices === null || whyNoSpectrum(totals) !== null) {
      await memory?.remember(step, { totals, adapter, parts: null, engine: null });
      return false;
    }
    if (sides === null) {
      const lacking = tensorProblem(new RangeError(), step);
      emitter.tensor(index, state.undecomposed(index, step, lacking));
      return false;
    }
    queue.put({ index, step, totals, adapter, matrices, sides, factors }, step.matrixBytes);
    return true;
  }

  /** The update of an adapted tensor, held against the base; null where the tuned side is stored. */
  private async prepare({ pair }: Step): Promise<PreparedUpdate | null> {
    const { ports, options, signal } = this.context;
    const { adapter } = pair.tuned;
    if (adapter === undefined) return null;
    const { gemm } = await this.engine.open();
    const readBase = async (): Promise<Float32Array> => {
      const { eta } = options;
      const same = { ...pair, tuned: pair.base };
      const { base } = await this.streamer.stream(same, { eta, wantMatrices: true }, signal);
      if (base === null) throw new RangeError();
      return base;
    };
    return ports.prepareUpdate(pair.tuned, adapter, readBase, gemm);
  }

  /** Gates I and III need only slabs: where the whole matrix cannot be allocated, they are measured without it. */
  private async read({ pair, matrices }: Step, update: Update | undefined): Promise<StreamResult> {
    const { options, signal } = this.context;
    const { eta } = options;
    const wantMatrices = matrices !== null;
    try {
      const wanted = { eta, wantMatrices, packBf16: true };
      return await this.streamer.stream(pair, wanted, signal, update);
    } catch (error) {
      if (!wantMatrices || !(error instanceof RangeError)) throw error;
      return await this.streamer.stream(pair, { eta, wantMatrices: false }, signal, update);
    }
  }
}

function sidesOf({ base, tuned, packed }: StreamResult): MatrixSides | null {
  if (packed !== null) return { packed };
  return base === null || tuned === null ? null : { base, tuned };
}
