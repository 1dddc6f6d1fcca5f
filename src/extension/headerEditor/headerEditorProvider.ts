// The read-only editor of *.safetensors: the header as a tree of tensors. It never reads a weight.
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { listCheckpoint } from '../../engine/opening/listCheckpoint.ts';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';
import { asProblem, problem } from '../../shared/errors.ts';
import type { HeaderDocument, HeaderEvents, HeaderMethods } from '../../shared/protocol/headerProtocol.ts';
import { Endpoint, type None } from '../../shared/protocol/rpc.ts';
import { showPage } from '../webviewPage.ts';

/** A file being written changes many times; it is read again when that pauses. */
const settleMs = 500;

interface HeaderFile extends vscode.CustomDocument {
  readonly uri: vscode.Uri;
}

export class HeaderEditorProvider implements vscode.CustomReadonlyEditorProvider<HeaderFile> {
  private readonly extensionUri: vscode.Uri;

  constructor(extensionUri: vscode.Uri) {
    this.extensionUri = extensionUri;
  }

  openCustomDocument(uri: vscode.Uri): HeaderFile {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: HeaderFile, panel: vscode.WebviewPanel): void {
    const endpoint = new Endpoint<None, HeaderEvents, HeaderMethods, None>({
      post: (message) => void panel.webview.postMessage(message),
      listen: (onMessage) => panel.webview.onDidReceiveMessage(onMessage),
    });
    endpoint.serve('ready', () => readHeader(uri));
    endpoint.serve('compareWith', async () => {
      await vscode.commands.executeCommand('threeGate.compareWith', uri);
      return null;
    });
    endpoint.serve('copy', async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return null;
    });
    const watcher = this.watch(uri, () => {
      void readHeader(uri).then((document) => {
        endpoint.emit('document', document);
      });
    });
    panel.onDidDispose(() => {
      watcher.dispose();
      endpoint.close(problem('cancelled', 'The editor was closed.'));
    });
    showPage(panel.webview, this.extensionUri, { name: 'header', title: 'Safetensors header' });
  }

  private watch(uri: vscode.Uri, onChange: () => void): vscode.Disposable {
    // A name may hold what a glob would read as a pattern.
    const literal = posix.basename(uri.path).replaceAll(/[[\]{}*?]/g, '[$&]');
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), literal),
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (): void => {
      clearTimeout(timer);
      timer = setTimeout(onChange, settleMs);
    };
    watcher.onDidChange(later);
    watcher.onDidCreate(later);
    return new vscode.Disposable(() => {
      clearTimeout(timer);
      watcher.dispose();
    });
  }
}

async function readHeader(uri: vscode.Uri): Promise<HeaderDocument> {
  try {
    return { listing: await listCheckpoint(nodeFileSystem, uri.fsPath), problem: null };
  } catch (error) {
    return { listing: null, problem: asProblem(error) };
  }
}
