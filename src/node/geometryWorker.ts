// A worker thread of the decomposition: Gate II of one matrix pair after the other, with matrix products of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { analyzeMatrix, type TripletMemory } from '../engine/gates/geometry.ts';
import { lengthOf } from '../engine/gates/matrixSides.ts';
import { DenseKernels } from '../engine/linalg/denseKernels.ts';
import { Scratch } from '../engine/linalg/scratch.ts';
import type { KeptTriplets } from '../engine/linalg/keptTriplets.ts';
import { asProblem } from '../shared/errors.ts';
import { collect } from './collect.ts';
import { createGemm } from './gemm/createGemm.ts';
import type { GeometryAnswer, GeometryTask, GeometryWorkerData } from './geometryProtocol.ts';

const { module, threads } = workerData as GeometryWorkerData;
const dense = new DenseKernels(module);
const scratch = new Scratch(dense.panels);
const largeBytes = 1 << 25;
// The native library only: the caller has seen it pass its self-check.
const opening = createGemm('native', threads);

parentPort?.on('message', (task: GeometryTask) => {
  const bytes = Float32Array.BYTES_PER_ELEMENT * lengthOf(task.pair);
  void carryOut(task).then((answer) => {
    parentPort?.postMessage(answer);
    // Two sides of a matrix are two small objects to the garbage collector: it would keep them for the next ones to join.
    if (bytes >= largeBytes) globalThis.gc?.();
  });
});

async function carryOut({ id, pair, options, known }: GeometryTask): Promise<GeometryAnswer> {
  try {
    const { gemm } = await opening;
    const before = gemm.elapsedMs;
    let found: KeptTriplets | null = null;
    const memory: TripletMemory = {
      recall: () => Promise.resolve(known),
      remember(triplets) {
        found = triplets;
        return Promise.resolve();
      },
    };
    const measured = await analyzeMatrix(pair, options, { gemm, dense, scratch, collect }, memory);
    return { id, measured, found, gemmMs: gemm.elapsedMs - before };
  } catch (error) {
    return { id, problem: error instanceof RangeError ? null : asProblem(error) };
  }
}
