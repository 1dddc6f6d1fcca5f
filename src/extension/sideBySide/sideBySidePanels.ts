// The panels that show checkpoints side by side: opened with a report, or brought back by the editor after a restart, when what the
// page kept says what to put side by side again.
import * as vscode from 'vscode';
import { asProblem, problem } from '../../shared/errors.ts';
import { Endpoint, type None } from '../../shared/protocol/rpc.ts';
import type {
  SideBySideAction,
  SideBySideChoice,
  SideBySideDocument,
  SideBySideEvents,
  SideBySideMethods,
} from '../../shared/protocol/sideBySideProtocol.ts';
import type { SideBySideReport } from '../../shared/report/sideBySide.ts';
import { sideBySideCsv } from '../../shared/text/sideBySideCsv.ts';
import { sideBySideMarkdown } from '../../shared/text/sideBySideMarkdown.ts';
import { fileNameOf } from '../../shared/text/exportName.ts';
import { saveText } from '../export/saveText.ts';
import { reportViewType, sideBySideViewType } from '../ids.ts';
import { openAdHocPair } from '../pairs/openPair.ts';
import { showPage } from '../webviewPage.ts';

/** Undefined when the user cancelled. */
type Analyse = (choice: SideBySideChoice) => Promise<SideBySideReport | undefined>;

type Export = Exclude<SideBySideAction, 'rerun'>;

const formats: Record<
  Export,
  { title: string; ending: string; write: (report: SideBySideReport) => string }
> = {
  exportJson: { title: 'JSON', ending: 'json', write: (report) => `${JSON.stringify(report, null, 2)}\n` },
  exportMarkdown: { title: 'Markdown', ending: 'md', write: sideBySideMarkdown },
  exportCsv: { title: 'CSV', ending: 'csv', write: sideBySideCsv },
};

export class SideBySidePanels implements vscode.WebviewPanelSerializer {
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly analyse: Analyse,
  ) {}

  /** Analyses what is not known, then opens a panel with all of it; nothing where the user cancelled. */
  async open(choice: SideBySideChoice): Promise<void> {
    const report = await this.analyse(choice);
    if (report === undefined) return;
    const { Active } = vscode.ViewColumn;
    const panel = vscode.window.createWebviewPanel(sideBySideViewType, titleOf(report), Active);
    this.serve(panel, { choice, report, problem: null });
  }

  /** The editor was started again: the page is drawn at once, and what is not remembered is analysed anew. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, kept: unknown): Promise<void> {
    const choice = choiceOf(kept);
    if (choice === null) panel.dispose();
    else this.serve(panel, { choice, report: null, problem: null });
    return Promise.resolve();
  }

  private serve(panel: vscode.WebviewPanel, first: SideBySideDocument): void {
    let document = first;
    const endpoint = new Endpoint<None, SideBySideEvents, SideBySideMethods, None>({
      post: (message) => void panel.webview.postMessage(message),
      listen: (onMessage) => panel.webview.onDidReceiveMessage(onMessage),
    });
    const show = (next: SideBySideDocument): void => {
      document = next;
      if (next.report !== null) panel.title = titleOf(next.report);
      endpoint.emit('document', next);
    };
    const run = async (): Promise<void> => {
      const { choice } = document;
      show({ choice, report: null, problem: null });
      const cancelled = problem('cancelled', vscode.l10n.t('The comparison was cancelled.'));
      try {
        const report = (await this.analyse(choice)) ?? null;
        show({ choice, report, problem: report === null ? cancelled : null });
      } catch (error) {
        show({ choice, report: null, problem: asProblem(error) });
      }
    };
    endpoint.serve('ready', () => document);
    endpoint.serve('act', async ({ action }) => {
      if (action === 'rerun') void run();
      else if (document.report !== null) await exportAs(document.report, action);
      return null;
    });
    endpoint.serve('copy', async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return null;
    });
    endpoint.serve('openPair', async ({ run: position }) => {
      if (document.report !== null) await openRun(document.report, position);
      return null;
    });
    panel.onDidDispose(() => {
      endpoint.close(problem('cancelled', 'The editor was closed.'));
    });
    showPage(panel.webview, this.extensionUri, { name: 'compare', title: 'Three-Gate side by side' });
    if (first.report === null) void run();
  }
}

function titleOf({ base, runs }: SideBySideReport): string {
  return vscode.l10n.t('{0} of {1} side by side', runs.length, base.label);
}

async function exportAs(report: SideBySideReport, action: Export): Promise<void> {
  const { title, ending, write } = formats[action];
  const name = `three-gate-${fileNameOf(report.base.label)}-side-by-side.${ending}`;
  await saveText({ name, title, folder: report.base.path, text: write(report) });
}

/** A report's own panel, else that of the pair. */
async function openRun({ base, runs }: SideBySideReport, position: number): Promise<void> {
  const run = runs[position];
  if (run === undefined) return;
  if (run.reportFile === null) {
    await openAdHocPair({ base: base.path, tuned: run.tuned.path, config: null, options: {} });
    return;
  }
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(run.reportFile), reportViewType);
}

/** What a page kept, as far as it is a choice. */
function choiceOf(kept: unknown): SideBySideChoice | null {
  if (typeof kept !== 'object' || kept === null || !('choice' in kept)) return null;
  const { choice } = kept;
  if (typeof choice !== 'object' || choice === null || !('paths' in choice)) return null;
  const { paths } = choice;
  if (!Array.isArray(paths)) return null;
  const known = paths.filter((path): path is string => typeof path === 'string');
  return known.length === 0 ? null : { paths: known };
}
