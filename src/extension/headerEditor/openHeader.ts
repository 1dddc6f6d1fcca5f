// Open Header…: of a checkpoint that is picked or named, here or elsewhere; of several in one place, one is chosen.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { isRemote, remoteName } from '../../engine/files/remoteAddress.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/text/format.ts';
import { describeCheckpoint } from '../../node/disk/knownCheckpoints.ts';
import { headerViewType } from '../ids.ts';
import { pickForHeader } from '../picker/pickPair.ts';
import type { RemoteReader } from '../remote/remoteReader.ts';
import { remoteOf } from '../remote/remotePlaces.ts';
import { remoteHeaderAddress } from './headerLocation.ts';

/** @param named an address or a model id, as a link passes it; anything else asks */
export async function openHeader(reader: RemoteReader, named: unknown): Promise<void> {
  const path = typeof named === 'string' ? (remoteOf(named) ?? named) : await pickForHeader();
  if (path === undefined) return;
  const uri = isRemote(path) ? await remoteHeader(reader, path) : await localHeader(path);
  if (uri === undefined) return;
  await vscode.commands.executeCommand('vscode.openWith', uri, headerViewType, { preview: false });
}

/** The file to look into; of shards their index, whose header view is that of the whole checkpoint. */
async function localHeader(path: string): Promise<vscode.Uri> {
  if (path.endsWith('.safetensors') || path.endsWith('.json')) return vscode.Uri.file(path);
  const files = (await describeCheckpoint(path))?.files ?? [];
  const [first] = files;
  if (first === undefined) {
    throw new ThreeGateError('not-found', vscode.l10n.t('{0} holds no header to show.', path));
  }
  return vscode.Uri.file(join(path, files.length === 1 ? first : 'model.safetensors.index.json'));
}

interface HeaderItem extends vscode.QuickPickItem {
  path: string;
}

async function remoteHeader(reader: RemoteReader, address: string): Promise<vscode.Uri | undefined> {
  const { checkpoints, files } = await reader.weightFiles(address);
  if (files.length === 0) {
    const message = vscode.l10n.t('{0} holds no weights that Three-Gate reads.', address);
    throw new ThreeGateError('not-a-checkpoint', message);
  }
  const whole = checkpoints.map((path): HeaderItem => {
    const inside = files.filter((file) => file.path.startsWith(`${path}/`));
    const bytes = inside.reduce((sum, file) => sum + file.bytes, 0);
    const description = vscode.l10n.t('{0} files, {1}', inside.length, formatBytes(bytes));
    return { label: `$(files) ${checkpointLabel(path)}`, description, detail: path, path };
  });
  const single = files.map(({ path, bytes }): HeaderItem => {
    return { label: `$(file) ${remoteName(path)}`, description: formatBytes(bytes), detail: path, path };
  });
  // A file that is all of a checkpoint is opened as that: what lies beside it is then read too.
  const [only] = [...whole, ...single];
  const chosen = files.length === 1 ? only : await chooseFrom([...whole, ...single]);
  return chosen === undefined ? undefined : vscode.Uri.from(remoteHeaderAddress(chosen.path));
}

function chooseFrom(items: HeaderItem[]): Thenable<HeaderItem | undefined> {
  return vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Open Header'),
    placeHolder: vscode.l10n.t('The whole checkpoint, or one of its files'),
    matchOnDetail: true,
  });
}
