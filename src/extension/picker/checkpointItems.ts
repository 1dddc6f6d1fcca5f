// Checkpoints of this machine as rows of a quick pick, each with what it is.
import type * as vscode from 'vscode';
import {
  describeCheckpoint,
  holdsWeights,
  summarizeCheckpoint,
  type KnownCheckpoint,
} from '../../node/disk/knownCheckpoints.ts';

export interface CheckpointItem extends vscode.QuickPickItem {
  path: string;
}

/** Those that hold weights. */
export async function checkpointItems(known: readonly KnownCheckpoint[]): Promise<CheckpointItem[]> {
  const described = await Promise.all(
    known.map(async ({ path, label }): Promise<CheckpointItem[]> => {
      const info = await describeCheckpoint(path);
      return info === null || !holdsWeights(info)
        ? []
        : [{ label, description: summarizeCheckpoint(info), detail: path, path }];
    }),
  );
  return described.flat();
}
