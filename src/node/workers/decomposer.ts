// Decomposes matrices side by side: a thin product keeps few threads busy, so many matrices with a thread each are done
// sooner than one after the other with all threads, and the steps that are no products overlap. What stays on this
// thread: small matrices, very tall ones (embeddings: thick products, and no second one fits beside it), the WebAssembly
// build, and everything under Electron, whose process ONNX Runtime brings down from a worker thread.
import { join } from 'node:path';
import type { Decomposer } from '../../engine/analysis/ports.ts';
import { analyzeMatrix, type TripletMemory, type MatrixPair } from '../../engine/gates/geometry.ts';
import type { GeometryOptions, MeasuredMatrix } from '../../engine/gates/geometry.ts';
import type { MatrixSides } from '../../engine/gates/matrixSides.ts';
import type { Gemm } from '../../engine/linalg/gemm.ts';
import type { LinalgKernels } from '../../engine/linalg/linalgKernels.ts';
import { Workspace } from '../../engine/linalg/workspace.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { collect, collectYoung } from './collect.ts';
import type { GeometryAnswer, GeometryTask, GeometryWorkerData } from './geometryProtocol.ts';
import { openKernels } from './openKernels.ts';
import { WorkerPool } from './workerPool.ts';

/** Lanes beyond this many share the memory bus rather than add to it; their threads go to the products instead. */
const mostLanes = 8;

interface DecomposerOptions {
  /** Already open on this thread. */
  gemm: Gemm;
  threads: number;
  /** Where `geometryWorker.cjs` and `linalg.wasm` lie: dist/. */
  folder: string;
}

export function createDecomposer(options: DecomposerOptions): Decomposer {
  return new LaneDecomposer(options);
}

class LaneDecomposer implements Decomposer {
  readonly lanes: number;
  /** Inside workers: what this thread multiplies counts with its own engine. */
  gemmMs = 0;
  private readonly gemm: Gemm;
  private readonly threads: number;
  private readonly folder: string;
  private kernels: Promise<LinalgKernels> | null = null;
  /** For what this thread decomposes, of which several may be under way. */
  private readonly idle: Workspace[] = [];
  private pool: WorkerPool<GeometryTask, GeometryAnswer> | null = null;
  private nextId = 0;
  private readonly closing = new AbortController();

  constructor({ gemm, threads, folder }: DecomposerOptions) {
    this.gemm = gemm;
    this.threads = threads;
    this.folder = folder;
    const alone = gemm.kind !== 'native' || 'electron' in process.versions;
    this.lanes = alone ? 1 : Math.max(1, Math.min(threads, mostLanes));
  }

  async measure(
    pair: MatrixPair,
    options: GeometryOptions,
    memory: TripletMemory | null,
  ): Promise<MeasuredMatrix | null> {
    if (this.lanes === 1 || pair.layout.lane === 'own') return this.measureHere(pair, options, memory);
    this.pool ??= this.openPool();
    const known = (await memory?.recall()) ?? null;
    const { sides, buffers } = ownSides(pair);
    const task: GeometryTask = { id: this.nextId++, pair: { ...pair, ...sides }, options, known };
    const answer = await this.pool.run(task, this.closing.signal, buffers);
    answer.sides.length = 0;
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

  private async measureHere(...matrix: Parameters<Decomposer['measure']>): Promise<MeasuredMatrix | null> {
    const [pair, options, memory] = matrix;
    this.kernels ??= openKernels(this.folder);
    const kernels = await this.kernels;
    const workspace = this.idle.pop() ?? new Workspace();
    try {
      return await analyzeMatrix(pair, options, { ...kernels, gemm: this.gemm, workspace, collect }, memory);
    } finally {
      this.idle.push(workspace);
    }
  }

  private openPool(): WorkerPool<GeometryTask, GeometryAnswer> {
    const threads = Math.max(1, Math.floor(this.threads / this.lanes));
    const data: GeometryWorkerData = { folder: this.folder, threads };
    const script = join(this.folder, 'geometryWorker.cjs');
    return new WorkerPool(script, this.lanes, { workerData: data });
  }
}

/** The sides in buffers that hold nothing else, so that these can be handed over whole. */
function ownSides(sides: MatrixSides): { sides: MatrixSides; buffers: ArrayBuffer[] } {
  if ('packed' in sides) {
    const packed = ownBuffer(sides.packed);
    return { sides: { packed: new Uint32Array(packed) }, buffers: [packed] };
  }
  const [base, tuned] = [ownBuffer(sides.base), ownBuffer(sides.tuned)];
  return { sides: { base: new Float32Array(base), tuned: new Float32Array(tuned) }, buffers: [base, tuned] };
}

function ownBuffer(values: Float32Array | Uint32Array): ArrayBuffer {
  const { buffer } = values;
  const isWhole = buffer instanceof ArrayBuffer && values.byteLength === buffer.byteLength;
  return isWhole ? buffer : values.slice().buffer;
}
