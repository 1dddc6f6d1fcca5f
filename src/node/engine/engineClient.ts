// The engine as a client sees it: forks one process when first asked, reuses it for later runs, and replaces it when
// it went down. Cancelling asks first and kills after a short grace, so it takes effect within a second whatever the
// engine is doing; the caller then gets the report as far as its events had told it.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { problem, ThreeGateError } from '../../shared/errors.ts';
import type {
  AnalyzeRequest,
  CheckpointListing,
  EngineEvents,
  MaskRequest,
  MergedReport,
  MergeRequest,
  PlannedShards,
  PlanRequest,
  RunsRequest,
  ShardDone,
  ShardRequest,
  WeightFiles,
} from '../../shared/protocol/engineProtocol.ts';
import type { MaskReport } from '../../shared/report/maskReport.ts';
import type { Report } from '../../shared/report/report.ts';
import { applyAnalysisEvent, type AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';
import { unpackListing } from '../../shared/protocol/packedListing.ts';
import type { RunsReport } from '../../shared/report/runsReport.ts';
import type { EngineApi } from './engineApi.ts';
import { EngineChild } from './engineChild.ts';
import { partPath } from '../disk/partFile.ts';
import { resultsPath } from '../shards/shardFolder.ts';

interface EngineClientOptions {
  /** The built engine, `dist/engine.cjs`. */
  enginePath: string;
  /** How long a cancelled run may take to end by itself before its process is killed. */
  graceMs?: number;
  onLog?: (entry: EngineEvents['log']) => void;
  /** Variables of the engine's process alone: a token, a proxy. See remote/settings.ts. */
  environment?: Readonly<Record<string, string>>;
}

const defaultGraceMs = 400;
const cancelled = problem('cancelled', 'The analysis was cancelled.');

export class EngineClient implements EngineApi {
  private child: EngineChild | null = null;
  private disposed = false;
  private readonly options: EngineClientOptions;

  constructor(options: EngineClientOptions) {
    this.options = options;
  }

  /** Of the engine process while there is one. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  async analyze(
    request: Omit<AnalyzeRequest, 'runId'>,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<Report> {
    const told: { report: Report | null } = { report: null };
    const hear = (event: AnalysisEvent): void => {
      told.report = applyAnalysisEvent(told.report, event);
      onEvent(event);
    };
    try {
      return await this.run(
        (child, runId) => child.endpoint.request('analyze', { ...request, runId }),
        hear,
        signal,
      );
    } catch (error) {
      if (signal.aborted) return asCancelled(told.report);
      throw error;
    }
  }

  async exportMask(
    request: MaskRequest,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<MaskReport> {
    const parts: string[] = [];
    const ask = (child: EngineChild, runId: string): Promise<MaskReport> => {
      parts.push(partPath(request.outPath, runId));
      return child.endpoint.request('exportMask', { ...request, runId });
    };
    return await this.whole(ask, onEvent, signal, parts);
  }

  async compareRuns(
    request: RunsRequest,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<RunsReport> {
    const ask = (child: EngineChild, runId: string): Promise<RunsReport> =>
      child.endpoint.request('compareRuns', { ...request, runId });
    return await this.whole(ask, onEvent, signal);
  }

  async analyzeShard(
    request: Omit<ShardRequest, 'runId'>,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<ShardDone> {
    const { directory, number, shards } = request;
    const parts: string[] = [];
    const ask = (child: EngineChild, runId: string): Promise<ShardDone> => {
      parts.push(partPath(resultsPath(directory, number, shards), runId));
      return child.endpoint.request('analyzeShard', { ...request, runId });
    };
    return await this.whole(ask, onEvent, signal, parts);
  }

  async planShards(request: PlanRequest, signal: AbortSignal): Promise<PlannedShards> {
    const ask = (child: EngineChild, runId: string): Promise<PlannedShards> =>
      child.endpoint.request('planShards', { ...request, runId });
    return await this.whole(ask, () => undefined, signal);
  }

  async mergeShards(request: MergeRequest, signal: AbortSignal): Promise<MergedReport> {
    const ask = (child: EngineChild, runId: string): Promise<MergedReport> =>
      child.endpoint.request('mergeShards', { ...request, runId });
    return await this.whole(ask, () => undefined, signal);
  }

  async inspect(path: string): Promise<CheckpointListing> {
    const child = this.engine();
    await child.ready;
    return unpackListing(await child.endpoint.request('inspect', { path }));
  }

  async weightFiles(path: string): Promise<WeightFiles> {
    const child = this.engine();
    await child.ready;
    return await child.endpoint.request('weightFiles', { path });
  }

  /** Work whose result counts only when it is whole. @param parts paths of what it may leave unfinished */
  private async whole<Result>(
    ask: (child: EngineChild, runId: string) => Promise<Result>,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
    parts: readonly string[] = [],
  ): Promise<Result> {
    try {
      return await this.run(ask, onEvent, signal);
    } catch (error) {
      // An engine that was killed could not take its unfinished file away.
      await Promise.all(parts.map((part) => rm(part, { force: true })));
      if (signal.aborted) throw ThreeGateError.from(cancelled);
      throw error;
    }
  }

  /** Work under a name of its own: its events are heard, and aborting asks it to stop before its process is killed. */
  private async run<Result>(
    ask: (child: EngineChild, runId: string) => Promise<Result>,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<Result> {
    if (signal.aborted) throw ThreeGateError.from(cancelled);
    const child = this.engine();
    const runId = randomUUID();
    const unhear = child.endpoint.on('run', (payload) => {
      if (payload.runId === runId) onEvent(payload.event);
    });
    let killer: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      child.endpoint.request('cancel', { runId }).catch(() => undefined);
      killer = setTimeout(() => {
        child.kill(cancelled);
      }, this.options.graceMs ?? defaultGraceMs);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      await child.ready;
      return await ask(child, runId);
    } finally {
      signal.removeEventListener('abort', cancel);
      clearTimeout(killer);
      unhear();
    }
  }

  dispose(): void {
    this.disposed = true;
    this.child?.kill(problem('engine-crashed', 'The engine was shut down.'));
    this.child = null;
  }

  /** The living engine, or a new one. */
  private engine(): EngineChild {
    if (this.disposed) throw new ThreeGateError('engine-crashed', 'The engine was shut down.');
    if (this.child === null || this.child.isGone) {
      this.child = new EngineChild(this.options.enginePath, this.options.environment ?? {});
      const { onLog } = this.options;
      if (onLog !== undefined) this.child.endpoint.on('log', onLog);
    }
    return this.child;
  }
}

/** The report that the events told, or a rejection when not even the first had come. */
function asCancelled(folded: Report | null): Report {
  if (folded === null) throw ThreeGateError.from(cancelled);
  const elapsedMs = Date.now() - Date.parse(folded.timings.startedAt);
  return { ...folded, status: 'cancelled', timings: { ...folded.timings, elapsedMs } };
}
