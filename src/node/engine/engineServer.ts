// What the engine process serves over its IPC channel: hello, analyze, analyzeShard, planShards, mergeShards, exportMask,
// compareRuns, cancel, inspect, weightFiles.
// Nothing is computed before a client has said hello with the same protocol version.
import { runAnalysis } from '../../engine/analysis/runAnalysis.ts';
import type { AnalysisPorts } from '../../engine/analysis/ports.ts';
import type { Emit } from '../../engine/analysis/analysisEmitter.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import {
  engineProtocolVersion,
  type AnalyzeRequest,
  type CheckpointListing,
  type EngineEvents,
  type EngineMethods,
  type MaskRequest,
  type MergedReport,
  type MergeRequest,
  type PlannedShards,
  type PlanRequest,
  type RunsRequest,
  type ShardDone,
  type ShardRequest,
  type WeightFiles,
} from '../../shared/protocol/engineProtocol.ts';
import { packListing } from '../../shared/protocol/packedListing.ts';
import type { MaskReport } from '../../shared/report/maskReport.ts';
import type { EngineInfo } from '../../shared/report/report.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import type { RunsReport } from '../../shared/report/runsReport.ts';
import { Endpoint, type Channel, type None } from '../../shared/protocol/rpc.ts';

type Log = (level: EngineEvents['log']['level'], message: string) => void;

/** What the served methods stand on. */
interface EngineServices {
  version: string;
  /** Fresh ports for one run. */
  openPorts: (log: Log, request: AnalyzeRequest, signal: AbortSignal) => Promise<AnalysisPorts>;
  inspect: (path: string) => Promise<CheckpointListing>;
  analyzeShard: (request: ShardRequest, log: Log, emit: Emit, signal: AbortSignal) => Promise<ShardDone>;
  planShards: (request: PlanRequest, log: Log, signal: AbortSignal) => Promise<PlannedShards>;
  mergeShards: (request: MergeRequest, log: Log, signal: AbortSignal) => Promise<MergedReport>;
  weightFiles: (path: string) => Promise<WeightFiles>;
  compareRuns: (request: RunsRequest, log: Log, watch: Watch) => Promise<RunsReport>;
  exportMask: (request: MaskRequest, runId: string, log: Log, watch: Watch) => Promise<MaskReport>;
}

/** How a served run is followed and stopped. */
export interface Watch {
  onProgress: (progress: Progress) => void;
  /** Before anything is multiplied. */
  onEngine: (engine: EngineInfo) => void;
  signal: AbortSignal;
}

export function serveEngine(channel: Channel, services: EngineServices): void {
  const endpoint = new Endpoint<None, EngineEvents, EngineMethods, None>(channel);
  const running = new Map<string, AbortController>();
  let greeted = false;
  const requireGreeting = (): void => {
    if (!greeted) throw new ThreeGateError('engine-version', 'The engine was asked for work before a hello.');
  };

  /** Work that `cancel` can stop, under the name its client gave it. */
  const cancellable = async <Result>(
    runId: string,
    work: (emit: Emit, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    requireGreeting();
    if (running.has(runId)) throw new ThreeGateError('usage', `A run named ${runId} is under way already.`);
    const controller = new AbortController();
    running.set(runId, controller);
    try {
      return await work((event) => {
        endpoint.emit('run', { runId, event });
      }, controller.signal);
    } finally {
      running.delete(runId);
    }
  };
  const log: Log = (level, message) => {
    endpoint.emit('log', { level, message });
  };
  const watched = <Result>(runId: string, work: (watch: Watch) => Promise<Result>): Promise<Result> =>
    cancellable(runId, (emit, signal) =>
      work({
        onProgress: (progress) => {
          emit({ kind: 'progress', progress });
        },
        onEngine: (engine) => {
          emit({ kind: 'engine', engine });
        },
        signal,
      }),
    );

  endpoint.serve('hello', ({ protocol }) => {
    if (protocol !== engineProtocolVersion) {
      const message = `The engine speaks protocol ${engineProtocolVersion} and the client ${protocol}: they come from different builds of Three-Gate.`;
      throw new ThreeGateError('engine-version', message);
    }
    greeted = true;
    return { protocol: engineProtocolVersion, pid: process.pid, version: services.version };
  });
  endpoint.serve('analyze', (request) =>
    cancellable(request.runId, async (emit, signal) => {
      const ports = await services.openPorts(log, request, signal);
      try {
        return await runAnalysis(request, ports, emit, signal);
      } finally {
        ports.close();
      }
    }),
  );
  endpoint.serve('analyzeShard', (request) =>
    cancellable(request.runId, (emit, signal) => services.analyzeShard(request, log, emit, signal)),
  );
  endpoint.serve('planShards', ({ runId, ...request }) =>
    cancellable(runId, (_, signal) => services.planShards(request, log, signal)),
  );
  endpoint.serve('mergeShards', ({ runId, ...request }) =>
    cancellable(runId, (_, signal) => services.mergeShards(request, log, signal)),
  );
  endpoint.serve('exportMask', ({ runId, ...request }) =>
    watched(runId, (watch) => services.exportMask(request, runId, log, watch)),
  );
  endpoint.serve('compareRuns', ({ runId, ...request }) =>
    watched(runId, (watch) => services.compareRuns(request, log, watch)),
  );
  endpoint.serve('cancel', ({ runId }) => {
    requireGreeting();
    const run = running.get(runId);
    run?.abort();
    return { found: run !== undefined };
  });
  endpoint.serve('inspect', async ({ path }) => {
    requireGreeting();
    return packListing(await services.inspect(path));
  });
  endpoint.serve('weightFiles', ({ path }) => {
    requireGreeting();
    return services.weightFiles(path);
  });
}
