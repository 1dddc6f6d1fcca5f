// The custom editor of `*.threegate`: a text document, so that it can be reopened as text, compared and restored.
import * as vscode from 'vscode';
import { showPage } from '../webviewPage.ts';
import { PanelSession, type SessionServices } from './panelSession.ts';
import type { SessionRegistry } from './sessionRegistry.ts';

/** Edits come in bursts; the document is read again when they pause. */
const editPauseMs = 300;

export class PairEditorProvider implements vscode.CustomTextEditorProvider {
  private readonly extensionUri: vscode.Uri;
  private readonly services: SessionServices;
  private readonly sessions: SessionRegistry;

  constructor(extensionUri: vscode.Uri, services: SessionServices, sessions: SessionRegistry) {
    this.extensionUri = extensionUri;
    this.services = services;
    this.sessions = sessions;
  }

  resolveCustomTextEditor(document: vscode.TextDocument, panel: vscode.WebviewPanel): void {
    const session = new PanelSession(document, panel, this.services);
    this.sessions.add(session);
    let pause: ReturnType<typeof setTimeout> | undefined;
    const edits = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document !== document || event.contentChanges.length === 0) return;
      clearTimeout(pause);
      pause = setTimeout(() => void session.reload(), editPauseMs);
    });
    const saves = vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.fsPath === session.limitsFile) void session.reload();
    });
    panel.onDidDispose(() => {
      clearTimeout(pause);
      edits.dispose();
      saves.dispose();
      this.sessions.remove(session);
      session.dispose();
    });
    showPage(panel.webview, this.extensionUri, { name: 'main', title: 'Three-Gate' });
  }
}
