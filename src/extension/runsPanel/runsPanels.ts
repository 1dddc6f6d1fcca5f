// The panels that show several runs, or one run over time: opened with a report, or brought back by the editor after a
// restart, when what the page kept says what to compare again.
import * as vscode from 'vscode';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
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
import type { FollowedPage } from './followedPage.ts';
import { exportRuns, type RunsFormat } from './exportRuns.ts';

/** Undefined when the user cancelled. */
type Compare = (choice: RunsChoice) => Promise<RunsReport | undefined>;

/** Fills a page until the run ends or the signal aborts; what goes wrong is shown there. */
type FollowRun = (choice: RunsChoice, page: FollowedPage, signal: AbortSignal) => Promise<void>;

const formats: Record<Exclude<RunsAction, 'rerun'>, RunsFormat> = {
  exportJson: 'json',
  exportMarkdown: 'md',
  exportCsv: 'csv',
};

export class RunsPanels implements vscode.WebviewPanelSerializer {
  private readonly extensionUri: vscode.Uri;
  private readonly compare: Compare;
  private readonly followRun: FollowRun;

  constructor(extensionUri: vscode.Uri, compare: Compare, followRun: FollowRun) {
    this.extensionUri = extensionUri;
    this.compare = compare;
    this.followRun = followRun;
  }

  /** A new panel with a report that is there. */
  open(choice: RunsChoice, report: RunsReport): void {
    const panel = vscode.window.createWebviewPanel(runsViewType, titleOf(report), vscode.ViewColumn.Active);
    this.serve(panel, { choice, report, problem: null });
  }

  /** A new panel that fills as the steps of a run come. */
  follow(choice: RunsChoice): void {
    const title = liveTitle(choice);
    const panel = vscode.window.createWebviewPanel(runsViewType, title, vscode.ViewColumn.Active);
    this.serve(panel, { choice, report: null, problem: null });
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
    const closed = new AbortController();
    const show = (next: RunsDocument): void => {
      document = next;
      if (next.choice.follow !== undefined) panel.title = liveTitle(next.choice);
      else if (next.report !== null) panel.title = titleOf(next.report);
      endpoint.emit('document', next);
    };
    const following: FollowedPage = {
      show,
      say: (text) => {
        document = { ...document, following: text };
        endpoint.emit('following', { text });
      },
      reveal: () => {
        panel.reveal();
      },
    };
    const run = async (): Promise<void> => {
      const { choice } = document;
      if (choice.follow !== undefined) {
        await this.followRun(choice, following, closed.signal);
        return;
      }
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
      closed.abort();
      endpoint.close(problem('cancelled', 'The editor was closed.'));
    });
    showPage(panel.webview, this.extensionUri, { name: 'runs', title: 'Three-Gate runs' });
    if (first.report === null) void run();
  }
}

function liveTitle({ runPaths: [path = ''] }: RunsChoice): string {
  return vscode.l10n.t('{0}, live', checkpointLabel(path));
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
  if (paths.length === 0) return null;
  const follow = 'follow' in choice ? followOf(choice.follow) : null;
  return { basePath, runPaths: paths, ...(follow !== null && { follow }) };
}

function followOf(kept: unknown): { limits: string | null } | null {
  if (typeof kept !== 'object' || kept === null) return null;
  return { limits: 'limits' in kept && typeof kept.limits === 'string' ? kept.limits : null };
}
