// A worker thread of the decomposition: Gate II of one matrix pair after the other, with matrix products of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { analyzeMatrix, type TripletMemory } from '../../engine/gates/geometry.ts';
import type { MatrixSides } from '../../engine/gates/matrixSides.ts';
import type { KeptTriplets } from '../../engine/linalg/keptTriplets.ts';
import { Workspace } from '../../engine/linalg/workspace.ts';
import { asProblem } from '../../shared/errors.ts';
import { collect } from './collect.ts';
import { createGemm } from '../gemm/createGemm.ts';
import { openKernels } from './openKernels.ts';
import type { GeometryAnswer, GeometryTask, GeometryWorkerData } from './geometryProtocol.ts';

const { folder, threads } = workerData as GeometryWorkerData;
const workspace = new Workspace();
// The native library only: the caller has seen it pass its self-check.
const opening = Promise.all([createGemm('native', threads), openKernels(folder)]);

parentPort?.on('message', (task: GeometryTask) => {
  void carryOut(task).then((answer) => {
    parentPort?.postMessage(answer, answer.sides);
  });
});

async function carryOut({ id, pair, options, known }: GeometryTask): Promise<GeometryAnswer> {
  const sides = buffersOf(pair);
  try {
    const [{ gemm }, kernels] = await opening;
    const before = gemm.elapsedMs;
    let found: KeptTriplets | null = null;
    const memory: TripletMemory = {
      recall: () => Promise.resolve(known),
      remember(triplets) {
        found = triplets;
        return Promise.resolve();
      },
    };
    const measured = await analyzeMatrix(pair, options, { ...kernels, gemm, workspace, collect }, memory);
    return { id, sides, measured, found, gemmMs: gemm.elapsedMs - before };
  } catch (error) {
    return { id, sides, problem: error instanceof RangeError ? null : asProblem(error) };
  }
}

/** They came here whole, by transfer. */
function buffersOf(sides: MatrixSides): ArrayBuffer[] {
  const held = 'packed' in sides ? [sides.packed] : [sides.base, sides.tuned];
  return held.map(({ buffer }) => buffer as ArrayBuffer);
}
