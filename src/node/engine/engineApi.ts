// What a client (extension host, command line) can ask of the engine; implemented over a forked process by EngineClient.
import type {
  AnalyzeRequest,
  CheckpointListing,
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
import type { AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';
import type { RunsReport } from '../../shared/report/runsReport.ts';

export interface EngineApi {
  /**
   * Analyses a pair; events arrive as they come. Aborting kills the work at once and resolves with the report as far
   * as it got, status `cancelled`. Rejects with a ThreeGateError (`engine-crashed` when the process went down).
   */
  analyze(
    request: Omit<AnalyzeRequest, 'runId'>,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<Report>;
  /**
   * Measures one shard and writes it into its folder; events are those of the shard. Aborting rejects with `cancelled` and
   * leaves no file. Rejects with `shard-refused` where the folder is of another plan.
   */
  analyzeShard(
    request: Omit<ShardRequest, 'runId'>,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<ShardDone>;
  /** Writes the plan of all shards into their folder; rejects with `shard-refused` where it is of another. */
  planShards(request: PlanRequest, signal: AbortSignal): Promise<PlannedShards>;
  /** The report of the shards that are there; aborting rejects with `cancelled`. */
  mergeShards(request: MergeRequest, signal: AbortSignal): Promise<MergedReport>;
  /**
   * Writes a file of masks; of events, progress and the matrix library arrive. Aborting rejects with `cancelled` and
   * leaves nothing behind, not even a part of it.
   */
  exportMask(
    request: MaskRequest,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<MaskReport>;
  /** The same events. Aborting rejects with `cancelled`. */
  compareRuns(
    request: RunsRequest,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<RunsReport>;
  inspect(path: string): Promise<CheckpointListing>;
  weightFiles(path: string): Promise<WeightFiles>;
  dispose(): void;
}
