// What the tools work with when the editor's chat calls them: the folders of the workspace and no others, engines that are
// confined to them, and the results that this window remembers.
import * as vscode from 'vscode';
import { within } from '../../node/disk/confinedFileSystem.ts';
import type { EngineApi } from '../../node/engine/engineApi.ts';
import type { ReportStore } from '../../node/runs/reportStore.ts';
import { RunService } from '../../node/runs/runService.ts';
import { unaskedRemoteBytes } from '../../shared/options/remoteReading.ts';
import type { Report } from '../../shared/report/report.ts';
import { admitter } from '../../tools/admit.ts';
import type { ToolServices } from '../../tools/services.ts';
import { keepResults } from '../pairs/keepResults.ts';
import { readOptions } from '../settings/readOptions.ts';

interface ChatServicesOptions {
  /** A fresh engine that reads these folders alone. */
  createConfinedEngine: (folders: readonly string[]) => EngineApi;
  reports: ReportStore;
  cacheDirectory: string;
  /** Rejects where a remote side may not be read. */
  requireRemote: (paths: readonly string[]) => Promise<void>;
  log: vscode.LogOutputChannel;
}

export class ChatServices {
  private readonly shelf = new Map<string, Report>();
  private readonly named = new Set<string>();
  private readonly runs: RunService;

  constructor(private readonly options: ChatServicesOptions) {
    const { reports, log } = options;
    this.runs = new RunService({
      createEngine: this.createEngine,
      onComplete: keepResults(reports, log),
      // Whoever asked is gone for good.
      graceMs: 0,
    });
  }

  /** As the workspace is now. Throws `config-value` for a setting out of its range. */
  current(): ToolServices {
    const { reports, cacheDirectory, requireRemote } = this.options;
    const { folders, createEngine, runs, shelf } = this;
    const files = within(folders);
    const scope = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/');
    return {
      ...{ createEngine, runs, reports, shelf, files, folders, cacheDirectory },
      admit: admitter(files, folders, (address) => requireRemote([address])),
      options: readOptions(scope, {}),
      remoteLimitBytes: unaskedRemoteBytes,
    };
  }

  /** Lets tools speak of what the user asked about: what was shown may lie outside the workspace. */
  admit(paths: readonly string[]): void {
    for (const path of paths) this.named.add(path);
  }

  dispose(): void {
    this.runs.dispose();
  }

  private get folders(): string[] {
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    return [...folders, ...this.named];
  }

  private readonly createEngine = (): EngineApi => this.options.createConfinedEngine(this.folders);
}
