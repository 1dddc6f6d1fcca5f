// Folders of the workspace that the explorer has entries for: those that hold a checkpoint, and those that hold shards.
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { scanForCheckpoints } from '../../engine/opening/scanForCheckpoints.ts';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';
import { planName, readPlan } from '../../node/shards/shardFolder.ts';
import { FolderKey } from './folderKey.ts';

/** The context keys of both. */
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
    new FolderKey({ key: 'shardFolders', pattern: `**/${planName}`, find: shardFolders }, log),
  );
}

async function checkpointFolders(): Promise<string[]> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const scans = await Promise.all(folders.map(({ uri }) => scanForCheckpoints(nodeFileSystem, uri.fsPath)));
  return scans
    .flatMap(({ found }) => found)
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
