// Work of an engine of its own under a progress notification that cancels it.
import * as vscode from 'vscode';
import type { EngineApi } from '../../node/engine/engineApi.ts';
import { asProblem } from '../../shared/errors.ts';
import type { Progress } from '../../shared/protocol/runEvents.ts';
import type { CommandServices } from './commandServices.ts';

/** Undefined when the user cancelled. */
export async function withEngine<Result>(
  { createEngine }: CommandServices,
  title: string,
  work: (engine: EngineApi, onProgress: (progress: Progress) => void, signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (report, token) => {
    const engine = createEngine();
    const controller = new AbortController();
    token.onCancellationRequested(() => {
      controller.abort();
    });
    let shown = 0;
    const onProgress = (progress: Progress): void => {
      const percent = 100 * shareDone(progress);
      report.report({ increment: Math.max(0, percent - shown), message: progress.current ?? '' });
      shown = Math.max(shown, percent);
    };
    try {
      return await work(engine, onProgress, controller.signal);
    } catch (error) {
      if (asProblem(error).code === 'cancelled') return undefined;
      throw error;
    } finally {
      engine.dispose();
    }
  });
}

function shareDone({ bytesDone, bytesTotal, matrixElementsDone, matrixElementsTotal }: Progress): number {
  if (matrixElementsTotal > 0) return matrixElementsDone / matrixElementsTotal;
  return bytesTotal === 0 ? 0 : bytesDone / bytesTotal;
}
