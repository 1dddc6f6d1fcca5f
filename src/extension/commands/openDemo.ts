// The demo pair: a small model and its GRPO checkpoint, shipped with the extension.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openAdHocPair } from '../pairs/openPair.ts';

/** In a working tree, the fixtures that the packaged demo is copied from. */
const places = ['demo', 'test/fixtures/nano'];

export async function openDemo(extensionUri: vscode.Uri): Promise<void> {
  const folder = await demoFolder(extensionUri);
  if (folder === null) return;
  const [base, tuned] = [join(folder, 'base'), join(folder, 'grpo', 'checkpoint-100')];
  await openAdHocPair({ base, tuned, config: null, options: {} });
}

/** Absolute; null where the extension was packaged without it. */
export async function demoFolder(extensionUri: vscode.Uri): Promise<string | null> {
  for (const place of places) {
    const folder = vscode.Uri.joinPath(extensionUri, place);
    const found = await vscode.workspace.fs.stat(vscode.Uri.joinPath(folder, 'base')).then(
      () => true,
      () => false,
    );
    if (found) return folder.fsPath;
  }
  return null;
}
