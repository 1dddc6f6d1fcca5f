// What the user can do with a pair in front of them: from the page's buttons, the editor title and the palette alike.
import * as vscode from 'vscode';
import type { PanelAction } from '../../shared/protocol/panelProtocol.ts';
import { editPair, formatPair, type Pair } from '../../shared/pairFile.ts';
import { closePairEditors, openAdHocPair, openPairEditor } from '../pairs/openPair.ts';
import { pairTitle } from '../pairs/pairLocation.ts';
import { portablePath } from '../pairs/portablePath.ts';
import { explainFinding } from '../diagnostics/explainFinding.ts';
import { copyVerdict, exportReport } from '../export/exportReport.ts';
import type { PanelSession } from './panelSession.ts';

export class PairActions {
  private readonly log: vscode.LogOutputChannel;

  constructor(log: vscode.LogOutputChannel) {
    this.log = log;
  }

  async act(session: PanelSession, action: PanelAction): Promise<void> {
    switch (action) {
      case 'run':
        return session.start();
      case 'retryWithWasm':
        return session.start({ engine: 'wasm' });
      case 'readRemote':
        return session.start({ remoteLimitBytes: null });
      case 'setToken':
        await vscode.commands.executeCommand('threeGate.setToken');
        return session.start();
      case 'cancel':
        session.cancel();
        return;
      case 'swap':
        return this.swap(session);
      case 'save':
        return this.save(session);
      case 'exportJson':
        return exportReport(session.report, 'json');
      case 'exportMarkdown':
        return exportReport(session.report, 'md');
      case 'exportCsv':
        return exportReport(session.report, 'csv');
      case 'copyMarkdown':
        return copyVerdict(session.report);
      case 'chooseConfig':
        return this.chooseConfig(session);
      case 'openAsText':
        return this.openAsText(session);
      case 'showLog':
        this.log.show();
        return;
      case 'openFindingsHelp':
        await explainFinding(null);
        return;
      case 'compareReport':
      case 'submitMissing':
        this.log.warn(`A pair was asked to ${action}.`);
    }
  }

  private async swap(session: PanelSession): Promise<void> {
    const pair = session.currentPair;
    if (pair !== null) await this.change(session, { base: pair.tuned, tuned: pair.base });
  }

  private async chooseConfig(session: PanelSession): Promise<void> {
    const request = session.currentRequest;
    if (request === null) return;
    const chosen = await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Training config or log of this run'),
      defaultUri: vscode.Uri.file(request.tunedPath),
      canSelectMany: true,
      filters: {
        [vscode.l10n.t('Training configs and logs')]: [
          ...['yaml', 'yml', 'json', 'jsonl', 'toml', 'sh', 'bin', 'log', 'out', 'txt'],
        ],
      },
    });
    if (chosen === undefined) return;
    const config = chosen.map(({ fsPath }) =>
      session.isAdHoc ? fsPath : portablePath(session.directory, fsPath),
    );
    await this.change(session, { config });
  }

  /** Edits the document, undoably; an ad-hoc comparison is its address, so there a new one takes its place. */
  private async change(
    session: PanelSession,
    changes: Partial<Pick<Pair, 'base' | 'tuned' | 'config'>>,
  ): Promise<void> {
    const { document, currentPair, panel } = session;
    if (currentPair === null) return;
    if (session.isAdHoc) {
      await openAdHocPair({ ...currentPair, ...changes }, panel.viewColumn);
      await closePairEditors(document.uri);
      return;
    }
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, whole, editPair(document.getText(), document.fileName, changes));
    await vscode.workspace.applyEdit(edit);
  }

  /** Saves an ad-hoc comparison as a file, with relative paths where the checkpoints lie below it or beside it. */
  private async save(session: PanelSession): Promise<void> {
    const { currentPair: pair, currentRequest: request, document, panel } = session;
    if (!session.isAdHoc) {
      await document.save();
      return;
    }
    if (pair === null || request === null) return;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(session.directory);
    const name = pairTitle(request.basePath, request.tunedPath).replaceAll(/[^\w.-]+/g, '-');
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.joinPath(folder, `${name}.threegate`),
      filters: { 'Three-Gate': ['threegate'] },
    });
    if (target === undefined) return;
    const directory = vscode.Uri.joinPath(target, '..').fsPath;
    const saved: Pair = {
      ...pair,
      base: portablePath(directory, request.basePath),
      tuned: portablePath(directory, request.tunedPath),
      config: pair.config?.map((path) => portablePath(directory, path)) ?? null,
    };
    await vscode.workspace.fs.writeFile(target, Buffer.from(formatPair(saved)));
    await openPairEditor(target, panel.viewColumn);
    await closePairEditors(document.uri);
  }

  private async openAsText({ document, panel }: PanelSession): Promise<void> {
    await vscode.commands.executeCommand('vscode.openWith', document.uri, 'default', {
      viewColumn: panel.viewColumn ?? vscode.ViewColumn.Active,
    });
  }
}
