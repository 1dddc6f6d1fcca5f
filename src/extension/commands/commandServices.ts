// What commands work with.
import type * as vscode from 'vscode';
import type { EngineApi } from '../../node/engine/engineApi.ts';
import type { RemoteServices } from '../remote/remoteServices.ts';
import type { ReportStore } from '../../node/runs/reportStore.ts';
import type { RunService } from '../../node/runs/runService.ts';

export interface CommandServices {
  extensionUri: vscode.Uri;
  log: vscode.LogOutputChannel;
  /** A fresh engine; whoever asked disposes of it. */
  createEngine: () => EngineApi;
  runs: RunService;
  reports: ReportStore;
  /** Where the engine keeps results per tensor. */
  cacheDirectory: string;
  /** What lies elsewhere. */
  remote: RemoteServices;
}
