// The read-only editor of a folder of shards, opened from any of its files.
import type * as vscode from 'vscode';
import { ShardSession, type ShardServices } from './shardSession.ts';

export class ShardEditorProvider implements vscode.CustomReadonlyEditorProvider {
  constructor(private readonly services: ShardServices) {}

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    new ShardSession(uri, panel, this.services).open();
  }
}
