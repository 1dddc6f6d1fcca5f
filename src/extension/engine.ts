// The engine as this extension starts it: one process per analysis, its words in the log.
import type * as vscode from 'vscode';
import type { EngineApi } from '../node/engine/engineApi.ts';
import { EngineClient } from '../node/engine/engineClient.ts';

/** @param enginePath `dist/engine.cjs` */
export function engineFactory(enginePath: string, log: vscode.LogOutputChannel): () => EngineApi {
  return () =>
    new EngineClient({
      enginePath,
      onLog: ({ level, message }) => {
        if (level === 'error') log.error(message);
        else if (level === 'warning') log.warn(message);
        else log.info(message);
      },
    });
}
