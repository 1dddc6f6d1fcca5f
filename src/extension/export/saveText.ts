// Saving text as a file of the user's choice.
import * as vscode from 'vscode';

interface TextFile {
  /** With its ending. */
  name: string;
  /** Of the format, for the dialog. */
  title: string;
  /** Where no folder is open. */
  folder: string;
  text: string;
}

/** Asks where to, and shows the file that was written. */
export async function saveText({ name, title, folder, text }: TextFile): Promise<void> {
  const place = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(folder);
  const ending = name.slice(name.lastIndexOf('.') + 1);
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(place, name),
    filters: { [title]: [ending] },
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  // A page is for a browser.
  if (ending === 'html') await vscode.commands.executeCommand('revealInExplorer', target);
  else await vscode.window.showTextDocument(target, { preview: false });
}
