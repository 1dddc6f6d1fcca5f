// Choosing a pair in two quick picks: the tuned checkpoint first, because it may name its base, which is then on top.
import * as vscode from 'vscode';
import { dirname, join } from 'node:path';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { resolveSide } from '../../node/disk/checkpointPath.ts';
import type { CheckpointInfo } from '../../shared/report/report.ts';
import {
  describeCheckpoint,
  findCheckpoints,
  type KnownCheckpoint,
} from '../../node/disk/knownCheckpoints.ts';
import type { RemoteReader } from '../remote/remoteReader.ts';
import { hubModelOf } from '../remote/remotePlaces.ts';
import { pickCheckpoint, type Named } from './pickCheckpoint.ts';

interface PickedPair {
  base: string;
  tuned: string;
}

/** Undefined when the user gave up. */
export async function pickPair(reader: RemoteReader): Promise<PickedPair | undefined> {
  const known = knownCheckpoints();
  const tuned = await pickCheckpoint(known, {
    title: vscode.l10n.t('Analyze Checkpoint Pair (1/2)'),
    placeholder: vscode.l10n.t('The tuned checkpoint: of this machine, or a model id of the Hub'),
  });
  if (tuned === undefined) return undefined;
  const base = await pickOther(tuned, 'base', reader, known);
  return base === undefined ? undefined : { base, tuned };
}

/** Picks one checkpoint of this machine; undefined when the user gave up. */
export function pickOne(title: string, placeholder: string): Promise<string | undefined> {
  return pickCheckpoint(knownCheckpoints(), { title, placeholder, onlyHere: true });
}

/** Picks the checkpoint whose header is shown; undefined when the user gave up. */
export function pickForHeader(): Promise<string | undefined> {
  return pickCheckpoint(knownCheckpoints(), {
    title: vscode.l10n.t('Open Header'),
    placeholder: vscode.l10n.t(
      'A checkpoint of this machine, or a model id or address that is read from there',
    ),
  });
}

/** Picks the partner of a checkpoint that is already known. Of one that lies elsewhere, what names its base is read. */
export async function pickOther(
  path: string,
  wanted: 'base' | 'tuned',
  reader: RemoteReader,
  known = knownCheckpoints(),
): Promise<string | undefined> {
  const info = wanted === 'base' ? await infoOf(path, reader) : null;
  const named = info === null ? [] : await namedBases(info, await known);
  return pickCheckpoint(known, {
    title: vscode.l10n.t('Analyze Checkpoint Pair (2/2)'),
    placeholder:
      wanted === 'base'
        ? vscode.l10n.t('The base of {0}', checkpointLabel(path))
        : vscode.l10n.t('The checkpoint tuned from {0}', checkpointLabel(path)),
    first: named,
    without: path,
  });
}

function knownCheckpoints(): Promise<KnownCheckpoint[]> {
  return findCheckpoints((vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath));
}

async function infoOf(path: string, reader: RemoteReader): Promise<CheckpointInfo | null> {
  return isRemote(path) ? (await reader.listing(path)).info : await describeCheckpoint(path);
}

/** The base that a checkpoint names: where it is on this machine, and where the Hub may have it. */
async function namedBases(info: CheckpointInfo, known: KnownCheckpoint[]): Promise<Named[]> {
  if (info.namedBase === null) return [];
  const { name, from } = info.namedBase;
  const here = await baseHere(info.path, name, known);
  const remote = hubModelOf(name);
  const isOther = remote !== null && remote !== info.path;
  return [
    ...(here === null ? [] : [{ path: here, note: vscode.l10n.t('named in {0}', from) }]),
    ...(isOther ? [{ path: remote, note: vscode.l10n.t('named in {0}, on the Hub', from) }] : []),
  ];
}

async function baseHere(own: string, name: string, known: KnownCheckpoint[]): Promise<string | null> {
  const workspaces = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  // A relative path was written by a training script, whose directory nobody knows: try the likely ones.
  const likely = isRemote(own) ? workspaces : [own, dirname(own), ...workspaces];
  for (const directory of likely) {
    const path = await resolveSide(name, directory);
    if (path !== own && (await describeCheckpoint(path)) !== null) return path;
  }
  const ending = join('/', name.replaceAll('\\', '/')).replace(/^(?:\/\.\.)+/, '');
  const match = known.find(
    ({ path, label }) => path.replaceAll('\\', '/').endsWith(ending) || label === name,
  );
  return match?.path ?? null;
}
