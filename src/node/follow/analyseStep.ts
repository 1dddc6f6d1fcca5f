// One checkpoint of a followed run against the base, as a line of the record.
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { judgeLimits } from '../../engine/limits/judge.ts';
import type { Limit } from '../../engine/limits/limitsFile.ts';
import type { ArrivedStep } from '../../engine/runs/arrivingSteps.ts';
import { pointOf, unreadablePoint } from '../../engine/runs/trajectoryPoints.ts';
import { asProblem, ThreeGateError, type ProblemCode } from '../../shared/errors.ts';
import type { AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';
import type { AnalyzeRequest } from '../../shared/protocol/engineProtocol.ts';
import { followSchemaVersion, type FollowedStep } from '../../shared/report/followedStep.ts';
import type { Report } from '../../shared/report/report.ts';
import type { EngineApi } from '../engine/engineApi.ts';
import { version } from '../engine/version.ts';
import { requestKey } from '../runs/requestKey.ts';

/** `cacheDirectory` is used whatever `options.useCache` says: the base is decomposed once. */
export interface StepRequest extends Omit<AnalyzeRequest, 'runId' | 'tunedPath'> {
  /** The run's folder; absolute. */
  runPath: string;
  /** Held against every step; null without limits. */
  limits: readonly Limit[] | null;
}

/** What ends the following, and is no fault of a checkpoint. */
const fatal: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'engine-crashed',
  'engine-version',
  'gemm-unavailable',
  'remote-cost',
]);

/** The same for one run, base, configs and options that change a number. */
export function followKey({ runPath, ...request }: Omit<StepRequest, 'limits'>): string {
  return requestKey({ ...request, tunedPath: runPath });
}

/** Null where it was cancelled. Rejects where the engine is lost, or a limit looks at nothing. */
export async function analyseStep(
  { path, step, weights }: ArrivedStep,
  request: StepRequest,
  engine: Pick<EngineApi, 'analyze'>,
  onEvent: (event: AnalysisEvent) => void,
  signal: AbortSignal,
): Promise<FollowedStep | null> {
  const startedMs = performance.now();
  const { runPath, limits, ...asked } = request;
  const place = { path, step, label: checkpointLabel(path) };
  const followed = (point: FollowedStep['point'], judged: FollowedStep['limits']): FollowedStep => ({
    ...{ schemaVersion: followSchemaVersion, version, run: runPath, base: request.basePath },
    ...{ request: followKey(request), step: point.step, at: new Date().toISOString(), weights },
    ...{ point, limits: judged, elapsedMs: performance.now() - startedMs },
  });
  let report: Report;
  try {
    const options = { ...asked.options, useCache: true };
    report = await engine.analyze({ ...asked, options, tunedPath: path }, onEvent, signal);
    const [reason] = report.problems;
    if (report.status === 'failed' && reason !== undefined) throw ThreeGateError.from(reason);
  } catch (error) {
    if (signal.aborted) return null;
    if (fatal.has(asProblem(error).code)) throw error;
    return followed(unreadablePoint(error, place), null);
  }
  if (report.status === 'cancelled') return null;
  return followed(pointOf(report, place), limits === null ? null : judgeLimits(limits, report));
}
