// The quick pick of one checkpoint: what is on this machine, with what each is, and what is typed and lies elsewhere.
import * as vscode from 'vscode';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import {
  describeCheckpoint,
  holdsWeights,
  summarizeCheckpoint,
  type KnownCheckpoint,
} from '../../node/disk/knownCheckpoints.ts';
import { placeOf, remoteOf } from '../remote/remotePlaces.ts';

interface CheckpointItem extends vscode.QuickPickItem {
  /** Absolute, or an address; null for the entry that browses. */
  path: string | null;
  /** It was typed. */
  typed?: true;
}

/** A checkpoint to put on top. */
export interface Named {
  path: string;
  /** `named in config.json` */
  note: string;
}

interface PickOptions {
  title: string;
  placeholder: string;
  first?: readonly Named[];
  /** Path of a checkpoint that is not offered. */
  without?: string;
  /** Whether what lies elsewhere is of no use. */
  onlyHere?: boolean;
}

/** Undefined when the user gave up. */
export async function pickCheckpoint(
  known: Promise<KnownCheckpoint[]>,
  { title, placeholder, first = [], without, onlyHere = false }: PickOptions,
): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick<CheckpointItem>();
  Object.assign(pick, { title, placeholder, matchOnDescription: true, matchOnDetail: true, busy: true });
  // An id is often copied from elsewhere, and a list that is read for long must not go with the focus.
  pick.ignoreFocusOut = true;
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
  const rest = (await known).filter(
    ({ path }) => path !== without && first.every((each) => each.path !== path),
  );
  void fill(pick, rest, first, () => open);
  const item = await accepted;
  open = false;
  pick.dispose();
  if (item === undefined) return undefined;
  return item.path ?? browse(title);
}

/** What was typed, where it names a checkpoint that lies elsewhere. */
function offerRemote(pick: vscode.QuickPick<CheckpointItem>, text: string): void {
  const others = pick.items.filter(({ typed }) => typed !== true);
  const path = remoteOf(text.trim());
  // What is offered already needs no second entry.
  if (path === null || others.some((item) => item.path === path)) {
    if (others.length < pick.items.length) pick.items = others;
    return;
  }
  const item: CheckpointItem = {
    label: `$(cloud) ${checkpointLabel(path)}`,
    description: vscode.l10n.t(
      'read from {0}',
      path.startsWith('hf://') ? vscode.l10n.t('the Hub') : placeOf(path),
    ),
    detail: path,
    path,
    alwaysShow: true,
    typed: true,
  };
  // What lies here and matches comes first, and what always shows comes last.
  const browsing = others.findIndex((other) => other.path === null && other.alwaysShow === true);
  pick.items = browsing === -1 ? [...others, item] : others.toSpliced(browsing, 0, item);
}

/** Shows the names at once and what each is as the headers are read. */
async function fill(
  pick: vscode.QuickPick<CheckpointItem>,
  known: KnownCheckpoint[],
  first: readonly Named[],
  isOpen: () => boolean,
): Promise<void> {
  const items: CheckpointItem[] = [
    ...first.map(({ path, note }): CheckpointItem => {
      const label = `$(${isRemote(path) ? 'cloud' : 'star-full'}) ${checkpointLabel(path)}`;
      return { label, description: note, detail: path, path };
    }),
    ...known.map(({ path, label }) => ({ label, detail: path, path })),
  ];
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
    const named = pick.items.filter(({ typed }) => typed === true);
    pick.items = [
      ...shown,
      ...named,
      { label: `$(folder-opened) ${vscode.l10n.t('Browse…')}`, path: null, alwaysShow: true },
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
