// One open panel of a folder of shards: follows the folder, and shows the merged report of the shards that are there.
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { EngineApi } from '../../node/engine/engineApi.ts';
import { surviving } from '../../node/engine/surviving.ts';
import { isWhole, readClusterState, type ClusterState } from '../../node/cluster/clusterState.ts';
import { canSubmitFrom } from '../../node/cluster/scheduler.ts';
import { asProblem, type Problem } from '../../shared/errors.ts';
import type { PanelShards } from '../../shared/protocol/panelProtocol.ts';
import type { Report } from '../../shared/report/report.ts';
import { ReportPage, type ReportOnPage, type ReportPageServices } from '../reportEditor/reportPage.ts';
import { Follower } from './follower.ts';
import { doneShards, shownShards } from './shownShards.ts';

export interface ShardServices extends ReportPageServices {
  createEngine: () => EngineApi;
  /** Rejects where a remote side may not be read. */
  requireRemote: (paths: readonly string[]) => Promise<void>;
  /** Submits what is missing, and says what came of it. */
  submitMissing: (directory: string) => Promise<void>;
}

/** What the last merge came to: of which shards, what was wrong with some, and why it gave no report. */
interface Merged {
  numbers: readonly number[];
  damaged: readonly string[];
  fault: Problem | null;
}

const pollMs = 4000;

export class ShardSession implements ReportOnPage {
  report: Report | null = null;
  fault: Problem | null = null;
  shards: PanelShards = { line: '', lead: 'Opening…', failures: [], notes: [], canSubmit: false };
  private readonly directory: string;
  private readonly page: ReportPage;
  private readonly follower = new Follower(() => this.look(), pollMs);
  private readonly ended = new AbortController();
  private subscriptions: vscode.Disposable[] = [];
  private merged: Merged = { numbers: [], damaged: [], fault: null };

  /** @param uri a file of the folder */
  constructor(
    readonly uri: vscode.Uri,
    private readonly panel: vscode.WebviewPanel,
    private readonly services: ShardServices,
  ) {
    this.directory = dirname(uri.fsPath);
    this.page = new ReportPage(panel, services, this, () => this.submitMissing());
  }

  open(): void {
    const { panel } = this;
    const pattern = new vscode.RelativePattern(vscode.Uri.file(this.directory), '*.{results,json}');
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const changed = (): void => {
      this.follower.changed();
    };
    const follow = (): void => {
      this.follower.show(panel.visible);
    };
    this.subscriptions = [
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidChange(changed),
      watcher.onDidDelete(changed),
      panel.onDidChangeViewState(follow),
      panel.onDidDispose(() => {
        this.dispose();
      }),
    ];
    this.page.open();
    follow();
  }

  private dispose(): void {
    this.follower.show(false);
    this.ended.abort();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private async submitMissing(): Promise<void> {
    await this.services.submitMissing(this.directory);
    this.follower.changed();
  }

  private async look(): Promise<boolean> {
    const before = this.fault;
    try {
      const state = await readClusterState(this.directory, process.env);
      const canSubmit = vscode.workspace.isTrusted && (await canSubmitFrom(this.directory, process.env));
      const numbers = doneShards(state);
      const isNew = numbers.join() !== this.merged.numbers.join();
      this.shards = shownShards(state, this.merged.damaged, canSubmit);
      this.page.refreshState();
      if (isNew) this.merged = await this.merge(state, numbers);
      this.fault = this.merged.fault;
      this.shards = shownShards(state, this.merged.damaged, canSubmit);
      if (isNew || before !== this.fault) this.page.refresh();
      return isWhole(state);
    } catch (error) {
      this.fault = asProblem(error);
      this.page.refresh();
      return false;
    }
  }

  private async merge({ facts }: ClusterState, numbers: number[]): Promise<Merged> {
    const [basePath, tunedPath] = [facts.base.path, facts.tuned.path];
    if (numbers.length === 0) {
      this.report = null;
      return { numbers, damaged: [], fault: null };
    }
    const engine = surviving(this.services.createEngine());
    try {
      await this.services.requireRemote([basePath, tunedPath]);
      const request = { directory: this.directory, configPaths: null, basePath, tunedPath };
      const { report, damaged } = await engine.mergeShards(request, this.ended.signal);
      this.report = report;
      return { numbers, damaged: damaged.map(({ message }) => message), fault: null };
    } catch (error) {
      return { numbers, damaged: [], fault: asProblem(error) };
    } finally {
      engine.dispose();
    }
  }
}
