// The read-only editor of *.safetensors, here or elsewhere: the header as a tree of tensors. It never reads a weight.
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { listCheckpoint } from '../../engine/opening/listCheckpoint.ts';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';
import { asProblem, problem } from '../../shared/errors.ts';
import { packListing } from '../../shared/protocol/packedListing.ts';
import type { PackedDocument, HeaderEvents, HeaderMethods } from '../../shared/protocol/headerProtocol.ts';
import { Endpoint, type None } from '../../shared/protocol/rpc.ts';
import type { RemoteReader } from '../remote/remoteReader.ts';
import { showPage } from '../webviewPage.ts';
import { remoteHeaderOf } from './headerLocation.ts';

/** A file being written changes many times; it is read again when that pauses. */
const settleMs = 500;

interface HeaderFile extends vscode.CustomDocument {
  readonly uri: vscode.Uri;
}

export class HeaderEditorProvider implements vscode.CustomReadonlyEditorProvider<HeaderFile> {
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly reader: RemoteReader,
  ) {}

  openCustomDocument(uri: vscode.Uri): HeaderFile {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: HeaderFile, panel: vscode.WebviewPanel): void {
    const endpoint = new Endpoint<None, HeaderEvents, HeaderMethods, None>({
      post: (message) => void panel.webview.postMessage(message),
      listen: (onMessage) => panel.webview.onDidReceiveMessage(onMessage),
    });
    endpoint.serve('ready', () => this.readHeader(uri));
    endpoint.serve('compareWith', async () => {
      await vscode.commands.executeCommand('threeGate.compareWith', uri);
      return null;
    });
    endpoint.serve('setToken', async () => {
      await vscode.commands.executeCommand('threeGate.setToken');
      return null;
    });
    endpoint.serve('copy', async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return null;
    });
    const watcher = this.watch(uri, () => {
      void this.readHeader(uri).then((document) => {
        endpoint.emit('document', document);
      });
    });
    panel.onDidDispose(() => {
      watcher.dispose();
      endpoint.close(problem('cancelled', 'The editor was closed.'));
    });
    showPage(panel.webview, this.extensionUri, { name: 'header', title: 'Safetensors header' });
  }

  private async readHeader(uri: vscode.Uri): Promise<PackedDocument> {
    const address = remoteHeaderOf(uri);
    try {
      const listing =
        address === null
          ? await listCheckpoint(nodeFileSystem, uri.fsPath)
          : await this.reader.listing(address);
      return { listing: packListing(listing), problem: null };
    } catch (error) {
      return { listing: null, problem: asProblem(error) };
    }
  }

  private watch(uri: vscode.Uri, onChange: () => void): vscode.Disposable {
    // What lies elsewhere is read when it is opened.
    if (uri.scheme !== 'file') return new vscode.Disposable(() => undefined);
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
