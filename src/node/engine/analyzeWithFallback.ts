// An analysis that survives the native matrix engine: where that one takes the engine process down and the user left
// the choice open, the run starts again on the WebAssembly engine, and the report says why.
import { ThreeGateError } from '../../shared/errors.ts';
import type { EngineInfo, Report } from '../../shared/report/report.ts';
import type { RunEvent } from '../../shared/protocol/runEvents.ts';
import type { EngineApi } from './engineApi.ts';

export async function analyzeWithFallback(
  engine: EngineApi,
  request: Parameters<EngineApi['analyze']>[0],
  onEvent: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<Report> {
  // Only a process that was multiplying natively can have gone down for that.
  const ran = { native: false };
  try {
    return await engine.analyze(
      request,
      (event) => {
        if (event.kind === 'engine') ran.native = event.engine.gemm === 'native';
        onEvent(event);
      },
      signal,
    );
  } catch (error) {
    const crashed = error instanceof ThreeGateError && error.problem.code === 'engine-crashed';
    if (!crashed || !ran.native || request.options.engine !== 'auto' || signal.aborted) throw error;
    const because = error.message;
    const options = { ...request.options, engine: 'wasm' as const };
    const report = await engine.analyze(
      { ...request, options },
      (event) => {
        onEvent(explained(event, because));
      },
      signal,
    );
    return withReason(report, because);
  }
}

function explained(event: RunEvent, because: string): RunEvent {
  switch (event.kind) {
    case 'started':
    case 'finished':
      return { ...event, report: withReason(event.report, because) };
    case 'engine':
      return { ...event, engine: withFallback(event.engine, because) };
    default:
      return event;
  }
}

/** The options stay the ones that the user chose. */
function withReason(report: Report, because: string): Report {
  const options = { ...report.options, engine: 'auto' as const };
  return { ...report, options, engine: withFallback(report.engine, because) };
}

function withFallback(engine: EngineInfo, because: string): EngineInfo {
  return { ...engine, fallbackReason: because };
}
