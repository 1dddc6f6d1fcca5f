// What the page asks of the host beside actions: showing a place in a config, and saving a chart as a picture.
import * as vscode from 'vscode';
import type { HostMethods } from '../../shared/protocol/panelProtocol.ts';

/** Shows a place of a config or log beside the panel, with its key selected. */
export async function revealLocation({
  file,
  line,
  column,
  length,
}: HostMethods['reveal']['params']['location']): Promise<void> {
  const start = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  await vscode.window.showTextDocument(vscode.Uri.file(file), {
    viewColumn: vscode.ViewColumn.Beside,
    selection: new vscode.Range(start, start.translate(0, length)),
  });
}

export async function savePng({
  name,
  base64,
}: HostMethods['savePng']['params']): Promise<HostMethods['savePng']['result']> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/');
  const target = await vscode.window.showSaveDialog({
    // A page may send anything as a name; only a plain file name is taken.
    defaultUri: vscode.Uri.joinPath(folder, `${name.replaceAll(/[^\w.-]+/g, '-').replace(/\.png$/, '')}.png`),
    filters: { PNG: ['png'] },
  });
  if (target === undefined) return { path: null };
  await vscode.workspace.fs.writeFile(target, Buffer.from(base64, 'base64'));
  return { path: target.fsPath };
}
