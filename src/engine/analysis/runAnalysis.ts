// From two checkpoints to a Report: opens, pairs, plans, then streams every tensor once (Gates I and III) while the
// matrices already read are decomposed (Gate II), as many at once as the machine has threads for.
// A tensor that fails is a row with its Problem; cancelling gives the report as far as it got; only a pair that cannot
// be opened or has nothing in common rejects. Results depend on neither threads nor timing.
import type { AnalysisOptions } from '../../shared/options.ts';
import type { Report } from '../../shared/report.ts';
import type { PreparedUpdate } from '../adapters/prepareUpdate.ts';
import type { LowRankUpdate } from '../gates/lowRankUpdate.ts';
import type { MatrixSides } from '../gates/matrixSides.ts';
import { chunkElements } from '../kernels/chunkPlan.ts';
import type { StreamResult, StreamTotals, TensorStreamer, Update } from '../kernels/tensorStreamer.ts';
import type { MeasuredMatrix } from '../gates/geometry.ts';
import { FirstLayer } from './firstLayer.ts';
import { stackGeometry } from './geometryPool.ts';
import { MatrixQueue } from './matrixQueue.ts';
import { absent, measured } from './measured.ts';
import { planAnalysis, type MatrixView, type Step } from './plan.ts';
import type { AnalysisPorts, Decomposer, OpenedGemm } from './ports.ts';
import { ReadAhead, type FoundTensor, type StartedRead } from './readAhead.ts';
import { equalReason, whyNoSpectrum } from './rows.ts';
import type { RememberedTensor, RunMemory } from './runMemory.ts';
import { RunEmitter, type Emit } from './runEmitter.ts';
import { RunState, type Meters } from './runState.ts';
import { measureMatrices, tensorProblem } from './tensorGeometry.ts';

export interface AnalysisRequest {
  basePath: string;
  tunedPath: string;
  options: AnalysisOptions;
  configPaths: readonly string[] | null;
}

/** A tensor that was read and waits for its decomposition. */
interface Waiting {
  index: number;
  step: Step;
  totals: StreamTotals;
  adapter: PreparedUpdate['report'] | null;
  matrices: MatrixView;
  sides: MatrixSides;
  /** The update as a product, where it is one. */
  factors: LowRankUpdate | null;
}

export async function runAnalysis(
  request: AnalysisRequest,
  ports: AnalysisPorts,
  emit: Emit,
  signal: AbortSignal,
): Promise<Report> {
  const startedMs = performance.now();
  const startedAt = new Date().toISOString();
  const { options } = request;
  const base = await ports.openCheckpoint(request.basePath);
  const tuned = await ports.openCheckpoint(request.tunedPath);
  const pairing = ports.pairCheckpoints(base, tuned);
  const plan = planAnalysis(pairing, options, ports.machine);
  const training = await ports.readTraining(tuned, base, request.configPaths);
  const threads = options.threads ?? ports.machine.threads;
  const memoryBytes = options.memoryBytes ?? Math.floor(ports.machine.totalMemoryBytes / 4);
  const engine = { gemm: 'none', gemmLibrary: 'none', fallbackReason: null } as const;
  const streamer = await ports.openStreamer(threads);
  const run = new Run(ports, options, streamer, signal, memoryBytes, threads, new FirstLayer(plan.steps));
  const meters: Meters = {
    startedAt,
    startedMs,
    streamMs: 0,
    geometryMs: 0,
    gemmMs: () => (run.gemm?.gemm.elapsedMs ?? 0) + (run.decomposer?.gemmMs ?? 0),
    bytesRead: () => streamer.bytesRead,
    peakRssBytes: () => ports.machine.peakRssBytes(),
  };
  const info = { version: ports.machine.version, ...engine, threads, memoryBytes };
  const state = new RunState({ base, tuned, pairing, plan, options, training, engine: info }, meters);
  try {
    return await run.all(plan.steps, state, meters, emit);
  } finally {
    await run.decomposer?.close();
    await run.gemm?.gemm.close();
  }
}

/** The two overlapping loops over one plan. */
class Run {
  gemm: OpenedGemm | null = null;
  decomposer: Decomposer | null = null;
  private opening: Promise<OpenedGemm> | null = null;
  private decomposing = 0;
  private decomposingSinceMs = 0;
  private readonly queue: MatrixQueue<Waiting>;
  private readonly memory: RunMemory | null;

  constructor(
    private readonly ports: AnalysisPorts,
    private readonly options: AnalysisOptions,
    private readonly streamer: TensorStreamer,
    private readonly signal: AbortSignal,
    memoryBytes: number,
    private readonly threads: number,
    private readonly first: FirstLayer,
  ) {
    this.queue = new MatrixQueue(memoryBytes);
    this.memory = ports.openMemory(options);
  }

  async all(steps: readonly Step[], state: RunState, meters: Meters, emit: Emit): Promise<Report> {
    emit({ kind: 'started', report: state.report('running') });
    const emitter = new RunEmitter(emit, state);
    try {
      await Promise.all([
        this.streamAll(steps, state, meters, emitter),
        this.decomposeAll(state, meters, emitter),
      ]);
      if (this.signal.aborted) state.coverageOfCancelled();
      const report = state.report(this.signal.aborted ? 'cancelled' : 'complete');
      emitter.finish(report);
      return report;
    } finally {
      emitter.stop();
    }
  }

  /** Starts as many reads as keep the workers busy, and tells of them in the order of the plan. */
  private async streamAll(
    steps: readonly Step[],
    state: RunState,
    meters: Meters,
    emitter: RunEmitter,
  ): Promise<void> {
    const { first } = this;
    const reads = new ReadAhead((read) => this.finishRead(read, state, emitter), meters);
    const enough = this.threads * chunkElements;
    try {
      for (const [index, step] of steps.entries()) {
        // An adapter's update is made by the matrix engine, and waits in memory: one after the other.
        const alone = step.pair.tuned.adapter !== undefined;
        await reads.finishUntil(alone || index === first.length ? 0 : enough);
        if (index === first.length) this.firstTold(emitter);
        const recalled = await this.recall(step);
        if (recalled === null && !this.queue.fits(step.matrixBytes)) {
          await reads.finishUntil(0);
          await this.lookAtFirst(steps, index, state, emitter);
        }
        if (recalled === null) await this.queue.reserve(step.matrixBytes);
        if (this.signal.aborted) return;
        const outcome = recalled ?? this.readOne(step, state, emitter);
        reads.add({ index, step, elements: recalled === null ? step.pair.elements : 0, outcome });
      }
    } finally {
      await reads.finishUntil(0);
      first.finish();
      this.queue.close();
      // Decomposing goes on for long, and may need the memory.
      await this.streamer.close();
    }
  }

  /** What of the first layer has to wait for memory is counted now, and read again when its matrices have their turn. */
  private async lookAtFirst(
    steps: readonly Step[],
    from: number,
    state: RunState,
    emitter: RunEmitter,
  ): Promise<void> {
    const { eta } = this.options;
    const read = async (step: Step): Promise<StreamTotals | null> => {
      if (step.pair.tuned.adapter !== undefined || (await this.recall(step)) !== null) return null;
      return (await this.streamer.stream(step.pair, { eta, wantMatrices: false }, this.signal)).totals;
    };
    await this.first.look(steps, from, read, (index, step, totals) => {
      emitter.tensor(index, state.streamed(index, step, totals, null));
    });
    this.firstTold(emitter);
  }

  private firstTold(emitter: RunEmitter): void {
    emitter.layerComplete();
    this.first.finish();
  }

  /** What an earlier run had finished of this tensor. */
  private async recall(step: Step): Promise<RememberedTensor | null> {
    if (this.signal.aborted) return null;
    return (await this.memory?.recall(step).catch(() => null)) ?? null;
  }

  /** A read's numbers into the report, and its matrices to where they wait for their decomposition. */
  private async finishRead(
    { index, step, outcome }: StartedRead,
    state: RunState,
    emitter: RunEmitter,
  ): Promise<void> {
    const found = await outcome;
    state.current = step.pair.name;
    if ('error' in found) {
      this.queue.cancel(step.matrixBytes);
      if (this.signal.aborted) return;
      const why = tensorProblem(found.error, step);
      const isTold = this.first.knows(index);
      const row = isTold ? state.undecomposed(index, step, why) : state.unreadableTensor(index, step, why);
      emitter.tensor(index, row);
    } else if ('parts' in found) {
      emitter.tensor(index, state.streamed(index, step, found.totals, found.adapter));
      if (found.engine !== null && this.gemm === null) state.engine = { ...state.engine, ...found.engine };
      if (found.parts !== null) this.decomposed(index, step, found.parts, state, emitter);
    } else if (!(await this.handOver(index, step, found, state, emitter))) {
      this.queue.cancel(step.matrixBytes);
    }
    if (state.isLayerComplete(step)) emitter.layerComplete();
  }

  private decomposed(
    index: number,
    step: Step,
    parts: readonly (MeasuredMatrix | null)[],
    state: RunState,
    emitter: RunEmitter,
  ): void {
    const geometry = stackGeometry(parts);
    const found = geometry === null ? absent<typeof geometry & object>(equalReason) : measured(geometry);
    emitter.tensor(index, state.decomposed(index, step, found.value === null ? [] : parts, found));
  }

  /** Reads one tensor; never rejects. */
  private async readOne(
    step: Step,
    state: RunState,
    emitter: RunEmitter,
  ): Promise<FoundTensor | { error: unknown }> {
    try {
      const prepared = await this.prepare(step, state, emitter);
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
    state: RunState,
    emitter: RunEmitter,
  ): Promise<boolean> {
    if (!this.first.knows(index)) emitter.tensor(index, state.streamed(index, step, totals, adapter));
    const { matrices } = step;
    if (matrices === null || whyNoSpectrum(totals) !== null) {
      await this.memory?.remember(step, { totals, adapter, parts: null, engine: null });
      return false;
    }
    if (sides === null) {
      const lacking = tensorProblem(new RangeError(), step);
      emitter.tensor(index, state.undecomposed(index, step, lacking));
      return false;
    }
    this.queue.put({ index, step, totals, adapter, matrices, sides, factors }, step.matrixBytes);
    return true;
  }

  /** The update of an adapted tensor, held against the base; null where the tuned side is stored. */
  private async prepare(
    { pair }: Step,
    state: RunState,
    emitter: RunEmitter,
  ): Promise<PreparedUpdate | null> {
    const { adapter } = pair.tuned;
    if (adapter === undefined) return null;
    const { gemm } = await this.openGemm(state, emitter);
    const readBase = async (): Promise<Float32Array> => {
      const { eta } = this.options;
      const same = { ...pair, tuned: pair.base };
      const { base } = await this.streamer.stream(same, { eta, wantMatrices: true }, this.signal);
      if (base === null) throw new RangeError();
      return base;
    };
    return this.ports.prepareUpdate(pair.tuned, adapter, readBase, gemm);
  }

  /** Gates I and III need only slabs: where the whole matrix cannot be allocated, they are measured without it. */
  private async read({ pair, matrices }: Step, update: Update | undefined): Promise<StreamResult> {
    const { eta } = this.options;
    const wantMatrices = matrices !== null;
    try {
      const wanted = { eta, wantMatrices, packBf16: true };
      return await this.streamer.stream(pair, wanted, this.signal, update);
    } catch (error) {
      if (!wantMatrices || !(error instanceof RangeError)) throw error;
      return await this.streamer.stream(pair, { eta, wantMatrices: false }, this.signal, update);
    }
  }

  private async decomposeAll(state: RunState, meters: Meters, emitter: RunEmitter): Promise<void> {
    await this.first.told;
    const running = new Set<Promise<void>>();
    while (await this.startNext(running, state, meters, emitter)) {
      while (running.size >= (this.decomposer?.lanes ?? 1)) await Promise.race(running);
    }
    await Promise.all(running);
  }

  /** Whether there was one. It is not held here any longer, so its memory can go while the next is waited for. */
  private async startNext(
    running: Set<Promise<void>>,
    state: RunState,
    meters: Meters,
    emitter: RunEmitter,
  ): Promise<boolean> {
    const next = await this.queue.take();
    if (next === null) return false;
    const task = this.decomposeNext(next, state, meters, emitter).finally(() => {
      running.delete(task);
    });
    running.add(task);
    // How many may run beside it is known once the matrix engine is open.
    await Promise.race([task, this.opening]).catch(() => undefined);
    return true;
  }

  /** Never rejects for what is wrong with one tensor. */
  private async decomposeNext(
    next: Waiting,
    state: RunState,
    meters: Meters,
    emitter: RunEmitter,
  ): Promise<void> {
    const { index, step } = next;
    try {
      if (this.signal.aborted) return;
      state.current = step.pair.name;
      if (this.decomposing++ === 0) this.decomposingSinceMs = performance.now();
      try {
        await this.decomposeOne(next, state, emitter);
      } finally {
        if (--this.decomposing === 0) meters.geometryMs += performance.now() - this.decomposingSinceMs;
      }
    } catch (error) {
      // What was measured stays; a tensor that the cancellation interrupted keeps what the stream gave it.
      if (!this.signal.aborted) {
        emitter.tensor(index, state.undecomposed(index, step, tensorProblem(error, step)));
      }
    } finally {
      this.queue.release(step.matrixBytes);
    }
    if (state.isLayerComplete(step)) emitter.layerComplete();
  }

  private async decomposeOne(waiting: Waiting, state: RunState, emitter: RunEmitter): Promise<void> {
    const { index, step, totals, adapter, matrices, sides, factors } = waiting;
    const { gemm } = await this.openGemm(state, emitter);
    this.decomposer ??= this.ports.openDecomposer(gemm, this.threads);
    const { decomposer } = this;
    const parts = await measureMatrices(
      matrices,
      (matrix) => this.memory?.base(step, matrix) ?? null,
      sides,
      factors,
      this.options,
      (...matrix) => decomposer.measure(...matrix),
      this.signal,
    );
    this.decomposed(index, step, parts, state, emitter);
    const { gemm: kind, gemmLibrary } = state.engine;
    const engine = { gemm: kind, gemmLibrary };
    await this.memory?.remember(step, { totals, adapter, parts, engine });
  }

  /** Opened before the first matrix and only once: where it fails, every matrix's row says why. */
  private async openGemm(state: RunState, emitter: RunEmitter): Promise<OpenedGemm> {
    this.opening ??= this.ports.openGemm(this.options.engine, this.threads);
    const opened = await this.opening;
    if (this.gemm !== null) return opened;
    this.gemm = opened;
    const { gemm, fallbackReason } = opened;
    state.engine = { ...state.engine, gemm: gemm.kind, gemmLibrary: gemm.library, fallbackReason };
    emitter.send({ kind: 'engine', engine: state.engine });
    return opened;
  }
}

function sidesOf({ base, tuned, packed }: StreamResult): MatrixSides | null {
  if (packed !== null) return { packed };
  return base === null || tuned === null ? null : { base, tuned };
}
