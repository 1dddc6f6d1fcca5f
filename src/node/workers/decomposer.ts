// Decomposes matrices side by side: a thin product keeps few threads busy, so many matrices with a thread each are done
// sooner than one after the other with all threads, and the steps that are no products overlap. Lanes are worker threads;
// under Electron, whose process ONNX Runtime brings down from a worker thread, processes. What stays on this thread: small
// matrices, embeddings (thick products, and no second one fits beside it), and the WebAssembly build.
import { join } from 'node:path';
import type { Decomposer } from '../../engine/analysis/ports.ts';
import { analyzeMatrix, type MeasuredMatrix } from '../../engine/gates/geometry.ts';
import type { MatrixSides } from '../../engine/gates/matrixSides.ts';
import type { Gemm } from '../../engine/linalg/gemm.ts';
import type { LinalgKernels } from '../../engine/linalg/linalgKernels.ts';
import { Workspace } from '../../engine/linalg/workspace.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { collect, collectYoung } from './collect.ts';
import type { GeometryAnswer, GeometryTask, GeometryWorkerSetup } from './geometryProtocol.ts';
import { processLanes, threadLanes } from './lane.ts';
import { openKernels } from './openKernels.ts';
import { WorkerDownError, WorkerPool } from './workerPool.ts';

type LaneKind = 'threads' | 'processes';

interface DecomposerOptions {
  /** Already open on this thread. */
  gemm: Gemm;
  threads: number;
  /** Matrices at once; as many as threads where absent. */
  atOnce?: number;
  /** Where `geometryWorker.cjs` and `linalg.wasm` lie: dist/. */
  folder: string;
  lanes: LaneKind;
}

/** What ONNX Runtime survives in here. Tests and benchmarks ask for what Electron has by THREE_GATE_LANES=processes. */
export const usualLanes: LaneKind =
  'electron' in process.versions || process.env['THREE_GATE_LANES'] === 'processes' ? 'processes' : 'threads';

export function createDecomposer(options: DecomposerOptions): Decomposer {
  return new LaneDecomposer(options);
}

type Matrix = Parameters<Decomposer['measure']>;

class LaneDecomposer implements Decomposer {
  readonly lanes: number;
  /** Inside workers: what this thread multiplies counts with its own engine. */
  gemmMs = 0;
  private kernels: Promise<LinalgKernels> | null = null;
  /** For what this thread decomposes, of which several may be under way. */
  private readonly idle: Workspace[] = [];
  private pool: WorkerPool<GeometryTask, GeometryAnswer> | null = null;
  private nextId = 0;
  private readonly closing = new AbortController();

  constructor(private readonly options: DecomposerOptions) {
    const { gemm, threads, atOnce = threads } = options;
    this.lanes = gemm.kind === 'native' ? Math.max(1, Math.min(threads, atOnce)) : 1;
  }

  get peakRssBytes(): number {
    return this.pool?.peakRssBytes ?? 0;
  }

  async measure(...matrix: Matrix): Promise<MeasuredMatrix | null> {
    const [pair, options, memory] = matrix;
    const { layout, storage, update } = pair;
    if (this.lanes === 1 || layout.lane === 'own') return this.measureHere(...matrix);
    const known = (await memory?.recall()) ?? null;
    const answer = await this.ask(
      {
        id: this.nextId++,
        matrix: { layout, storage, ...(update && { update }) },
        options,
        memory: memory && { known },
      },
      buffersOf(pair),
    );
    collectYoung();
    if ('problem' in answer) {
      if (answer.problem === null) throw new RangeError('a worker ran out of memory');
      throw ThreeGateError.from(answer.problem);
    }
    this.gemmMs += answer.gemmMs;
    if (answer.found !== null) await memory?.remember(answer.found);
    return answer.measured;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.pool?.close();
  }

  private async measureHere(...[pair, options, memory]: Matrix): Promise<MeasuredMatrix | null> {
    const { gemm, folder } = this.options;
    this.kernels ??= openKernels(folder);
    const kernels = await this.kernels;
    const workspace = this.idle.pop() ?? new Workspace();
    try {
      return await analyzeMatrix(pair, options, { ...kernels, gemm, workspace, collect }, memory);
    } finally {
      this.idle.push(workspace);
    }
  }

  private async ask(task: GeometryTask, memory: readonly ArrayBuffer[]): Promise<GeometryAnswer> {
    this.pool ??= this.openPool();
    try {
      return await this.pool.run(task, this.closing.signal, memory);
    } catch (error) {
      // Where a process goes down, this one would have.
      if (!(error instanceof WorkerDownError) || this.options.lanes === 'threads') throw error;
      throw new ThreeGateError('engine-crashed', `A process that decomposes matrices ${error.message}`);
    }
  }

  private openPool(): WorkerPool<GeometryTask, GeometryAnswer> {
    const { folder, threads, lanes } = this.options;
    const setup: GeometryWorkerSetup = { folder, threads: Math.max(1, Math.floor(threads / this.lanes)) };
    const argv = [JSON.stringify(setup)];
    const script = join(folder, 'geometryWorker.cjs');
    return new WorkerPool(
      lanes === 'threads' ? threadLanes(script, { argv }) : processLanes(script, argv),
      this.lanes,
    );
  }
}

/** The sides in buffers that hold nothing else, so that these can be handed over whole. */
function buffersOf(sides: MatrixSides): ArrayBuffer[] {
  return 'packed' in sides ? [ownBuffer(sides.packed)] : [ownBuffer(sides.base), ownBuffer(sides.tuned)];
}

function ownBuffer(values: Float32Array | Uint32Array): ArrayBuffer {
  const { buffer } = values;
  const isWhole = buffer instanceof ArrayBuffer && values.byteLength === buffer.byteLength;
  return isWhole ? buffer : values.slice().buffer;
}
