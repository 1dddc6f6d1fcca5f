// From two checkpoints to a Report: opens, pairs, plans, then streams every tensor once (Gates I and III) while the
// matrices already read are decomposed (Gate II), as many at once as the machine has threads for.
// A tensor that fails is a row with its Problem; cancelling gives the report as far as it got; only a pair that cannot
// be opened or has nothing in common rejects. Results depend on neither threads nor timing.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import { stretchesOfPair } from '../kernels/stretches.ts';
import type { Report } from '../../shared/report/report.ts';
import { Decomposing } from './decomposing.ts';
import { FirstLayer } from './firstLayer.ts';
import { MatrixEngine } from './matrixEngine.ts';
import { MatrixQueue } from './matrixQueue.ts';
import { planAnalysis } from './plan.ts';
import type { AnalysisPorts } from './ports.ts';
import { ReadingLoop } from './reading.ts';
import { AnalysisEmitter, type Emit } from './analysisEmitter.ts';
import type { AnalysisContext } from './analysisContext.ts';
import { AnalysisState, type Meters } from './analysisState.ts';

interface AnalysisRequest {
  basePath: string;
  tunedPath: string;
  options: AnalysisOptions;
  configPaths: readonly string[] | null;
}

export async function runAnalysis(
  request: AnalysisRequest,
  ports: AnalysisPorts,
  emit: Emit,
  signal: AbortSignal,
): Promise<Report> {
  const startedMs = performance.now();
  const startedAt = new Date().toISOString();
  const { options } = request;
  const base = await ports.openCheckpoint(request.basePath);
  const tuned = await ports.openCheckpoint(request.tunedPath);
  const pairing = ports.pairCheckpoints(base, tuned);
  const plan = planAnalysis(pairing, options, ports.machine);
  const training = await ports.readTraining(tuned, base, request.configPaths);
  const remoteBytes = await ports.announce(plan.steps.flatMap(({ pair }) => stretchesOfPair(pair)));
  const threads = options.threads ?? ports.machine.threads;
  const memoryBytes = options.memoryBytes ?? Math.floor(ports.machine.totalMemoryBytes / 4);
  const engine = { gemm: 'none', gemmLibrary: 'none', fallbackReason: null } as const;
  const streamer = await ports.openStreamer(threads);
  const meters: Meters = {
    startedAt,
    startedMs,
    remoteBytes,
    streamMs: 0,
    geometryMs: 0,
    gemmMs: () => matrixEngine.gemmMs,
    bytesRead: () => streamer.bytesRead,
    peakRssBytes: () => matrixEngine.peakRssBytes,
  };
  const info = { version: ports.machine.version, ...engine, threads, memoryBytes };
  const state = new AnalysisState({ base, tuned, pairing, plan, options, training, engine: info }, meters);
  const queue: AnalysisContext['queue'] = new MatrixQueue(memoryBytes);
  const memory = ports.openMemory(options);
  const emitter = new AnalysisEmitter(emit, state);
  const failed = new AbortController();
  const context: AnalysisContext = {
    ports,
    options,
    threads,
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
      new ReadingLoop(context, streamer, matrixEngine).all(plan.steps),
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
