// The custom editor of `*.threegate`: a text document, so that it can be reopened as text, compared and restored.
import type * as vscode from 'vscode';
import { showPage } from '../webviewPage.ts';

export class PairEditorProvider implements vscode.CustomTextEditorProvider {
  static readonly viewType = 'threeGate.pair';
  private readonly extensionUri: vscode.Uri;

  constructor(extensionUri: vscode.Uri) {
    this.extensionUri = extensionUri;
  }

  resolveCustomTextEditor(_document: vscode.TextDocument, panel: vscode.WebviewPanel): void {
    showPage(panel.webview, this.extensionUri, { name: 'main', title: 'Three-Gate' });
  }
}
