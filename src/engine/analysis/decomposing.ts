// The half of a run that decomposes (Gate II): takes the matrices that wait, as many at once as the engine has lanes.
import { ThreeGateError } from '../../shared/errors.ts';
import type { MatrixEngine } from './matrixEngine.ts';
import type { AnalysisContext, WaitingTensor } from './analysisContext.ts';
import { storageOf } from './precisionNull.ts';
import { measureMatrices, tensorProblem } from './tensorGeometry.ts';

export class Decomposing {
  private readonly context: AnalysisContext;
  private readonly engine: MatrixEngine;
  private underWay = 0;
  private sinceMs = 0;

  constructor(context: AnalysisContext, engine: MatrixEngine) {
    this.context = context;
    this.engine = engine;
  }

  async all(): Promise<void> {
    await this.context.first.told;
    const running = new Set<Promise<void>>();
    while (await this.startNext(running)) {
      while (running.size >= this.engine.lanes) await Promise.race(running);
    }
    await Promise.all(running);
  }

  /** Whether there was one. It is not held here any longer, so its memory can go while the next is waited for. */
  private async startNext(running: Set<Promise<void>>): Promise<boolean> {
    const next = await this.context.queue.take();
    if (next === null) return false;
    const task = this.decomposeNext(next).finally(() => {
      running.delete(task);
    });
    running.add(task);
    // How many may run beside it is known once the matrix engine is open.
    await Promise.race([task, this.engine.opened()]);
    return true;
  }

  /** Never rejects for what is wrong with one tensor. */
  private async decomposeNext(next: WaitingTensor): Promise<void> {
    const { signal, failed, state, meters, emitter, queue } = this.context;
    const { index, step } = next;
    try {
      if (signal.aborted) return;
      state.current = step.pair.name;
      if (this.underWay++ === 0) this.sinceMs = performance.now();
      try {
        await this.decompose(next);
      } finally {
        if (--this.underWay === 0) meters.geometryMs += performance.now() - this.sinceMs;
      }
    } catch (error) {
      // What takes the matrix engine down is not wrong with one tensor.
      if (isCrash(error)) failed.abort(error);
      // What was measured stays; a tensor that the cancellation interrupted keeps what the stream gave it.
      if (!signal.aborted) {
        emitter.tensor(index, state.undecomposed(index, step, tensorProblem(error, step)));
      }
    } finally {
      queue.release(step.matrixBytes);
    }
    if (state.isLayerComplete(step)) emitter.layerComplete();
  }

  private async decompose(waiting: WaitingTensor): Promise<void> {
    const { index, step, totals, adapter, matrices, sides, factors } = waiting;
    const { memory, options, signal, state, emitter } = this.context;
    const decomposer = await this.engine.openDecomposer();
    const parts = await measureMatrices(
      matrices,
      (matrix) => memory?.base(step, matrix) ?? null,
      sides,
      factors,
      storageOf(step.pair, totals.baseOnGrid),
      { ...options, angleCurve: step.angleCurve },
      (...matrix) => decomposer.measure(...matrix),
      signal,
    );
    emitter.tensor(index, state.decomposed(index, step, parts));
    const { gemm, gemmLibrary } = state.engine;
    await memory?.remember(step, { totals, adapter, parts, engine: { gemm, gemmLibrary } });
  }
}

function isCrash(error: unknown): boolean {
  return error instanceof ThreeGateError && error.problem.code === 'engine-crashed';
}
