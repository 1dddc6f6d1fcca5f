// A worker thread of the streaming pass: reads the slabs of a chunk straight into kernel memory and compares them.
// One task at a time, one answer per task; a failed read is an answer, too.
import { closeSync, openSync, readSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { cut, slabElements } from '../../engine/kernels/chunkPlan.ts';
import { partsOf } from '../../engine/files/segments.ts';
import { JointComparer } from '../../engine/kernels/jointComparer.ts';
import { Kernels } from '../../engine/kernels/kernels.ts';
import { PairComparer } from '../../engine/kernels/pairComparer.ts';
import { ThreeGateError, asProblem } from '../../shared/errors.ts';
import type { KernelAnswer, KernelTask, KernelWorkerData, PairAnswer, PairTask } from './kernelProtocol.ts';
import { lanePort } from './lanePort.ts';

const { module } = workerData as KernelWorkerData;
const kernels = new Kernels(module);
const comparer = new PairComparer(kernels);
const joint = new JointComparer(kernels);

const port = lanePort<KernelTask, KernelAnswer>();

port.listen((task) => {
  const answer = carryOut(task);
  port.answer(answer, 'totals' in answer ? buffersOf(answer) : []);
});

function buffersOf({ base, tuned, packed }: PairAnswer): ArrayBuffer[] {
  return [base, tuned, packed].filter((buffer) => buffer !== null);
}

function carryOut(task: KernelTask): KernelAnswer {
  const files = new OpenFiles(task.segments);
  try {
    if ('joint' in task) return { id: task.id, counts: joint.compare(task.joint, files.read) };
    return { id: task.id, ...compareChunk(task, files) };
  } catch (error) {
    return { id: task.id, problem: asProblem(error) };
  } finally {
    files.close();
  }
}

function compareChunk(task: PairTask, files: OpenFiles): Omit<PairAnswer, 'id'> {
  const { chunk } = task;
  const { area } = chunk;
  const elements = area.rows * area.columns;
  const { matrices } = task;
  const base = matrices === 'float32' ? new Float32Array(elements) : null;
  const tuned = matrices === 'float32' ? new Float32Array(elements) : null;
  const packed = matrices === 'packed' ? new Uint32Array(elements) : null;
  comparer.begin(chunk, files.read);
  let done = 0;
  for (const slab of cut(area, slabElements)) {
    comparer.compare(chunk, slab, files.read);
    if (base && tuned) comparer.copyDecoded(chunk, slab, base.subarray(done), tuned.subarray(done));
    if (packed) comparer.copyPacked(slab, packed.subarray(done));
    done += slab.rows * slab.columns;
  }
  const buffers = {
    base: base?.buffer ?? null,
    tuned: tuned?.buffer ?? null,
    packed: packed?.buffer ?? null,
  };
  return { totals: comparer.finish(chunk), ...buffers };
}

/** The files of one task: opened once, closed with it, so that a replaced file is never read from an old handle. */
class OpenFiles {
  private readonly handles = new Map<string, number>();

  constructor(private readonly segments: KernelTask['segments']) {}

  readonly read = (source: { file: string; tensor: string }, offset: number, target: Uint8Array): void => {
    const segments = this.segments[source.file];
    if (segments === undefined) {
      this.readFile(source, offset, target);
      return;
    }
    for (const { path, at, into, count } of partsOf(segments, offset, target.length)) {
      this.readFile({ ...source, file: path }, at, target.subarray(into, into + count));
    }
  };

  private readFile(source: { file: string; tensor: string }, offset: number, target: Uint8Array): void {
    const { file, tensor } = source;
    let filled = 0;
    while (filled < target.length) {
      const count = this.readSome(source, target, filled, offset + filled);
      if (count === 0) {
        throw new ThreeGateError(
          'file-truncated',
          `${file} ends at byte ${offset + filled}, inside tensor ${tensor}: it was cut short after it was opened.`,
          { file, tensor },
        );
      }
      filled += count;
    }
  }

  close(): void {
    for (const handle of this.handles.values()) closeSync(handle);
    this.handles.clear();
  }

  private readSome(
    { file, tensor }: { file: string; tensor: string },
    target: Uint8Array,
    filled: number,
    position: number,
  ): number {
    try {
      return readSync(this.handle(file), target, filled, target.length - filled, position);
    } catch (error) {
      throw new ThreeGateError(
        'read-failed',
        `Tensor ${tensor} could not be read from ${file}: ${error instanceof Error ? error.message : String(error)}.`,
        { file, tensor },
      );
    }
  }

  private handle(file: string): number {
    const held = this.handles.get(file);
    if (held !== undefined) return held;
    const opened = openSync(file, 'r');
    this.handles.set(file, opened);
    return opened;
  }
}
