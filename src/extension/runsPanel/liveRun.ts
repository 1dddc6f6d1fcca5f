// A run that is followed in a panel: its steps become the panel's report, its news notifications.
import * as vscode from 'vscode';
import { describeCheckpoint } from '../../node/disk/knownCheckpoints.ts';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';
import { readLimits } from '../../node/disk/readLimits.ts';
import { surviving } from '../../node/engine/surviving.ts';
import { followedReport } from '../../node/follow/followedReport.ts';
import { followLive, type FollowEvent } from '../../node/follow/followLive.ts';
import type { FollowRequest } from '../../node/follow/followRequest.ts';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import type { FollowedStep } from '../../shared/report/followedStep.ts';
import type { CheckpointInfo } from '../../shared/report/report.ts';
import type { RunsChoice } from '../../shared/protocol/runsProtocol.ts';
import { progressText } from '../../shared/text/progressText.ts';
import type { CommandServices } from '../commands/commandServices.ts';
import { readOptions } from '../settings/readOptions.ts';
import type { FollowedPage } from './followedPage.ts';

const intervalMs = 5000;
/** The training goes first. */
const niceness = 10;
/** Progress is said at most so often. */
const sayMs = 250;

type Services = Pick<CommandServices, 'createEngine' | 'cacheDirectory'>;

/** Ends when the signal aborts; what goes wrong is shown in the page. */
export async function liveRun(
  { createEngine, cacheDirectory }: Services,
  choice: RunsChoice,
  page: FollowedPage,
  signal: AbortSignal,
): Promise<void> {
  const engine = surviving(createEngine());
  let shown: RunsPage | null = null;
  try {
    page.show({ choice, report: null, problem: null, following: vscode.l10n.t('Opening the base…') });
    const request = await requestOf(choice, cacheDirectory);
    const base = await baseOf(choice);
    const live = new RunsPage(page, choice, request, base);
    shown = live;
    const ports = { engine, files: nodeFileSystem };
    await followLive(
      request,
      ports,
      (event) => {
        live.hear(event);
      },
      signal,
    );
  } catch (error) {
    if (!signal.aborted) page.show({ choice, report: shown?.report ?? null, problem: asProblem(error) });
  } finally {
    engine.dispose();
  }
}

async function requestOf(
  { basePath, runPaths, follow }: RunsChoice,
  cacheDirectory: string,
): Promise<FollowRequest> {
  const limits = follow?.limits ?? null;
  return {
    runPath: runPaths[0] ?? '',
    basePath,
    options: readOptions(vscode.Uri.file(basePath), {}),
    configPaths: null,
    cacheDirectory,
    limits: limits === null ? null : await readLimits(limits),
    ...{ intervalMs, niceness, once: false, until: null, idleMs: null, jsonl: null, tensorboard: null },
  };
}

async function baseOf({ basePath }: RunsChoice): Promise<CheckpointInfo> {
  const info = await describeCheckpoint(basePath);
  if (info !== null) return info;
  const message = vscode.l10n.t('{0} is no checkpoint of this machine.', basePath);
  throw new ThreeGateError('not-a-checkpoint', message, { file: basePath });
}

/** The panel's document as the steps make it. */
class RunsPage {
  private readonly steps = new Map<string, FollowedStep>();
  private run: CheckpointInfo | null = null;
  private saidMs = 0;

  constructor(
    private readonly page: FollowedPage,
    private readonly choice: RunsChoice,
    private readonly request: FollowRequest,
    private readonly base: CheckpointInfo,
  ) {
    page.show({ choice, report: null, problem: null, following: this.waits });
  }

  get report(): ReturnType<typeof followedReport> | null {
    if (this.steps.size === 0) return null;
    const { base, run, request } = this;
    const steps = [...this.steps.values()];
    return followedReport({ runPath: request.runPath, base, run, steps, eta: request.options.eta });
  }

  private get waits(): string {
    return vscode.l10n.t('Waiting for the next checkpoint.');
  }

  hear(event: FollowEvent): void {
    switch (event.kind) {
      case 'step':
        this.steps.set(String(event.step.step ?? event.step.point.path), event.step);
        void this.draw(event.step.point.path);
        if (!event.isKnown && event.news.length > 0) void this.notify(event.step, event.news);
        return;
      case 'waiting':
        this.page.say(
          vscode.l10n.t('{0} is not complete, and is waited for: {1}', event.label, event.reason),
        );
        return;
      case 'lost':
        this.page.say(vscode.l10n.t('{0} went or changed while it was read.', event.label));
        return;
      case 'analysis':
        this.sayProgress(event);
    }
  }

  private sayProgress({ event, label }: Extract<FollowEvent, { kind: 'analysis' }>): void {
    if (event.kind !== 'progress' || performance.now() - this.saidMs < sayMs) return;
    this.saidMs = performance.now();
    this.page.say(`${label}: ${progressText({ ...event.progress, current: null }).trim()}`);
  }

  private async draw(path: string): Promise<void> {
    this.run = (await describeCheckpoint(path)) ?? this.run;
    this.page.show({ choice: this.choice, report: this.report, problem: null, following: this.waits });
  }

  private async notify({ limits, point }: FollowedStep, news: readonly string[]): Promise<void> {
    const text = `${point.label}: ${news.join('; ')}.`;
    const show = vscode.l10n.t('Show');
    const say =
      (limits?.broken ?? 0) > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    if ((await say(text, show)) === show) this.page.reveal();
  }
}
