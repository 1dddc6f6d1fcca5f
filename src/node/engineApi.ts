// What a client (extension host, command line) can ask of the engine; implemented over a forked process by EngineClient.
import type { AnalyzeRequest, CheckpointListing } from '../shared/engineProtocol.ts';
import type { Report } from '../shared/report.ts';
import type { RunEvent } from '../shared/runEvents.ts';

export interface EngineApi {
  /**
   * Analyses a pair; events arrive as they come. Aborting kills the work at once and resolves with the report as far
   * as it got, status `cancelled`. Rejects with a ThreeGateError (`engine-crashed` when the process went down).
   */
  analyze(
    request: Omit<AnalyzeRequest, 'runId'>,
    onEvent: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<Report>;
  inspect(path: string): Promise<CheckpointListing>;
  dispose(): void;
}
