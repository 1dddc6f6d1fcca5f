// A lane of the decomposition, thread or process: Gate II of one matrix pair after the other, with matrix products of its own.
import { analyzeMatrix, type BaseMemory } from '../../engine/gates/geometry.ts';
import type { MatrixSides } from '../../engine/gates/matrixSides.ts';
import type { Kept } from '../../engine/linalg/keptTriplets.ts';
import { Workspace } from '../../engine/linalg/workspace.ts';
import { asProblem } from '../../shared/errors.ts';
import { createGemm } from '../gemm/createGemm.ts';
import { collect } from './collect.ts';
import type { GeometryAnswer, GeometryTask, GeometryWorkerSetup } from './geometryProtocol.ts';
import { lanePort } from './lanePort.ts';
import { openKernels } from './openKernels.ts';

const { folder, threads } = JSON.parse(process.argv[2] ?? '') as GeometryWorkerSetup;
const workspace = new Workspace();
// The native library only: the caller has seen it pass its self-check.
const opening = Promise.all([createGemm('native', threads), openKernels(folder)]);

const port = lanePort<GeometryTask, GeometryAnswer>();
/** There is one workspace: a task that comes early waits. */
let last = Promise.resolve();

port.listen((task, memory) => {
  last = last.then(async () => {
    port.answer(await carryOut(task, memory), memory);
  });
});

async function carryOut(task: GeometryTask, buffers: readonly ArrayBuffer[]): Promise<GeometryAnswer> {
  const { id, matrix, options } = task;
  try {
    const [{ gemm }, kernels] = await opening;
    const before = gemm.elapsedMs;
    let found: Kept | null = null;
    const memory: BaseMemory | null = task.memory && {
      recall: () => Promise.resolve(task.memory?.known ?? null),
      remember(triplets) {
        found = triplets;
        return Promise.resolve();
      },
    };
    const pair = { ...sidesIn(buffers, matrix.layout.rows * matrix.layout.columns), ...matrix };
    const measured = await analyzeMatrix(pair, options, { ...kernels, gemm, workspace, collect }, memory);
    return { id, measured, found, gemmMs: gemm.elapsedMs - before };
  } catch (error) {
    return { id, problem: error instanceof RangeError ? null : asProblem(error) };
  }
}

function sidesIn([first, second]: readonly ArrayBuffer[], elements: number): MatrixSides {
  if (first === undefined) throw new TypeError('A matrix came without its sides.');
  if (second === undefined) return { packed: new Uint32Array(first, 0, elements) };
  return { base: new Float32Array(first, 0, elements), tuned: new Float32Array(second, 0, elements) };
}
