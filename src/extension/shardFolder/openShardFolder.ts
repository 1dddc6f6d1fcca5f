// Three-Gate: Open Shard Folder…: from a folder of the explorer, or one that is chosen.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { readFolderState } from '../../node/shards/folderState.ts';
import { planName } from '../../node/shards/shardFolder.ts';
import { shardsViewType } from '../ids.ts';

/** Rejects with `not-found` where the folder holds no plan. */
export async function openShardFolder(clicked?: unknown): Promise<void> {
  const folder = clicked instanceof vscode.Uri ? clicked : await chooseFolder();
  if (folder === undefined) return;
  await readFolderState(folder.fsPath);
  const plan = vscode.Uri.file(join(folder.fsPath, planName));
  await vscode.commands.executeCommand('vscode.openWith', plan, shardsViewType, { preview: false });
}

async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Folder of shards'),
      canSelectFolders: true,
      canSelectFiles: false,
    })) ?? [];
  return chosen;
}
