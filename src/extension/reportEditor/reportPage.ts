// A report that is not computed here, in the pair's page: what the user does with it, and another report beside it.
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { compareReports } from '../../engine/limits/compareReports.ts';
import { problem, type Problem } from '../../shared/errors.ts';
import type {
  HostMethods,
  PanelAction,
  PanelDocument,
  PanelEvents,
  PanelShards,
  StoredReport,
} from '../../shared/protocol/panelProtocol.ts';
import { panelReport, tensorCurves } from '../../shared/protocol/panelReport.ts';
import { Endpoint, type None } from '../../shared/protocol/rpc.ts';
import type { Report } from '../../shared/report/report.ts';
import type { Asking } from '../chat/askInChat.ts';
import { explainFinding } from '../diagnostics/explainFinding.ts';
import { shownReport } from '../diagnostics/shownReport.ts';
import { copyVerdict, exportReport } from '../export/exportReport.ts';
import { revealLocation, savePng } from '../pairEditor/pageRequests.ts';
import { showPage } from '../webviewPage.ts';
import type { ReportFiles } from './reportFile.ts';

/** What the page shows, as it stands. */
export interface ReportOnPage {
  /** The file that is shown, or one of the folder. */
  readonly uri: vscode.Uri;
  readonly report: Report | null;
  /** Why it cannot be shown. */
  readonly fault: Problem | null;
  readonly shards: PanelShards | null;
}

export interface ReportPageServices {
  extensionUri: vscode.Uri;
  files: ReportFiles;
  log: vscode.LogOutputChannel;
  asking: Asking;
}

/** Rejects for a file that is no report. */
export async function readReport(
  uri: vscode.Uri,
  { files }: Pick<ReportPageServices, 'files'>,
): Promise<Report> {
  const text = Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('utf8');
  return files.parse(text, posix.basename(uri.path));
}

export class ReportPage {
  private readonly endpoint: Endpoint<None, PanelEvents, HostMethods, None>;
  private canAsk = false;
  private other: { report: Report; file: string } | null = null;

  /** @param submitMissing where the report is of shards */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly services: ReportPageServices,
    private readonly shown: ReportOnPage,
    private readonly submitMissing: (() => Promise<void>) | null = null,
  ) {
    this.endpoint = new Endpoint({
      post: (message) => void panel.webview.postMessage(message),
      listen: (onMessage) => panel.webview.onDidReceiveMessage(onMessage),
    });
  }

  open(): void {
    const { panel, services } = this;
    this.serve();
    panel.onDidDispose(() => {
      this.endpoint.close(problem('cancelled', 'The editor was closed.'));
    });
    showPage(panel.webview, services.extensionUri, { name: 'main', title: 'Three-Gate report' });
  }

  /** Shows it anew, the report too. */
  refresh(): void {
    this.endpoint.emit('document', this.document());
  }

  /** Shows what is said beside a report that has not changed. */
  refreshState(): void {
    this.endpoint.emit('stored', this.stored());
  }

  private serve(): void {
    const { endpoint } = this;
    endpoint.serve('ready', async () => {
      this.canAsk = this.isFile && (await this.services.asking.isPossible());
      return this.document();
    });
    endpoint.serve('act', async ({ action }) => {
      await this.act(action);
      return null;
    });
    endpoint.serve('curves', ({ name }) => {
      const tensor = this.shown.report?.tensors.find((each) => each.name === name);
      return tensor === undefined ? null : tensorCurves(tensor);
    });
    endpoint.serve('reveal', async ({ location }) => {
      await revealLocation(location);
      return null;
    });
    endpoint.serve('ask', async ({ about }) => {
      const { uri, report } = this.shown;
      if (report === null || !this.isFile) return null;
      const { base, tuned } = report.pair;
      const question = { report: uri.fsPath, about, pair: `${base.label} → ${tuned.label}` };
      await this.services.asking.ask({ ...question, paths: [uri.fsPath] });
      return null;
    });
    endpoint.serve('copy', async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return null;
    });
    endpoint.serve('savePng', savePng);
  }

  /** Whether the report can be read from a file by its name. */
  private get isFile(): boolean {
    return this.shown.uri.scheme === 'file' && this.shown.shards === null;
  }

  /** What a stored report has no use for (a run, a swap, a config) the page does not offer. */
  private async act(action: PanelAction): Promise<void> {
    const { report, uri } = this.shown;
    switch (action) {
      case 'exportJson':
        return exportReport(report, 'json');
      case 'exportMarkdown':
        return exportReport(report, 'md');
      case 'exportCsv':
        return exportReport(report, 'csv');
      case 'copyMarkdown':
        return copyVerdict(report);
      case 'openAsText':
        await vscode.commands.executeCommand('vscode.openWith', uri, 'default', {
          viewColumn: this.panel.viewColumn ?? vscode.ViewColumn.Active,
        });
        return;
      case 'compareReport':
        return this.chooseOther();
      case 'submitMissing':
        return this.submitMissing?.();
      case 'showLog':
        this.services.log.show();
        return;
      case 'openFindingsHelp':
        await explainFinding(null);
        return;
      default:
        this.services.log.warn(`A stored report was asked to ${action}.`);
    }
  }

  /** Rejects for a file that is no report. */
  private async chooseOther(): Promise<void> {
    const [chosen] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Report to compare with'),
        defaultUri: vscode.Uri.joinPath(this.shown.uri, '..'),
        filters: { [vscode.l10n.t('Three-Gate reports')]: ['json'] },
      })) ?? [];
    if (chosen === undefined) return;
    this.other = { report: await readReport(chosen, this.services), file: posix.basename(chosen.path) };
    this.refreshState();
  }

  private stored(): StoredReport {
    const { other } = this;
    const { report, shards } = this.shown;
    const compared =
      report === null || other === null ? null : compareReports(report, other.report, other.file);
    return { compared, shards };
  }

  private document(): PanelDocument {
    const { uri, report, fault } = this.shown;
    return {
      title: posix.basename(uri.path),
      basePath: '',
      tunedPath: '',
      unsaved: false,
      report: report && panelReport(shownReport(report)),
      run:
        fault === null ? { kind: 'complete' } : { kind: 'failed', problem: fault, canRetryWithWasm: false },
      canAsk: this.canAsk,
      stored: this.stored(),
    };
  }
}
