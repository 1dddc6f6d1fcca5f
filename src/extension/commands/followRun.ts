// Follow Run…: a base and the folder of a run that trains, and a panel that fills as its checkpoints come. A notification says when
// a gate's word changes or a limit breaks; closing the panel ends it.
import { relative } from 'node:path';
import * as vscode from 'vscode';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { findCheckpoints, runFolderOf } from '../../node/disk/knownCheckpoints.ts';
import { pickOne } from '../picker/pickPair.ts';
import type { RunsPanels } from '../runsPanel/runsPanels.ts';

/** @param clicked the run's folder in the explorer, or nothing */
export async function followRun(panels: RunsPanels, clicked: unknown): Promise<void> {
  const title = vscode.l10n.t('Follow Run');
  const runPath = clicked instanceof vscode.Uri ? clicked.fsPath : await pickRunFolder(title);
  if (runPath === undefined) return;
  const placeholder = vscode.l10n.t('The base of {0}', checkpointLabel(runPath));
  const basePath = await pickOne(title, placeholder);
  if (basePath === undefined) return;
  const limits = await pickLimits(title);
  if (limits !== undefined) panels.follow({ basePath, runPaths: [runPath], follow: { limits } });
}

interface FolderItem extends vscode.QuickPickItem {
  /** Null to look for it. */
  path: string | null;
}

async function pickRunFolder(title: string): Promise<string | undefined> {
  const placeHolder = vscode.l10n.t('The folder that the checkpoints of the run are written into');
  const chosen = await vscode.window.showQuickPick(folderItems(), {
    title,
    placeHolder,
    matchOnDetail: true,
  });
  if (chosen?.path !== null) return chosen?.path;
  const [folder] =
    (await vscode.window.showOpenDialog({ title, canSelectFiles: false, canSelectFolders: true })) ?? [];
  return folder?.fsPath;
}

async function folderItems(): Promise<FolderItem[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const known = await findCheckpoints(folders, { adapters: true });
  const runs = [...new Set(known.flatMap(({ path }) => runFolderOf(path) ?? []))];
  return [
    ...runs.map((path) => ({ label: checkpointLabel(path), detail: path, path })),
    {
      label: `$(folder-opened) ${vscode.l10n.t('Another folder…')}`,
      detail: vscode.l10n.t('Its checkpoints need not be there yet'),
      path: null,
    },
  ];
}

/** Files of limits that are offered. */
const mostLimitsFiles = 20;

/** Null without limits, which is not asked where the workspace has no file of them; undefined when the user gave up. */
async function pickLimits(title: string): Promise<string | null | undefined> {
  const pattern = '**/*limits*.{yaml,yml}';
  const found = await vscode.workspace.findFiles(pattern, '**/node_modules/**', mostLimitsFiles);
  if (found.length === 0) return null;
  const items: FolderItem[] = [
    { label: vscode.l10n.t('No limits'), path: null },
    ...found.map(({ fsPath }) => ({ label: nameOf(fsPath), path: fsPath })),
  ];
  const placeHolder = vscode.l10n.t('Limits that every step is held against');
  return (await vscode.window.showQuickPick(items, { title, placeHolder }))?.path;
}

function nameOf(path: string): string {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path));
  return folder === undefined ? path : relative(folder.uri.fsPath, path);
}
