// The TensorStreamer over worker threads: cuts each tensor into chunks by its shape alone, has the workers read and
// compare them, and merges what they found in file order. Memory: a fixed amount per worker, and the matrices asked for.
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { StoredTensor, TensorPair } from '../../engine/checkpoint/checkpoint.ts';
import { matricesOf } from '../../engine/checkpoint/matrixView.ts';
import { type Grid, type Rectangle, chunksOf, gridOf } from '../../engine/kernels/chunkPlan.ts';
import { TotalsMerger } from '../../engine/kernels/chunkTotals.ts';
import { type SideSource, isBf16Pair, isFloat, sourcesOf } from '../../engine/kernels/storage.ts';
import { type JointChunk, type JointCounts, JointMerger } from '../../engine/kernels/jointSpec.ts';
import type { JointStreamer, JointTensor } from '../../engine/kernels/jointStreamer.ts';
import type {
  StreamOptions,
  StreamResult,
  TensorStreamer,
  Update,
} from '../../engine/kernels/tensorStreamer.ts';
import type { BytesOnDisk, FileStretch } from '../../engine/files/rangeSource.ts';
import { stretchesOf } from '../../engine/kernels/stretches.ts';
import { chunkUpdate, type ChunkUpdate } from '../../engine/kernels/updatedSlab.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { collect, collectYoung } from './collect.ts';
import type {
  JointAnswer,
  JointTask,
  KernelAnswer,
  KernelTask,
  KernelWorkerData,
  PairAnswer,
  PairTask,
} from './kernelProtocol.ts';
import { threadLanes } from './lane.ts';
import { WorkerDownError, WorkerPool } from './workerPool.ts';

interface WorkerStreamerOptions {
  threads: number;
  /** Where `kernelWorker.cjs` and `kernels.wasm` lie: dist/. */
  folder: string;
  /** Brings here what does not lie here. */
  bytes: BytesOnDisk;
}

/** Before matrices of this size are made, and after so many bytes of chunks, what is no longer held is given back. */
const largeBytes = 1 << 26;
const chunkGarbageBytes = 1 << 28;

/** Chunks whose Δ may be in memory at once. */
const chunksAhead = 4;

export async function createWorkerStreamer(
  options: WorkerStreamerOptions,
): Promise<TensorStreamer & JointStreamer> {
  const module = new WebAssembly.Module(await readFile(join(options.folder, 'kernels.wasm')));
  const data: KernelWorkerData = { module };
  const script = resolve(options.folder, 'kernelWorker.cjs');
  const lanes = threadLanes<KernelTask, KernelAnswer>(script, { workerData: data });
  return new WorkerStreamer(new WorkerPool(lanes, options.threads), options.bytes);
}

class WorkerStreamer implements TensorStreamer, JointStreamer {
  private readonly pool: WorkerPool<KernelTask, KernelAnswer>;
  private nextId = 0;
  private bytes = 0;

  constructor(
    pool: WorkerPool<KernelTask, KernelAnswer>,
    private readonly onDisk: BytesOnDisk,
  ) {
    this.pool = pool;
  }

  get bytesRead(): number {
    return this.bytes;
  }

  async stream(
    pair: TensorPair,
    options: StreamOptions,
    signal: AbortSignal,
    update?: Update,
  ): Promise<StreamResult> {
    const { base, tuned } = sourcesOf(pair);
    const view = matricesOf(pair.shape, pair.module);
    const grid = gridOf(pair.shape, typeof view === 'string' ? 1 : view.count);
    const merger = new TotalsMerger(grid);
    const wanted = kindOf(pair, options);
    const matrices = new Matrices(wanted, grid);
    await inOrder<PairAnswer>(
      chunksOf(grid),
      signal,
      (area, stop, before) => {
        const place = { base, tuned, grid, area };
        // A computed Δ waits in memory for its worker: never for more than a few chunks.
        const first = update === undefined ? undefined : before;
        return this.chunk(pair, place, options.eta, wanted, stop, update, first);
      },
      (area, done) => {
        merger.add(area, done.totals);
        matrices.put(grid, area, done);
      },
    );
    const { base: left, tuned: right, packed } = matrices;
    return { totals: merger.totals, base: left, tuned: right, packed };
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private async chunk(
    pair: TensorPair,
    place: { base: SideSource; tuned: SideSource; grid: Grid; area: Rectangle },
    eta: number,
    matrices: PairTask['matrices'],
    signal: AbortSignal,
    update: Update | undefined,
    before: Promise<PairAnswer> | undefined,
  ): Promise<PairAnswer> {
    await before;
    const changed = update && (await chunkUpdate(update, place.area));
    const held = await this.onDisk.hold(stretchesOfChunk(pair, place, update !== undefined), signal);
    this.nextId += 1;
    const task: PairTask = {
      id: this.nextId,
      segments: held.segments,
      chunk: { ...place, eta, ...(changed && { update: changed }) },
      matrices,
    };
    const files = `${place.base.file} and ${place.tuned.file}`;
    const answer = (await this.ask(task, pair.name, files, held, signal)) as PairAnswer;
    const tunedWidth = update === undefined ? storedWidth(pair.tuned) : 0;
    this.bytes += place.area.rows * place.area.columns * (storedWidth(pair.base) + tunedWidth);
    return answer;
  }

  async streamJoint(tensor: JointTensor, eta: number, signal: AbortSignal): Promise<JointCounts> {
    const grid = gridOf(tensor.shape);
    const { samples } = tensor;
    const merger = new JointMerger(tensor.pairs.length, grid, samples.length);
    await inOrder<JointChunk>(
      chunksOf(grid),
      signal,
      (area, stop, before) => this.jointChunk(tensor, { grid, area }, eta, stop, before),
      (area, counts) => {
        merger.add(area, counts);
      },
    );
    return merger.counts;
  }

  /** Never more than a few chunks ahead: each has counters of its own for the rows and columns of every side. */
  private async jointChunk(
    { pairs, updates, samples, successive = false }: JointTensor,
    place: { grid: Grid; area: Rectangle },
    eta: number,
    signal: AbortSignal,
    before: Promise<JointChunk> | undefined,
  ): Promise<JointChunk> {
    await before;
    const [first] = pairs;
    if (first === undefined) throw new ThreeGateError('usage', 'There is no tuned side to compare with.');
    const { grid, area } = place;
    const from = area.firstRow * grid.columns + area.firstColumn;
    const count = area.rows * area.columns;
    const changed: (ChunkUpdate | null)[] = [];
    for (const update of updates) changed.push(update && (await chunkUpdate(update, area)));
    const stored = pairs.filter((_, side) => updates[side] === null).map(({ tuned }) => tuned);
    const read = [first.base, ...stored];
    const held = await this.onDisk.hold(
      read.flatMap((one) => stretchesOf(one, from, count)),
      signal,
    );
    this.nextId += 1;
    const task: JointTask = {
      id: this.nextId,
      segments: held.segments,
      joint: {
        ...place,
        base: sourcesOf(first).base,
        tuned: pairs.map((pair) => sourcesOf(pair).tuned),
        updates: changed,
        eta,
        successive,
        samples: samples.filter((position) => position >= from && position < from + count),
      },
    };
    const files = read.map(({ file }) => file).join(', ');
    const answer = (await this.ask(task, first.name, files, held, signal)) as JointAnswer;
    this.bytes += count * read.reduce((sum, one) => sum + storedWidth(one), 0);
    return answer.counts;
  }

  /** What a worker finds; what is held for it is given back. */
  private async ask(
    task: KernelTask,
    tensor: string,
    files: string,
    held: { release: () => void },
    signal: AbortSignal,
  ): Promise<Exclude<KernelAnswer, { problem: unknown }>> {
    let answer: KernelAnswer;
    try {
      answer = await this.pool.run(task, signal);
    } catch (error) {
      if (!(error instanceof WorkerDownError)) throw error;
      throw new ThreeGateError(
        'engine-crashed',
        `The kernel worker that was reading tensor ${tensor} from ${files} went down: ${error.message}.`,
        { tensor },
      );
    } finally {
      held.release();
    }
    if ('problem' in answer) throw ThreeGateError.from(answer.problem);
    return answer;
  }
}

/**
 * Starts the work of every area, and takes what it found in the order of the areas.
 * @param start is given the work of a few areas earlier, for what may not run further ahead
 */
async function inOrder<Found>(
  areas: readonly Rectangle[],
  signal: AbortSignal,
  start: (area: Rectangle, stop: AbortSignal, before: Promise<Found> | undefined) => Promise<Found>,
  take: (area: Rectangle, found: Found) => void,
): Promise<void> {
  // Once a chunk has failed, the others are not worth finishing.
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  // Every chunk listens, and a large tensor has hundreds of them.
  setMaxListeners(0, stop);
  const work: (Promise<Found> | undefined)[] = [];
  for (const [i, area] of areas.entries()) {
    const chunk = start(area, stop, work[i - chunksAhead]);
    chunk.catch((error: unknown) => {
      failed.abort(error);
    });
    work.push(chunk);
  }
  for (const [i, area] of areas.entries()) {
    const chunk = work[i];
    if (chunk === undefined) break;
    // A promise keeps what it gave: all chunks together would be the matrix once more.
    work[i] = undefined;
    take(area, await chunk);
  }
}

/** What both sides of a chunk are read from; of an update the base alone. */
function stretchesOfChunk(
  { base, tuned }: TensorPair,
  { grid, area }: { grid: Grid; area: Rectangle },
  isComputed: boolean,
): FileStretch[] {
  const first = area.firstRow * grid.columns + area.firstColumn;
  const count = area.rows * area.columns;
  const own = stretchesOf(base, first, count);
  return isComputed ? own : [...own, ...stretchesOf(tuned, first, count)];
}

/** Bytes in the file per element. */
function storedWidth({ bytes, elements }: StoredTensor): number {
  return bytes / elements;
}

function kindOf(pair: TensorPair, { wantMatrices, packBf16 }: StreamOptions): PairTask['matrices'] {
  if (!wantMatrices || !isFloat(pair.base.dtype)) return 'none';
  return packBf16 === true && isBf16Pair(pair) ? 'packed' : 'float32';
}

/** Both sides, put together from chunks; a tensor of one chunk is taken over as it is. */
class Matrices {
  base: Float32Array | null = null;
  tuned: Float32Array | null = null;
  packed: Uint32Array | null = null;
  private garbageBytes = 0;

  constructor(wanted: PairTask['matrices'], grid: Grid) {
    if (wanted === 'none' || chunksOf(grid).length === 1) return;
    const elements = grid.rows * grid.columns;
    if (8 * elements >= largeBytes) collect();
    if (wanted === 'packed') this.packed = new Uint32Array(elements);
    else {
      this.base = new Float32Array(elements);
      this.tuned = new Float32Array(elements);
    }
  }

  put(grid: Grid, area: Rectangle, { base, tuned, packed }: PairAnswer): void {
    const first = area.firstRow * grid.columns + area.firstColumn;
    if (base !== null) this.base = placed(this.base, new Float32Array(base), first);
    if (tuned !== null) this.tuned = placed(this.tuned, new Float32Array(tuned), first);
    if (packed !== null) this.packed = placed(this.packed, new Uint32Array(packed), first);
    for (const part of [base, tuned, packed]) this.garbageBytes += part?.byteLength ?? 0;
    if (this.garbageBytes < chunkGarbageBytes) return;
    this.garbageBytes = 0;
    collectYoung();
  }
}

function placed<Values extends Float32Array | Uint32Array>(
  whole: Values | null,
  chunk: Values,
  first: number,
): Values {
  if (whole === null) return chunk;
  whole.set(chunk, first);
  return whole;
}
