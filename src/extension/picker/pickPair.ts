// Choosing a pair in two quick picks: the tuned checkpoint first, because it may name its base, which is then on top.
import * as vscode from 'vscode';
import { dirname, join } from 'node:path';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import type { CheckpointInfo } from '../../shared/report/report.ts';
import {
  describeCheckpoint,
  findCheckpoints,
  holdsWeights,
  summarizeCheckpoint,
  type KnownCheckpoint,
} from '../checkpoints.ts';
import { formatAddress, isRemote, parseRemoteAddress } from '../../engine/files/remoteAddress.ts';
import { resolveSide } from '../../node/disk/checkpointPath.ts';

interface CheckpointItem extends vscode.QuickPickItem {
  /** Absolute; null for the entry that browses. */
  path: string | null;
  /** What was typed, which lies elsewhere. */
  remote?: true;
}

interface PickedPair {
  base: string;
  tuned: string;
}

/** Undefined when the user gave up. */
export async function pickPair(): Promise<PickedPair | undefined> {
  const known = findCheckpoints(vscode.workspace.workspaceFolders ?? []);
  const tuned = await pickCheckpoint(known, {
    title: vscode.l10n.t('Analyze Checkpoint Pair (1/2)'),
    placeholder: vscode.l10n.t('The tuned checkpoint'),
    first: null,
    without: null,
  });
  if (tuned === undefined) return undefined;
  const base = await pickOther(tuned, 'base', known);
  return base === undefined ? undefined : { base, tuned };
}

/** Picks one checkpoint; undefined when the user gave up. */
export function pickOne(title: string, placeholder: string): Promise<string | undefined> {
  const known = findCheckpoints(vscode.workspace.workspaceFolders ?? []);
  return pickCheckpoint(known, { title, placeholder, first: null, without: null, onlyHere: true });
}

/** Picks the partner of a checkpoint that is already known. */
export async function pickOther(
  path: string,
  wanted: 'base' | 'tuned',
  known = findCheckpoints(vscode.workspace.workspaceFolders ?? []),
): Promise<string | undefined> {
  const info = wanted === 'base' ? await describeCheckpoint(path) : null;
  const named = info === null ? null : await namedBase(info, await known);
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

interface Named {
  path: string;
  /** `named in config.json` */
  note: string;
}

/** The base that a checkpoint names, where it is on this machine. */
async function namedBase(info: CheckpointInfo, known: KnownCheckpoint[]): Promise<Named | null> {
  if (info.namedBase === null) return null;
  const { name, from } = info.namedBase;
  const note = vscode.l10n.t('named in {0}', from);
  const workspaces = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  // A relative path was written by a training script, whose directory nobody knows: try the likely ones.
  for (const directory of [info.path, dirname(info.path), ...workspaces]) {
    const path = await resolveSide(name, directory);
    if (path !== info.path && (await describeCheckpoint(path)) !== null) return { path, note };
  }
  const ending = join('/', name.replaceAll('\\', '/')).replace(/^(?:\/\.\.)+/, '');
  const match = known.find(
    ({ path, label }) => path.replaceAll('\\', '/').endsWith(ending) || label === name,
  );
  return match === undefined ? null : { path: match.path, note };
}

interface PickOptions {
  title: string;
  placeholder: string;
  first: Named | null;
  without: string | null;
  /** Whether what lies elsewhere is of no use. */
  onlyHere?: boolean;
}

async function pickCheckpoint(
  known: Promise<KnownCheckpoint[]>,
  { title, placeholder, first, without, onlyHere = false }: PickOptions,
): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<CheckpointItem>();
  Object.assign(pick, { title, placeholder, matchOnDescription: true, matchOnDetail: true, busy: true });
  if (!onlyHere) {
    pick.onDidChangeValue((text) => {
      offerRemote(pick, text);
    });
  }
  const accepted = new Promise<CheckpointItem | undefined>((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
    });
    pick.onDidHide(() => {
      resolve(undefined);
    });
  });
  pick.show();
  let open = true;
  void fill(pick, await known, { first, without }, () => open);
  const item = await accepted;
  open = false;
  pick.dispose();
  if (item === undefined) return undefined;
  return item.path ?? browse(title);
}

/** What was typed, where it names a checkpoint that lies elsewhere. */
function offerRemote(pick: vscode.QuickPick<CheckpointItem>, text: string): void {
  const others = pick.items.filter(({ remote }) => remote !== true);
  const path = remoteOf(text.trim());
  if (path === null) {
    if (others.length < pick.items.length) pick.items = others;
    return;
  }
  const item: CheckpointItem = {
    label: `$(cloud) ${checkpointLabel(path)}`,
    description: vscode.l10n.t('read from where it lies'),
    detail: path,
    path,
    alwaysShow: true,
    remote: true,
  };
  // Last: what lies here and matches comes first.
  pick.items = [...others, item];
}

/** The address that a text means: written as one, or a model id of the Hub. */
function remoteOf(text: string): string | null {
  const written = isRemote(text) ? text : /^[\w.-]+\/[\w.-]+(?:@\S+)?$/.test(text) ? `hf://${text}` : null;
  try {
    const address = written === null ? null : parseRemoteAddress(written);
    // Without a query: it may hold a signature, and what is picked is kept in the pair.
    return address === null ? null : formatAddress(address);
  } catch {
    return null;
  }
}

/** Shows the names at once and what each is as the headers are read. */
async function fill(
  pick: vscode.QuickPick<CheckpointItem>,
  known: KnownCheckpoint[],
  { first, without }: Pick<PickOptions, 'first' | 'without'>,
  isOpen: () => boolean,
): Promise<void> {
  const rest = known.filter(({ path }) => path !== without && path !== first?.path);
  const items: CheckpointItem[] = rest.map(({ path, label }) => ({ label, detail: path, path }));
  if (first !== null) {
    const label = `$(star-full) ${checkpointLabel(first.path)}`;
    items.unshift({ label, description: first.note, detail: first.path, path: first.path });
  }
  const withoutWeights = new Set<CheckpointItem>();
  const show = (): void => {
    const shown = items.filter((item) => !withoutWeights.has(item));
    const firstCached = shown.findIndex(({ path }) =>
      known.some((one) => one.path === path && one.place === 'cache'),
    );
    if (firstCached > 0) {
      const label = vscode.l10n.t('Hugging Face cache');
      shown.splice(firstCached, 0, { label, kind: vscode.QuickPickItemKind.Separator, path: null });
    }
    const active = pick.activeItems[0]?.path;
    const typed = pick.items.filter(({ remote }) => remote === true);
    pick.items = [
      ...shown,
      { label: `$(folder-opened) ${vscode.l10n.t('Browse…')}`, path: null, alwaysShow: true },
      ...typed,
    ];
    const again = pick.items.find(({ path }) => path !== null && path === active);
    if (again !== undefined) pick.activeItems = [again];
  };
  show();
  for (const [index, item] of items.entries()) {
    if (!isOpen()) return;
    const info = item.path === null ? null : await describeCheckpoint(item.path);
    if (info === null) continue;
    if (!holdsWeights(info)) {
      withoutWeights.add(item);
      continue;
    }
    const summary = summarizeCheckpoint(info);
    items[index] = {
      ...item,
      description: item.description === undefined ? summary : `${item.description} · ${summary}`,
    };
  }
  if (!isOpen()) return;
  show();
  pick.busy = false;
}

async function browse(title: string): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    canSelectFiles: true,
    canSelectFolders: true,
    filters: { safetensors: ['safetensors', 'json'] },
  });
  return chosen?.[0]?.fsPath;
}
