// Work of an engine of its own under a progress notification that cancels it. It survives a crash of the native matrix library.
import * as vscode from 'vscode';
import type { EngineApi } from '../../node/engine/engineApi.ts';
import { surviving } from '../../node/engine/surviving.ts';
import { asProblem } from '../../shared/errors.ts';
import { shareDone } from '../../shared/text/progressText.ts';
import type { AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';
import type { CommandServices } from './commandServices.ts';

/** Undefined when the user cancelled. */
export async function withEngine<Result>(
  { createEngine }: CommandServices,
  title: string,
  work: (engine: EngineApi, onEvent: (event: AnalysisEvent) => void, signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (report, token) => {
    const engine = surviving(createEngine());
    const controller = new AbortController();
    token.onCancellationRequested(() => {
      controller.abort();
    });
    let shown = 0;
    const onEvent = (event: AnalysisEvent): void => {
      if (event.kind !== 'progress') return;
      const { progress } = event;
      const percent = 100 * shareDone(progress);
      report.report({ increment: Math.max(0, percent - shown), message: progress.current ?? '' });
      shown = Math.max(shown, percent);
    };
    try {
      return await work(engine, onEvent, controller.signal);
    } catch (error) {
      if (asProblem(error).code === 'cancelled') return undefined;
      throw error;
    } finally {
      engine.dispose();
    }
  });
}
