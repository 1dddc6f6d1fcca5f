// A pair as what is asked of an engine: absolute paths, and its options over the settings.
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { asPath, resolveSide } from '../../node/disk/checkpointPath.ts';
import { unaskedRemoteBytes } from '../../shared/options/remoteReading.ts';
import type { Pair } from '../../shared/pairFile.ts';
import type { RunRequest } from '../../node/runs/pairRun.ts';
import { readOptions } from '../settings/readOptions.ts';
import { adHocScheme } from './pairLocation.ts';

interface PairRequestServices {
  cacheDirectory: string;
  /** Throws where a remote side may not be read. */
  requireRemote: (paths: readonly string[]) => Promise<void>;
}

/** Folder that the relative paths of a pair start from. */
export function pairDirectory({ scheme, fsPath }: vscode.Uri): string {
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '/';
  return scheme === adHocScheme || scheme === 'untitled' ? workspace : dirname(fsPath);
}

/** Throws `config-value` for a setting out of its range, and where a remote side may not be read. */
export async function pairRequest(
  pair: Pair,
  uri: vscode.Uri,
  { cacheDirectory, requireRemote }: PairRequestServices,
): Promise<RunRequest> {
  const directory = pairDirectory(uri);
  const [basePath, tunedPath] = await Promise.all([
    resolveSide(pair.base, directory),
    resolveSide(pair.tuned, directory),
  ]);
  await requireRemote([basePath, tunedPath]);
  return {
    basePath,
    tunedPath,
    remoteLimitBytes: unaskedRemoteBytes,
    configPaths: pair.config?.map((path) => asPath(path, directory)) ?? null,
    options: readOptions(uri, pair.options),
    cacheDirectory,
  };
}
