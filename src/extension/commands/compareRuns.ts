// Compare Runs…: a base and the checkpoints tuned from it (or one run's folder), and a panel of what they have in common.
import * as vscode from 'vscode';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import type { RunsChoice } from '../../shared/protocol/runsProtocol.ts';
import type { RunsReport } from '../../shared/report/runsReport.ts';
import { findCheckpoints, runFolderOf } from '../../node/disk/knownCheckpoints.ts';
import { checkpointItems, type CheckpointItem } from '../picker/checkpointItems.ts';
import { pickOne } from '../picker/pickPair.ts';
import type { RunsPanels } from '../runsPanel/runsPanels.ts';
import { readOptions } from '../settings/readOptions.ts';
import type { CommandServices } from './commandServices.ts';
import { withEngine } from './withEngine.ts';

export async function compareRuns(services: CommandServices, panels: RunsPanels): Promise<void> {
  const title = vscode.l10n.t('Compare Runs');
  const basePath = await pickOne(title, vscode.l10n.t('The base checkpoint'));
  if (basePath === undefined) return;
  const runPaths = await pickRuns(title, basePath);
  if (runPaths === undefined || runPaths.length === 0) return;
  const choice = { basePath, runPaths };
  const report = await runComparison(services, choice);
  if (report !== undefined) panels.open(choice, report);
}

/** Undefined when the user cancelled. */
export function runComparison(
  services: CommandServices,
  { basePath, runPaths }: RunsChoice,
): Promise<RunsReport | undefined> {
  const { rank, alpha, eta, engine, threads, useCache, cacheGigabytes, remoteCacheGigabytes } = readOptions(
    vscode.Uri.file(basePath),
    {},
  );
  const request = {
    basePath,
    runPaths,
    eta,
    match: null,
    followSteps: false,
    directions: true,
    analysis: { rank, alpha, engine, threads, cacheGigabytes, remoteCacheGigabytes },
    cacheDirectory: useCache ? services.cacheDirectory : null,
    remoteLimitBytes: null,
  };
  return withEngine(services, vscode.l10n.t('Compare Runs'), (started, onEvent, signal) =>
    started.compareRuns(request, onEvent, signal),
  );
}

/** Several checkpoints, or the folder of one run: its checkpoints by step. */
async function pickRuns(title: string, basePath: string): Promise<string[] | undefined> {
  const placeHolder = vscode.l10n.t('Two or more tuned checkpoints, or one run over its checkpoints');
  const chosen = await vscode.window.showQuickPick(runItems(basePath), {
    title,
    placeHolder,
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen?.map(({ path }) => path);
}

async function runItems(basePath: string): Promise<CheckpointItem[]> {
  const known = await findCheckpoints((vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath));
  const tuned = known.filter(({ path }) => path !== basePath);
  const described = await checkpointItems(tuned);
  const folders = [...new Set(tuned.flatMap(({ path }) => runFolderOf(path) ?? []))].map((path) => ({
    label: checkpointLabel(path),
    description: vscode.l10n.t('over its checkpoints'),
    detail: path,
    path,
  }));
  // A folder that also has weights of its own is one run either way: alone it is followed, among others compared.
  const own = described.filter(({ path }) => !folders.some((folder) => folder.path === path));
  return [...folders, ...own];
}
