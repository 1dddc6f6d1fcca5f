// From two checkpoints to a Report: opens, pairs, plans, then streams every tensor once (Gates I and III) while the
// matrices already read are decomposed (Gate II), as many at once as the machine has threads for.
// A tensor that fails is a row with its Problem; cancelling gives the report as far as it got; only a pair that cannot
// be opened or has nothing in common rejects. Results depend on neither threads nor timing.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { Report } from '../../shared/report/report.ts';
import type { TrainingEvidence } from '../../shared/report/training.ts';
import type { Checkpoint, Pairing } from '../checkpoint/checkpoint.ts';
import { announceReads } from './announcing.ts';
import { Decomposing } from './decomposing.ts';
import type { HearFinding } from './tensorFinding.ts';
import { FirstLayer } from './firstLayer.ts';
import { planLanes } from './lanes.ts';
import { MatrixEngine } from './matrixEngine.ts';
import { measuringOrder } from './measuringOrder.ts';
import { MatrixQueue } from './matrixQueue.ts';
import { planAnalysis, type Plan } from './plan.ts';
import type { AnalysisPorts, Machine } from './ports.ts';
import { ReadingLoop } from './reading.ts';
import { AnalysisEmitter, type Emit } from './analysisEmitter.ts';
import type { AnalysisContext } from './analysisContext.ts';
import { AnalysisState, type Meters } from './analysisState.ts';

export interface AnalysisRequest {
  basePath: string;
  tunedPath: string;
  options: AnalysisOptions;
  configPaths: readonly string[] | null;
}

export interface OpenedPair {
  base: Checkpoint;
  tuned: Checkpoint;
  pairing: Pairing;
  plan: Plan;
}

interface PlannedAnalysis extends OpenedPair {
  options: AnalysisOptions;
  training: TrainingEvidence;
  hear: HearFinding | null;
}

export async function runAnalysis(
  request: AnalysisRequest,
  ports: AnalysisPorts,
  emit: Emit,
  signal: AbortSignal,
): Promise<Report> {
  const started = startNow();
  const opened = await openPair(request, ports, ports.machine);
  const training = await ports.readTraining(opened.tuned, opened.base, request.configPaths);
  const { options } = request;
  return await measurePair({ ...opened, options, training, hear: null, started }, ports, emit, signal);
}

/** @param machine whose memory decides what can be decomposed */
export async function openPair(
  { basePath, tunedPath, options }: AnalysisRequest,
  ports: Pick<AnalysisPorts, 'openCheckpoint' | 'pairCheckpoints'>,
  machine: Pick<Machine, 'totalMemoryBytes'>,
): Promise<OpenedPair> {
  const base = await ports.openCheckpoint(basePath);
  const tuned = await ports.openCheckpoint(tunedPath);
  const pairing = ports.pairCheckpoints(base, tuned);
  return { base, tuned, pairing, plan: planAnalysis(pairing, options, machine) };
}

export function startNow(): Pick<Meters, 'startedAt' | 'startedMs'> {
  return { startedAt: new Date().toISOString(), startedMs: performance.now() };
}

/** Threads and memory that an analysis uses. */
export function resourcesOf(
  options: AnalysisOptions,
  machine: Machine,
): { threads: number; memoryBytes: number } {
  return {
    threads: options.threads ?? machine.threads,
    memoryBytes: options.memoryBytes ?? Math.floor(machine.totalMemoryBytes / 4),
  };
}

/** Measures the steps of the plan, which may be a part of those of the pair. */
export async function measurePair(
  { started, ...planned }: PlannedAnalysis & { started: Pick<Meters, 'startedAt' | 'startedMs'> },
  ports: AnalysisPorts,
  emit: Emit,
  signal: AbortSignal,
): Promise<Report> {
  const { plan, options } = planned;
  const memory = ports.openMemory(options);
  const order = measuringOrder(plan.steps, options.seed);
  const inOrder = order.places.flatMap((place) => plan.steps[place] ?? []);
  const remoteBytes = await announceReads(inOrder, memory, ports.announce);
  const { threads, memoryBytes } = resourcesOf(options, ports.machine);
  const engine = { gemm: 'none', gemmLibrary: 'none', fallbackReason: null } as const;
  const streamer = await ports.openStreamer(threads);
  const meters: Meters = {
    ...started,
    remoteBytes,
    streamMs: 0,
    geometryMs: 0,
    gemmMs: () => matrixEngine.gemmMs,
    bytesRead: () => streamer.bytesRead,
    peakRssBytes: () => matrixEngine.peakRssBytes,
  };
  const info = { version: ports.machine.version, ...engine, threads, memoryBytes };
  const state = new AnalysisState({ ...planned, engine: info }, meters);
  const queue: AnalysisContext['queue'] = new MatrixQueue(memoryBytes);
  const emitter = new AnalysisEmitter(emit, state);
  const failed = new AbortController();
  const context: AnalysisContext = {
    ports,
    options,
    threads,
    lanes: planLanes(plan.steps, threads, memoryBytes),
    signal: AbortSignal.any([signal, failed.signal]),
    failed,
    state,
    meters,
    emitter,
    first: new FirstLayer(plan.steps),
    queue,
    memory,
  };
  const matrixEngine = new MatrixEngine(context);
  try {
    emit({ kind: 'started', report: state.report('running') });
    await Promise.all([
      new ReadingLoop(context, streamer, matrixEngine).all(plan.steps, order),
      new Decomposing(context, matrixEngine).all(),
    ]);
    failed.signal.throwIfAborted();
    if (signal.aborted) state.coverageOfCancelled();
    const report = state.report(signal.aborted ? 'cancelled' : 'complete');
    emitter.finish(report);
    return report;
  } finally {
    emitter.stop();
    await matrixEngine.close();
  }
}
