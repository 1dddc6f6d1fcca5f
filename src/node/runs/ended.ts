// Waiting for an analysis that others may wait for as well.
import { problem, ThreeGateError } from '../../shared/errors.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import type { RunState } from '../../shared/protocol/panelProtocol.ts';
import type { Report } from '../../shared/report/report.ts';
import type { PairRun } from './pairRun.ts';

interface Waiting {
  onProgress: (progress: Progress) => void;
  /** Rejects with `cancelled`, and leaves the run to those who still wait for it. */
  signal: AbortSignal;
}

/** The report that a run ends with; rejects with the reason where it fails. Starts the run where nobody has. */
export function ended(run: PairRun, { onProgress, signal }: Waiting): Promise<Report> {
  return new Promise((resolve, reject) => {
    const settle = (state: RunState): void => {
      if (state.kind === 'running' && state.progress !== null) onProgress(state.progress);
      if (state.kind === 'idle' || state.kind === 'running') return;
      leave();
      const { report } = run;
      if (state.kind === 'complete' && report !== null) resolve(report);
      else reject(ThreeGateError.from(state.kind === 'failed' ? state.problem : stopped));
    };
    const giveUp = (): void => {
      leave();
      reject(ThreeGateError.from(stopped));
    };
    const unlisten = run.listen({ onState: settle, onEvents: () => undefined });
    const leave = (): void => {
      unlisten();
      signal.removeEventListener('abort', giveUp);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    else if (run.state.kind === 'complete') settle(run.state);
    else run.start();
  });
}

const stopped = problem('cancelled', 'The analysis was cancelled.');
