// Several runs of one base beside each other (overlap of their updates), or one run over time (its verdict by step).
import type { RunsRequest } from '../../shared/protocol/engineProtocol.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import { defaultOptions } from '../../shared/options/catalogue.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import {
  runsSchemaVersion,
  type RunsOverlap,
  type RunsReport,
  type Trajectory,
} from '../../shared/report/runsReport.ts';
import { absent, measured } from '../analysis/measured.ts';
import type { AnalysisPorts } from '../analysis/ports.ts';
import type { OpenedGemm } from '../linalg/gemm.ts';
import type { Checkpoint, TensorPair } from '../checkpoint/checkpoint.ts';
import type { JointStreamer } from '../kernels/jointStreamer.ts';
import type { TensorStreamer, Update } from '../kernels/tensorStreamer.ts';
import type { LinalgKernels } from '../linalg/linalgKernels.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { TensorValues } from '../checkpoint/tensorValues.ts';
import { announceRuns } from './announceRuns.ts';
import type { JointReading } from './jointPass.ts';
import { findSteps, type RunCheckpoint } from './findSteps.ts';
import { followRun } from './followRun.ts';
import { decomposing } from './decomposing.ts';
import { overlapRuns } from './overlapRuns.ts';
import { stepDirection } from './stepDirection.ts';

export interface RunsPorts extends AnalysisPorts {
  files: FileSystem;
  openKernels: () => Promise<LinalgKernels>;
  openStreamer: (threads: number) => Promise<TensorStreamer & JointStreamer>;
}

const oneRun = 'An overlap needs two runs; one was given.';

export async function compareRuns(
  request: RunsRequest,
  ports: RunsPorts,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<RunsReport> {
  const startedMs = performance.now();
  const { basePath, runPaths, eta, match, followSteps } = request;
  const base = await ports.openCheckpoint(basePath);
  const found = await Promise.all(
    runPaths.map(async (path) => ({ path, steps: await findSteps(ports.files, path) })),
  );
  const [only] = found;
  if (only === undefined || (found.length === 1 && only.steps.length === 0)) {
    const message = `Two runs are needed, or one folder of checkpoints by step; ${only?.path ?? 'nothing'} is neither.`;
    throw new ThreeGateError('usage', message);
  }
  const runs: Checkpoint[] = [];
  for (const run of found) runs.push(await openRun(run.path, run.steps, ports));
  const followed = found.filter(({ steps }) => steps.length > 0 && (followSteps || found.length === 1));
  const points = followed.flatMap(({ steps }) => steps.map(({ path }) => path));
  await announceRuns(base, runs.length < 2 ? [] : runs, points, match, ports);
  const overlap =
    runs.length < 2
      ? absent<RunsOverlap>(oneRun)
      : measured(await overlapOf(base, runs, request, ports, onProgress, signal));
  const trajectories: Trajectory[] = [];
  const options: AnalysisOptions = { ...defaultOptions, ...request.analysis, eta, match };
  for (const { path, steps } of followed) {
    const followed = await followRun(path, steps, basePath, options, ports, onProgress, signal);
    const direction = await directionOf(base, followed, request, ports, onProgress, signal);
    trajectories.push({ ...followed, direction });
  }
  return {
    schemaVersion: runsSchemaVersion,
    status: 'complete',
    version: ports.machine.version,
    base: base.info,
    runs: runs.map(({ info }) => info),
    eta,
    match,
    overlap,
    trajectories,
    problems: [base, ...runs].flatMap(({ problems }) => problems),
    elapsedMs: performance.now() - startedMs,
  };
}

/** The run's own weights, or those of its last step. */
async function openRun(path: string, steps: readonly RunCheckpoint[], ports: RunsPorts): Promise<Checkpoint> {
  const last = steps[steps.length - 1];
  const hasOwn = last === undefined || last.path === ports.files.resolve(path);
  if (hasOwn) return ports.openCheckpoint(path);
  try {
    const own = await ports.openCheckpoint(path);
    if (own.folder === ports.files.resolve(path)) return own;
  } catch (error) {
    // No weights at the top: its last step stands for it.
    if (!(error instanceof ThreeGateError)) throw error;
  }
  return ports.openCheckpoint(last.path);
}

async function overlapOf(
  base: Checkpoint,
  runs: readonly Checkpoint[],
  request: RunsRequest,
  ports: RunsPorts,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<RunsOverlap> {
  const { match, directions, analysis } = request;
  const pairings = runs.map((run) => ports.pairCheckpoints(base, run));
  const inputs = { runs, pairings, match };
  const threads = analysis.threads ?? ports.machine.threads;
  const { dense } = await ports.openKernels();
  const opened = directions ? await ports.openGemm(analysis.engine, threads) : null;
  try {
    return await reading(request, ports, (joint) => {
      const directionsOf =
        opened === null ? null : decomposing(joint, opened.gemm, dense, onProgress, signal);
      return overlapRuns(inputs, joint, directionsOf, onProgress, signal);
    });
  } finally {
    await closeOf(opened);
  }
}

/** More checkpoints are thinned to so many: their products grow with the square. */
const mostSteps = 24;

/** In which direction the checkpoints went that could be read, in a pass of their own. */
async function directionOf(
  base: Checkpoint,
  { points }: Pick<Trajectory, 'points'>,
  request: RunsRequest,
  ports: RunsPorts,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Trajectory['direction']> {
  const known = points.filter(({ problem }) => problem === null);
  if (known.length < 2) return absent('One checkpoint alone has no direction.');
  const count = Math.min(known.length, mostSteps);
  // The first, the last, and evenly between them.
  const steps = Array.from({ length: count }, (_, at) =>
    Math.round((at * (known.length - 1)) / (count - 1)),
  ).flatMap((at) => known[at] ?? []);
  try {
    const runs: Checkpoint[] = [];
    for (const { path } of steps) runs.push(await ports.openCheckpoint(path));
    const pairings = runs.map((run) => ports.pairCheckpoints(base, run));
    const { dense } = await ports.openKernels();
    const inputs = { base, runs, pairings, steps, match: request.match };
    return measured(
      await reading(request, ports, (joint) => stepDirection(inputs, joint, dense, onProgress, signal)),
    );
  } catch (error) {
    if (signal.aborted || !(error instanceof ThreeGateError)) throw error;
    return absent(error.message);
  }
}

/** Opens what a pass over several checkpoints reads by, and closes it. */
async function reading<Found>(
  { eta, analysis }: RunsRequest,
  ports: RunsPorts,
  read: (joint: JointReading & { streamer: TensorStreamer }) => Promise<Found>,
): Promise<Found> {
  const threads = analysis.threads ?? ports.machine.threads;
  const values = new TensorValues(ports.files);
  const streamer = await ports.openStreamer(threads);
  // Opened for the first adapter, if there is one.
  let opened: OpenedGemm | null = null;
  const updateOf = async ({ tuned, base }: TensorPair): Promise<Update | null> => {
    const { adapter } = tuned;
    if (adapter === undefined) return null;
    opened ??= await ports.openGemm(analysis.engine, threads);
    const whole = async (): Promise<Float32Array> => {
      const read32 = new Float32Array(base.elements);
      await values.readFloat32(base, 0, read32);
      return read32;
    };
    return (await ports.prepareUpdate(tuned, adapter, whole, opened.gemm)).update;
  };
  try {
    return await read({ streamer, threads, eta, updateOf });
  } finally {
    await streamer.close();
    await values.close();
    await closeOf(opened);
  }
}

/** A variable that a closure fills is null to the compiler. */
async function closeOf(opened: OpenedGemm | null): Promise<void> {
  await opened?.gemm.close();
}
