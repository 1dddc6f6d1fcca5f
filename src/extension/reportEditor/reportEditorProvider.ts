// The read-only editor of `*.threegate.json`: a stored report in the pair's page, with nothing computed, and another report beside it.
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { compareReports } from '../../engine/limits/compareReports.ts';
import { asProblem, problem, type Problem } from '../../shared/errors.ts';
import type {
  HostMethods,
  PanelAction,
  PanelDocument,
  PanelEvents,
} from '../../shared/protocol/panelProtocol.ts';
import { panelReport, tensorCurves } from '../../shared/protocol/panelReport.ts';
import { Endpoint, type None } from '../../shared/protocol/rpc.ts';
import type { Report } from '../../shared/report/report.ts';
import type { ReportsCompared } from '../../shared/report/reportsCompared.ts';
import { explainFinding } from '../diagnostics/explainFinding.ts';
import { shownReport } from '../diagnostics/shownReport.ts';
import { exportReport } from '../export/exportReport.ts';
import { revealLocation, savePng } from '../pairEditor/pageRequests.ts';
import { showPage } from '../webviewPage.ts';
import type { ReportFiles } from './reportFile.ts';

interface ReportDocument extends vscode.CustomDocument {
  readonly uri: vscode.Uri;
  report: Report | null;
  /** Why the file cannot be shown. */
  fault: Problem | null;
}

export class ReportEditorProvider implements vscode.CustomReadonlyEditorProvider<ReportDocument> {
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly files: ReportFiles,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  async openCustomDocument(uri: vscode.Uri): Promise<ReportDocument> {
    const dispose = (): void => undefined;
    try {
      return { uri, report: await this.read(uri), fault: null, dispose };
    } catch (error) {
      return { uri, report: null, fault: asProblem(error), dispose };
    }
  }

  resolveCustomEditor(document: ReportDocument, panel: vscode.WebviewPanel): void {
    const endpoint = new Endpoint<None, PanelEvents, HostMethods, None>({
      post: (message) => void panel.webview.postMessage(message),
      listen: (onMessage) => panel.webview.onDidReceiveMessage(onMessage),
    });
    let compared: ReportsCompared | null = null;
    endpoint.serve('ready', () => panelDocument(document, compared));
    endpoint.serve('act', async ({ action }) => {
      if (action !== 'compareReport') await this.act(document, panel, action);
      else {
        compared = (await this.chooseOther(document)) ?? compared;
        endpoint.emit('document', panelDocument(document, compared));
      }
      return null;
    });
    endpoint.serve('curves', ({ name }) => {
      const tensor = document.report?.tensors.find((each) => each.name === name);
      return tensor === undefined ? null : tensorCurves(tensor);
    });
    endpoint.serve('reveal', async ({ location }) => {
      await revealLocation(location);
      return null;
    });
    endpoint.serve('copy', async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return null;
    });
    endpoint.serve('savePng', savePng);
    panel.onDidDispose(() => {
      endpoint.close(problem('cancelled', 'The editor was closed.'));
    });
    showPage(panel.webview, this.extensionUri, { name: 'main', title: 'Three-Gate report' });
  }

  private async read(uri: vscode.Uri): Promise<Report> {
    const text = Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('utf8');
    return this.files.parse(text, posix.basename(uri.path));
  }

  /** What a stored report has no use for (a run, a swap, a config) the page does not offer. */
  private async act(
    { uri, report }: ReportDocument,
    panel: vscode.WebviewPanel,
    action: PanelAction,
  ): Promise<void> {
    switch (action) {
      case 'exportJson':
        return exportReport(report, 'json');
      case 'exportMarkdown':
        return exportReport(report, 'md');
      case 'exportCsv':
        return exportReport(report, 'csv');
      case 'openAsText':
        await vscode.commands.executeCommand('vscode.openWith', uri, 'default', {
          viewColumn: panel.viewColumn ?? vscode.ViewColumn.Active,
        });
        return;
      case 'showLog':
        this.log.show();
        return;
      case 'openFindingsHelp':
        await explainFinding(null);
        return;
      default:
        this.log.warn(`A stored report was asked to ${action}.`);
    }
  }

  /** Null where the user chose none. Rejects for a file that is no report. */
  private async chooseOther({ uri, report }: ReportDocument): Promise<ReportsCompared | null> {
    const [chosen] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Report to compare with'),
        defaultUri: vscode.Uri.joinPath(uri, '..'),
        filters: { [vscode.l10n.t('Three-Gate reports')]: ['json'] },
      })) ?? [];
    if (chosen === undefined || report === null) return null;
    return compareReports(report, await this.read(chosen), posix.basename(chosen.path));
  }
}

function panelDocument(
  { uri, report, fault }: ReportDocument,
  compared: ReportsCompared | null,
): PanelDocument {
  return {
    title: posix.basename(uri.path),
    basePath: '',
    tunedPath: '',
    unsaved: false,
    report: report && panelReport(shownReport(report)),
    run: fault === null ? { kind: 'complete' } : { kind: 'failed', problem: fault, canRetryWithWasm: false },
    stored: { compared },
  };
}
