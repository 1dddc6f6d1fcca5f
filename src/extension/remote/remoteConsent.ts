// What is remote is read where the user named it and said yes: once for a repository or a host, never in Restricted Mode.
import * as vscode from 'vscode';
import { isRemote, parseRemoteAddress } from '../../engine/files/remoteAddress.ts';
import { ThreeGateError } from '../../shared/errors.ts';

const allowedKey = 'remote.allowed';

/** Returns at once where nothing is remote; rejects with `remote-denied` where it may not be read. */
export function remoteConsent(state: vscode.Memento): (paths: readonly string[]) => Promise<void> {
  const consent = new RemoteConsent(state);
  return (paths) => consent.require(paths);
}

class RemoteConsent {
  /** Places whose question is open: two editors of one pair ask once. */
  private readonly asking = new Map<string, Promise<boolean>>();

  constructor(private readonly state: vscode.Memento) {}

  async require(paths: readonly string[]): Promise<void> {
    for (const place of new Set(paths.filter(isRemote).map(placeOf))) {
      if (!vscode.workspace.isTrusted) {
        const message = `${place} is not read: nothing remote is, in Restricted Mode. Trust the workspace to compare with it.`;
        throw new ThreeGateError('remote-denied', message);
      }
      if (!(await this.allows(place))) {
        throw new ThreeGateError(
          'remote-denied',
          `${place} is not read, as it was not allowed. Analyze again to be asked again.`,
        );
      }
    }
  }

  private allows(place: string): Promise<boolean> {
    if (this.allowed.includes(place)) return Promise.resolve(true);
    const open = this.asking.get(place) ?? this.ask(place);
    this.asking.set(place, open);
    return open;
  }

  private async ask(place: string): Promise<boolean> {
    try {
      const yes = vscode.l10n.t('Read');
      const answer = await vscode.window.showInformationMessage(
        vscode.l10n.t('Read weights from {0}?', place),
        {
          modal: true,
          detail: vscode.l10n.t(
            'What an analysis needs of it is read by ranges and kept in the cache; nothing is sent there but these requests.',
          ),
        },
        yes,
      );
      if (answer !== yes) return false;
      await this.state.update(allowedKey, [...this.allowed, place]);
      return true;
    } finally {
      this.asking.delete(place);
    }
  }

  private get allowed(): readonly string[] {
    return this.state.get<string[]>(allowedKey) ?? [];
  }
}

/** The repository, the bucket, or the host of a file: what is asked for once. */
function placeOf(path: string): string {
  const address = parseRemoteAddress(path);
  switch (address?.kind) {
    case undefined:
      return path;
    case 'hub':
      return `hf://${address.repository}`;
    case 's3':
      return `s3://${address.bucket}`;
    case 'web':
      return new URL(address.url).origin;
  }
}
