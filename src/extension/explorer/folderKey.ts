// A context key that shows the explorer's entries on some folders and on no others: a cheap look at names when the extension
// starts and when files of a pattern come or go.
import * as vscode from 'vscode';

interface FolderKeyOptions {
  /** Below `threeGate.`; package.json uses it in `when`. */
  key: 'checkpointFolders' | 'runFolders' | 'shardFolders';
  /** Of the files that make a folder one of these. */
  pattern: string;
  /** Paths of these folders. */
  find: () => Promise<string[]>;
}

/** A copy in progress creates many files; the look waits until they pause. */
const settleMs = 1000;

export class FolderKey {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly options: FolderKeyOptions,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const watcher = vscode.workspace.createFileSystemWatcher(options.pattern, false, true);
    const later = (): void => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.look(), settleMs);
    };
    this.subscriptions = [
      watcher,
      watcher.onDidCreate(later),
      watcher.onDidDelete(later),
      vscode.workspace.onDidChangeWorkspaceFolders(later),
    ];
    void this.look();
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private async look(): Promise<void> {
    const { key, find } = this.options;
    try {
      const paths = await find();
      // The window that asks may run on Windows while the folders are on Linux: it spells paths its own way.
      const spellings =
        vscode.env.remoteName === undefined
          ? paths
          : paths.flatMap((path) => [path, path.replaceAll('/', '\\')]);
      await vscode.commands.executeCommand('setContext', `threeGate.${key}`, spellings);
    } catch (error) {
      this.log.warn(`The workspace could not be searched for ${key}: ${String(error)}`);
    }
  }
}
