// Compare Side by Side…: checkpoints, pairs and reports that are selected in the explorer, or a base and checkpoints that are picked.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { findCheckpoints } from '../../node/disk/knownCheckpoints.ts';
import { checkpointItems, type CheckpointItem } from '../picker/checkpointItems.ts';
import { pickOne } from '../picker/pickPair.ts';
import type { SideBySidePanels } from '../sideBySide/sideBySidePanels.ts';
import { demoFolder } from './openDemo.ts';

/** From the explorer, the first selected checkpoint is the base. */
export async function compareSideBySide(panels: SideBySidePanels, selected: unknown): Promise<void> {
  const chosen = Array.isArray(selected) ? selected.filter((each) => each instanceof vscode.Uri) : [];
  const paths = chosen.length > 1 ? chosen.map(({ fsPath }) => fsPath) : await pickPaths();
  if (paths !== undefined) await panels.open({ paths });
}

/** The two runs of the demo: reinforcement learning beside supervised fine-tuning. */
export async function openDemoSideBySide(panels: SideBySidePanels, extensionUri: vscode.Uri): Promise<void> {
  const folder = await demoFolder(extensionUri);
  if (folder === null) return;
  await panels.open({
    paths: ['base', join('grpo', 'checkpoint-100'), 'sft'].map((name) => join(folder, name)),
  });
}

async function pickPaths(): Promise<string[] | undefined> {
  const title = vscode.l10n.t('Compare Side by Side');
  const base = await pickOne(title, vscode.l10n.t('The base checkpoint'));
  if (base === undefined) return undefined;
  const tuned = await vscode.window.showQuickPick(tunedItems(base), {
    title,
    placeHolder: vscode.l10n.t('Two or more checkpoints that were tuned from it'),
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return tuned === undefined || tuned.length === 0 ? undefined : [base, ...tuned.map(({ path }) => path)];
}

async function tunedItems(base: string): Promise<CheckpointItem[]> {
  const known = await findCheckpoints((vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath));
  return checkpointItems(known.filter(({ path }) => path !== base));
}
