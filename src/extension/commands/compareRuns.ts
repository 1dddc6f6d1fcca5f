// Compare Runs…: a base and the checkpoints tuned from it (or one run's folder), and the result as a document.
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { findCheckpoints } from '../checkpoints.ts';
import { pickOne } from '../picker/pickPair.ts';
import { readOptions } from '../settings/readOptions.ts';
import type { CommandServices } from './commandServices.ts';
import { showRunsReport } from './runsDocument.ts';
import { withEngine } from './withEngine.ts';

export async function compareRuns(services: CommandServices): Promise<void> {
  const title = vscode.l10n.t('Compare Runs');
  const basePath = await pickOne(title, vscode.l10n.t('The base checkpoint'));
  if (basePath === undefined) return;
  const runPaths = await pickRuns(title, basePath);
  if (runPaths === undefined || runPaths.length === 0) return;
  const { rank, alpha, eta, engine, threads, useCache } = readOptions(vscode.Uri.file(basePath), {});
  const request = {
    basePath,
    runPaths,
    eta,
    match: null,
    followSteps: false,
    analysis: { rank, alpha, engine, threads },
    cacheDirectory: useCache ? services.cacheDirectory : null,
  };
  const report = await withEngine(services, title, (started, onProgress, signal) =>
    started.compareRuns(request, onProgress, signal),
  );
  if (report !== undefined) await showRunsReport(report);
}

/** Several checkpoints, or the folder of one run: its checkpoints by step. */
async function pickRuns(title: string, basePath: string): Promise<string[] | undefined> {
  const known = await findCheckpoints(vscode.workspace.workspaceFolders ?? []);
  const tuned = known.filter(({ path }) => path !== basePath);
  const stepFolders = tuned.filter(({ path }) => /[-_]\d+$/.test(path)).map(({ path }) => dirname(path));
  const folders = [...new Set(stepFolders)].filter((path) => !tuned.some((one) => one.path === path));
  const items = [
    ...tuned.map(({ path, label }) => ({ label, detail: path, path })),
    ...folders.map((path) => ({
      label: checkpointLabel(path),
      description: vscode.l10n.t('over its checkpoints'),
      detail: path,
      path,
    })),
  ];
  const placeHolder = vscode.l10n.t('Two or more tuned checkpoints, or one run over its checkpoints');
  const chosen = await vscode.window.showQuickPick(items, { title, placeHolder, canPickMany: true });
  return chosen?.map(({ path }) => path);
}
