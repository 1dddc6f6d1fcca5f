// An engine that survives its native matrix library: where that takes the process down and the user left the choice open,
// the work starts again on the WebAssembly build, and the result says why.
import { problem, ThreeGateError } from '../../shared/errors.ts';
import type { GemmChoice } from '../../shared/options/options.ts';
import type { AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';
import type { EngineInfo, Report } from '../../shared/report/report.ts';
import { fallbackSentence } from '../../shared/text/fallbackText.ts';
import type { EngineApi } from './engineApi.ts';

export function surviving(engine: EngineApi): EngineApi {
  return {
    analyze: (request, onEvent, signal) =>
      withFallback(
        { choice: request.options.engine, onEvent, signal },
        (choice, hear) =>
          engine.analyze({ ...request, options: { ...request.options, engine: choice } }, hear, signal),
        reportWith,
      ),
    analyzeShard: (request, onEvent, signal) =>
      withFallback(
        { choice: request.options.engine, onEvent, signal },
        (choice, hear) =>
          engine.analyzeShard({ ...request, options: { ...request.options, engine: choice } }, hear, signal),
        (done) => done,
      ),
    planShards: (request, signal) => engine.planShards(request, signal),
    mergeShards: (request, signal) => engine.mergeShards(request, signal),
    exportMask: (request, onEvent, signal) =>
      withFallback(
        { choice: request.engine, onEvent, signal },
        (choice, hear) => engine.exportMask({ ...request, engine: choice }, hear, signal),
        (report, because) => ({ ...report, engine: engineWith(report.engine, because) }),
      ),
    compareRuns: (request, onEvent, signal) =>
      withFallback(
        { choice: request.analysis.engine, onEvent, signal },
        (choice, hear) =>
          engine.compareRuns({ ...request, analysis: { ...request.analysis, engine: choice } }, hear, signal),
        (report, because) => ({
          ...report,
          problems: [problem('engine-crashed', fallbackSentence(because)), ...report.problems],
        }),
      ),
    inspect: (path) => engine.inspect(path),
    weightFiles: (path) => engine.weightFiles(path),
    dispose: () => {
      engine.dispose();
    },
  };
}

interface Work {
  choice: GemmChoice;
  onEvent: (event: AnalysisEvent) => void;
  signal: AbortSignal;
}

async function withFallback<Result>(
  { choice, onEvent, signal }: Work,
  attempt: (choice: GemmChoice, hear: (event: AnalysisEvent) => void) => Promise<Result>,
  resultWith: (result: Result, because: string) => Result,
): Promise<Result> {
  // Only a process that was multiplying natively can have gone down for that.
  const ran = { native: false };
  try {
    return await attempt(choice, (event) => {
      if (event.kind === 'engine') ran.native = event.engine.gemm === 'native';
      onEvent(event);
    });
  } catch (error) {
    const crashed = error instanceof ThreeGateError && error.problem.code === 'engine-crashed';
    if (!crashed || !ran.native || choice !== 'auto' || signal.aborted) throw error;
    const because = error.message;
    const result = await attempt('wasm', (event) => {
      onEvent(eventWith(event, because));
    });
    return resultWith(result, because);
  }
}

function eventWith(event: AnalysisEvent, because: string): AnalysisEvent {
  switch (event.kind) {
    case 'started':
    case 'finished':
      return { ...event, report: reportWith(event.report, because) };
    case 'engine':
      return { ...event, engine: engineWith(event.engine, because) };
    default:
      return event;
  }
}

/** The options stay the ones that the user chose. */
function reportWith(report: Report, because: string): Report {
  const options = { ...report.options, engine: 'auto' as const };
  return { ...report, options, engine: engineWith(report.engine, because) };
}

function engineWith(engine: EngineInfo, because: string): EngineInfo {
  return { ...engine, fallbackReason: because };
}
