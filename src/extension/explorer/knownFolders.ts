// Folders of the workspace that the explorer has entries for: those that hold a checkpoint, a run, or shards.
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { scanForCheckpoints } from '../../engine/opening/scanForCheckpoints.ts';
import { runFolderOf } from '../../node/disk/knownCheckpoints.ts';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';
import { planName, readPlan } from '../../node/shards/shardFolder.ts';
import { FolderKey } from './folderKey.ts';

/** The context keys of all. */
export function knownFolders(log: vscode.LogOutputChannel): vscode.Disposable {
  return vscode.Disposable.from(
    new FolderKey(
      {
        key: 'checkpointFolders',
        pattern: '**/*.{safetensors,safetensors.index.json}',
        find: checkpointFolders,
      },
      log,
    ),
    new FolderKey({ key: 'runFolders', pattern: '**/*.safetensors', find: runFolders }, log),
    new FolderKey({ key: 'shardFolders', pattern: `**/${planName}`, find: shardFolders }, log),
  );
}

/** Those that hold a checkpoint by step. */
async function runFolders(): Promise<string[]> {
  const found = await scanned();
  return [...new Set(found.flatMap(({ path }) => runFolderOf(path) ?? []))];
}

async function scanned(): Promise<Awaited<ReturnType<typeof scanForCheckpoints>>['found']> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const scans = await Promise.all(folders.map(({ uri }) => scanForCheckpoints(nodeFileSystem, uri.fsPath)));
  return scans.flatMap(({ found }) => found);
}

async function checkpointFolders(): Promise<string[]> {
  return (await scanned())
    .filter(({ kind }) => kind !== 'file' && kind !== 'adapter')
    .map(({ path }) => path);
}

/** Most plans that are looked at. */
const mostPlans = 200;

/** Other tools name their files so too: a plan is one that can be read as such. */
async function shardFolders(): Promise<string[]> {
  const plans = await vscode.workspace.findFiles(`**/${planName}`, '**/node_modules/**', mostPlans);
  const directories = plans.map(({ fsPath }) => dirname(fsPath));
  const read = await Promise.allSettled(directories.map(readPlan));
  return directories.filter((_, index) => read[index]?.status === 'fulfilled');
}
