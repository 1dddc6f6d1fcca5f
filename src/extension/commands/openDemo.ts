// The demo pair: a small model and its GRPO checkpoint, shipped with the extension.
import * as vscode from 'vscode';
import { openAdHocPair } from '../pairs/openPair.ts';

/** In a working tree, the fixtures that the packaged demo is copied from. */
const places = ['demo', 'test/fixtures/nano'];

export async function openDemo(extensionUri: vscode.Uri): Promise<void> {
  for (const place of places) {
    const folder = vscode.Uri.joinPath(extensionUri, place);
    const base = vscode.Uri.joinPath(folder, 'base');
    const found = await vscode.workspace.fs.stat(base).then(
      () => true,
      () => false,
    );
    if (!found) continue;
    const tuned = vscode.Uri.joinPath(folder, 'grpo', 'checkpoint-100');
    await openAdHocPair({ base: base.fsPath, tuned: tuned.fsPath, config: null, options: {} });
    return;
  }
}
