// The context key that shows the explorer's entries on folders which hold a checkpoint and on no others: a cheap scan
// of names when the extension starts and when weight files come or go.
import * as vscode from 'vscode';
import { scanForCheckpoints } from '../../engine/opening/scanForCheckpoints.ts';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';

/** A copy in progress creates many files; the scan waits until they pause. */
const settleMs = 1000;

export class CheckpointFolders {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly subscriptions: vscode.Disposable[];
  private readonly log: vscode.LogOutputChannel;

  constructor(log: vscode.LogOutputChannel) {
    this.log = log;
    const watcher = vscode.workspace.createFileSystemWatcher(
      '**/*.{safetensors,safetensors.index.json}',
      false,
      true,
    );
    const later = (): void => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.scan(), settleMs);
    };
    this.subscriptions = [
      watcher,
      watcher.onDidCreate(later),
      watcher.onDidDelete(later),
      vscode.workspace.onDidChangeWorkspaceFolders(later),
    ];
    void this.scan();
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private async scan(): Promise<void> {
    try {
      const folders = vscode.workspace.workspaceFolders ?? [];
      const scans = await Promise.all(
        folders.map(({ uri }) => scanForCheckpoints(nodeFileSystem, uri.fsPath)),
      );
      const paths = scans
        .flatMap(({ found }) => found)
        .filter(({ kind }) => kind !== 'file' && kind !== 'adapter')
        .map(({ path }) => path);
      // The window that asks may run on Windows while the folders are on Linux: it spells paths its own way.
      const spellings =
        vscode.env.remoteName === undefined
          ? paths
          : paths.flatMap((path) => [path, path.replaceAll('/', '\\')]);
      await vscode.commands.executeCommand('setContext', 'threeGate.checkpointFolders', spellings);
    } catch (error) {
      this.log.warn(`The workspace could not be searched for checkpoints: ${String(error)}`);
    }
  }
}
