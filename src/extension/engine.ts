// The engine as this extension starts it: one process per analysis, its words in the log.
import * as vscode from 'vscode';
import type { EngineApi } from '../node/engine/engineApi.ts';
import { EngineClient } from '../node/engine/engineClient.ts';

/** The editor's proxy as variables of the engine's process; those that the editor was started with where it has none. */
function proxyEnvironment(): Record<string, string> {
  const http = vscode.workspace.getConfiguration('http');
  const proxy = http.get<string>('proxy') ?? '';
  const noProxy = http.get<string[]>('noProxy') ?? [];
  return {
    ...(proxy !== '' && { http_proxy: proxy, https_proxy: proxy }),
    ...(noProxy.length > 0 && { no_proxy: noProxy.join(',') }),
    ...(http.get<boolean>('proxyStrictSSL') === false && { THREE_GATE_PROXY_STRICT_SSL: '0' }),
  };
}

/** @param enginePath `dist/engine.cjs` */
export function engineFactory(enginePath: string, log: vscode.LogOutputChannel): () => EngineApi {
  return () =>
    new EngineClient({
      enginePath,
      environment: proxyEnvironment,
      onLog: ({ level, message }) => {
        if (level === 'error') log.error(message);
        else if (level === 'warning') log.warn(message);
        else log.info(message);
      },
    });
}
