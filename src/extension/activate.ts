// Composition root of the extension: what exists, and who is given what. No behaviour lives here.
import * as vscode from 'vscode';
import { PairEditorProvider } from './pairEditor/pairEditorProvider.ts';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Three-Gate', { log: true });
  context.subscriptions.push(
    log,
    vscode.commands.registerCommand('threeGate.showLog', () => {
      log.show();
    }),
    vscode.window.registerCustomEditorProvider(
      PairEditorProvider.viewType,
      new PairEditorProvider(context.extensionUri),
    ),
  );
}
