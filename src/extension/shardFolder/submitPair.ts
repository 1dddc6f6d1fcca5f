// Submit to Slurm…: a pair as shards of a job array, as `three-gate submit` does it, with the options of the pair and of the settings.
import { join, posix } from 'node:path';
import * as vscode from 'vscode';
import { hasScheduler } from '../../node/cluster/scheduler.ts';
import type { ClusterJob } from '../../node/cluster/scripts.ts';
import { submitMissing, writeScripts } from '../../node/cluster/submit.ts';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import { argumentsOf, optionsWithFlags } from '../../shared/options/analysisArguments.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import { parsePair } from '../../shared/pairFile.ts';
import type { CommandServices } from '../commands/commandServices.ts';
import { withEngine } from '../commands/withEngine.ts';
import { pairDirectory, pairRequest } from '../pairs/pairRequest.ts';
import type { RunRequest } from '../../node/runs/pairRun.ts';
import { askSlurm } from './askSlurm.ts';
import { openShardFolder } from './openShardFolder.ts';
import { requireTrust, tellSubmitted } from './submitMissing.ts';

/**
 * Rejects with `usage` in Restricted Mode, `scheduler` where Slurm is not here or takes no job, and `shard-refused` where the
 * folder is of another plan.
 * @param uri of the pair
 */
export async function submitPair(services: CommandServices, uri: vscode.Uri): Promise<void> {
  requireTrust();
  if (!(await hasScheduler(process.env))) {
    const message = vscode.l10n.t(
      'There is no sbatch on the path of this machine. Open the folder on a login node of the cluster, or run "three-gate submit" there.',
    );
    throw new ThreeGateError('scheduler', message);
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const name = posix.basename(uri.path);
  const request = await pairRequest(parsePair(document.getText(), name), uri, {
    cacheDirectory: services.cacheDirectory,
    requireRemote: (paths) => services.remote.consent.require(paths),
  });
  const folder = `${name.replace(/\.threegate$/u, '').replaceAll(/[^\w.-]+/g, '-')}-shards`;
  const answers = await askSlurm(join(pairDirectory(uri), folder));
  if (answers === undefined) return;
  const { directory, shards, wishes } = answers;
  const options = optionsWithFlags(request.options);
  const job = clusterJob(services, request, { directory, shards, options });
  try {
    const submitted = await submitMissing(directory, process.env, async () => {
      await plan(services, job, options);
      await writeScripts(job, wishes);
    });
    await openShardFolder(vscode.Uri.file(directory));
    await tellSubmitted(directory, submitted, leftOut(request.options, options));
  } catch (error) {
    if (asProblem(error).code !== 'cancelled') throw error;
  }
}

/** Tasks run this extension's own command line, as the plan is of its version, on the Node.js of the editor. */
function clusterJob(
  { extensionUri }: CommandServices,
  { basePath, tunedPath, configPaths }: RunRequest,
  { directory, shards, options }: { directory: string; shards: number; options: AnalysisOptions },
): ClusterJob {
  const cli = vscode.Uri.joinPath(extensionUri, 'dist', 'cli.cjs').fsPath;
  return {
    directory,
    basePath,
    tunedPath,
    shards,
    // In desktop VS Code the executable is Electron, which is Node.js where it is told to be.
    program: ['env', 'ELECTRON_RUN_AS_NODE=1', process.execPath, cli],
    analyzeArguments: argumentsOf(options),
    mergeArguments: configPaths === null ? [] : ['--config', ...configPaths],
  };
}

/** Rejects with `cancelled` when the user gave up. */
async function plan(services: CommandServices, job: ClusterJob, options: AnalysisOptions): Promise<void> {
  const { basePath, tunedPath, directory, shards } = job;
  const title = vscode.l10n.t('Planning {0} shards', shards);
  const planned = await withEngine(services, title, (engine, _, signal) =>
    engine.planShards({ basePath, tunedPath, options, shards, directory }, signal),
  );
  if (planned === undefined) throw new ThreeGateError('cancelled', 'Nothing was submitted.');
}

/** What the tasks are not told, in a sentence; null where that is nothing. */
function leftOut({ thresholds }: AnalysisOptions, passed: AnalysisOptions): string | null {
  if (JSON.stringify(thresholds) === JSON.stringify(passed.thresholds)) return null;
  return vscode.l10n.t('The merged report is judged by the default thresholds, not by those of this pair.');
}
