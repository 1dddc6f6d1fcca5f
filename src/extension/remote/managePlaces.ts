// Manage Allowed Remote Places: what was allowed, and taking it back.
import * as vscode from 'vscode';
import type { RemoteConsent } from './remoteConsent.ts';

export async function manageRemotePlaces(consent: RemoteConsent): Promise<void> {
  const { allowed } = consent;
  if (allowed.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('No remote place is allowed: you are asked before the first byte is read.'),
    );
    return;
  }
  const items = [...allowed].sort().map((label) => ({ label, picked: true }));
  const kept = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Allowed Remote Places'),
    placeHolder: vscode.l10n.t('What is not ticked may not be read any more'),
    canPickMany: true,
  });
  if (kept === undefined) return;
  const places = new Set(kept.map(({ label }) => label));
  await consent.revoke(allowed.filter((place) => !places.has(place)));
}
