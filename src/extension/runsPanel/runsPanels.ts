// The panels that show several runs, or one run over time: opened with a report, or brought back by the editor after a
// restart, when what the page kept says what to compare again.
import * as vscode from 'vscode';
import { asProblem, problem } from '../../shared/errors.ts';
import { Endpoint, type None } from '../../shared/protocol/rpc.ts';
import type {
  RunsAction,
  RunsChoice,
  RunsDocument,
  RunsEvents,
  RunsMethods,
} from '../../shared/protocol/runsProtocol.ts';
import type { RunsReport } from '../../shared/report/runsReport.ts';
import { runsViewType } from '../ids.ts';
import { savePng } from '../pairEditor/pageRequests.ts';
import { showPage } from '../webviewPage.ts';
import { exportRuns, type RunsFormat } from './exportRuns.ts';

/** Undefined when the user cancelled. */
type Compare = (choice: RunsChoice) => Promise<RunsReport | undefined>;

const formats: Record<Exclude<RunsAction, 'rerun'>, RunsFormat> = {
  exportJson: 'json',
  exportMarkdown: 'md',
  exportCsv: 'csv',
};

export class RunsPanels implements vscode.WebviewPanelSerializer {
  private readonly extensionUri: vscode.Uri;
  private readonly compare: Compare;

  constructor(extensionUri: vscode.Uri, compare: Compare) {
    this.extensionUri = extensionUri;
    this.compare = compare;
  }

  /** A new panel with a report that is there. */
  open(choice: RunsChoice, report: RunsReport): void {
    const panel = vscode.window.createWebviewPanel(runsViewType, titleOf(report), vscode.ViewColumn.Active);
    this.serve(panel, { choice, report, problem: null });
  }

  /** The editor was started again: the page is drawn at once, and the runs are compared anew. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, kept: unknown): Promise<void> {
    const choice = choiceOf(kept);
    if (choice === null) panel.dispose();
    else this.serve(panel, { choice, report: null, problem: null });
    return Promise.resolve();
  }

  private serve(panel: vscode.WebviewPanel, first: RunsDocument): void {
    let document = first;
    const endpoint = new Endpoint<None, RunsEvents, RunsMethods, None>({
      post: (message) => void panel.webview.postMessage(message),
      listen: (onMessage) => panel.webview.onDidReceiveMessage(onMessage),
    });
    const show = (next: RunsDocument): void => {
      document = next;
      if (next.report !== null) panel.title = titleOf(next.report);
      endpoint.emit('document', next);
    };
    const run = async (): Promise<void> => {
      const { choice } = document;
      show({ choice, report: null, problem: null });
      try {
        const report = await this.compare(choice);
        const cancelled = problem('cancelled', vscode.l10n.t('The comparison was cancelled.'));
        show(
          report === undefined
            ? { choice, report: null, problem: cancelled }
            : { choice, report, problem: null },
        );
      } catch (error) {
        show({ choice, report: null, problem: asProblem(error) });
      }
    };
    endpoint.serve('ready', () => document);
    endpoint.serve('act', async ({ action }) => {
      if (action === 'rerun') void run();
      else if (document.report !== null) await exportRuns(document.report, formats[action]);
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
    showPage(panel.webview, this.extensionUri, { name: 'runs', title: 'Three-Gate runs' });
    if (first.report === null) void run();
  }
}

function titleOf({ base, trajectories, runs }: RunsReport): string {
  const [only] = runs.length === 1 ? trajectories : [];
  return only === undefined
    ? vscode.l10n.t('Runs of {0}', base.label)
    : vscode.l10n.t('{0} over time', only.label);
}

/** What a page kept, as far as it is a choice. */
function choiceOf(kept: unknown): RunsChoice | null {
  if (typeof kept !== 'object' || kept === null || !('choice' in kept)) return null;
  const { choice } = kept;
  if (typeof choice !== 'object' || choice === null || !('basePath' in choice) || !('runPaths' in choice)) {
    return null;
  }
  const { basePath, runPaths } = choice;
  if (typeof basePath !== 'string' || !Array.isArray(runPaths)) return null;
  const paths = runPaths.filter((path): path is string => typeof path === 'string');
  return paths.length === 0 ? null : { basePath, runPaths: paths };
}
