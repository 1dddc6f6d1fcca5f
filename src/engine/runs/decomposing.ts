// Reads the updates of one matrix for their decomposition: one run after the other, by the same workers.
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import type { TensorPair } from '../checkpoint/checkpoint.ts';
import { matricesOf } from '../checkpoint/matrixView.ts';
import type { TensorStreamer } from '../kernels/tensorStreamer.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';
import type { JointReading } from './jointPass.ts';
import type { DirectionsOf } from './overlapRuns.ts';
import { updateDirections } from './updateDirections.ts';

export function decomposing(
  { streamer, eta, updateOf }: JointReading & { streamer: TensorStreamer },
  gemm: Gemm,
  dense: DenseKernels,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): DirectionsOf {
  const startedMs = performance.now();
  const deltaOf = async (pair: TensorPair): Promise<Float32Array | null> => {
    const update = (await updateOf(pair)) ?? undefined;
    const { base, tuned } = await streamer.stream(pair, { eta, wantMatrices: true }, signal, update);
    if (base === null || tuned === null) return null;
    let moved = false;
    for (let at = 0; at < tuned.length; at++) {
      tuned[at]! -= base[at]!;
      moved ||= tuned[at] !== 0;
      if (!Number.isFinite(tuned[at]!)) return null;
    }
    return moved ? tuned : null;
  };
  return async ({ pairs, first, shape }, { norms }) => {
    const view = matricesOf(shape, first.module);
    const [rows = 0, columns = 0] = shape;
    const isWhole = pairs.every((pair) => pair.elements === rows * columns);
    if (typeof view === 'string' || view.count > 1 || shape.length !== 2 || !isWhole) return null;
    if (norms.every((norm) => norm === 0)) return null;
    onProgress(progressOf(first.name, performance.now() - startedMs));
    const updates = pairs.map((pair) => (): Promise<Float32Array | null> => deltaOf(pair));
    return updateDirections(updates, { rows, columns }, gemm, dense);
  };
}

function progressOf(name: string, elapsedMs: number): Progress {
  const none = { bytesDone: 0, bytesTotal: 0, matrixWorkDone: 0, matrixWorkTotal: 0 };
  return {
    ...none,
    matricesDone: 0,
    matricesTotal: 0,
    elapsedMs,
    remainingMs: null,
    current: `directions of ${name}`,
  };
}
