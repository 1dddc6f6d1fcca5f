// What is remote is read where the user named it and said yes: once for a repository or a host, never in Restricted Mode.
// The answer holds for headers and small files, and for weights up to the limit that an analysis sets itself.
import * as vscode from 'vscode';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { unaskedRemoteBytes } from '../../shared/options/remoteReading.ts';
import { placeOf, readingOf } from './remotePlaces.ts';

const allowedKey = 'remote.allowed';

export class RemoteConsent {
  /** Questions that are open: two editors of one pair ask once. */
  private readonly asking = new Map<string, Promise<boolean>>();

  constructor(private readonly state: vscode.Memento) {}

  /** What was allowed, by name. */
  get allowed(): readonly string[] {
    return this.state.get<string[]>(allowedKey) ?? [];
  }

  async revoke(places: readonly string[]): Promise<void> {
    await this.state.update(
      allowedKey,
      this.allowed.filter((place) => !places.includes(place)),
    );
  }

  /** Returns at once where nothing is remote; rejects with `remote-not-allowed` where it may not be read. */
  async require(paths: readonly string[]): Promise<void> {
    const places = [...new Set(paths.filter(isRemote).map(placeOf))];
    if (places.length === 0) return;
    if (!vscode.workspace.isTrusted) {
      const message = vscode.l10n.t(
        'Reading {0} needs a trusted workspace: in Restricted Mode nothing remote is read.',
        listed(places),
      );
      throw new ThreeGateError('remote-not-allowed', message);
    }
    const missing = places.filter((place) => !this.allowed.includes(place));
    if (missing.length === 0 || (await this.answer(missing))) return;
    const message = vscode.l10n.t('Reading {0} was not allowed.', listed(missing));
    throw new ThreeGateError('remote-not-allowed', message);
  }

  private answer(places: readonly string[]): Promise<boolean> {
    const key = places.join('\n');
    const open = this.asking.get(key) ?? this.ask(places).finally(() => this.asking.delete(key));
    this.asking.set(key, open);
    return open;
  }

  private async ask(places: readonly string[]): Promise<boolean> {
    const yes = vscode.l10n.t('Allow');
    const named = listed(places.map((place) => readingOf(place, process.env)));
    const question = vscode.l10n.t('Allow Three-Gate to read {0}?', named);
    const answer = await vscode.window.showInformationMessage(
      question,
      { modal: true, detail: detail() },
      yes,
    );
    if (answer !== yes) return false;
    await this.state.update(allowedKey, [...this.allowed, ...places]);
    return true;
  }
}

function detail(): string {
  const now = vscode.l10n.t(
    'Headers and small files now. Weights when a pair is analysed: up to {0} GB, and more only after you have seen how much.',
    unaskedRemoteBytes / 1e9,
  );
  const later = vscode.l10n.t(
    'Nothing of yours is sent there. "Three-Gate: Manage Allowed Remote Places…" takes this back.',
  );
  return `${now}\n\n${later}`;
}

function listed(names: readonly string[]): string {
  return names.join(vscode.l10n.t(' and '));
}
