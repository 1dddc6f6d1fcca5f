// Export Trainable Mask…: a base, a kind of mask and a place for it, and then how dense it came out.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { formatCount, formatShare } from '../../shared/format.ts';
import { maskDefinitions, maskKinds, type MaskKind } from '../../shared/maskReport.ts';
import { headerViewType } from '../ids.ts';
import { pickOne } from '../picker/pickPair.ts';
import { readOptions } from '../settings/readOptions.ts';
import type { CommandServices } from './commandServices.ts';
import { withEngine } from './withEngine.ts';

export async function exportMask(services: CommandServices): Promise<void> {
  const title = vscode.l10n.t('Export Trainable Mask');
  const basePath = await pickOne(title, vscode.l10n.t('The base checkpoint'));
  if (basePath === undefined) return;
  const kind = await pickKind(title);
  if (kind === undefined) return;
  const base = vscode.Uri.file(basePath);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.joinPath(base, '..');
  const target = await vscode.window.showSaveDialog({
    title,
    defaultUri: vscode.Uri.joinPath(
      folder,
      `${basename(basePath).replace(/\.safetensors$/, '')}-${kind}-mask.safetensors`,
    ),
    filters: { safetensors: ['safetensors'] },
  });
  if (target === undefined) return;
  const { rank, alpha, eta, engine, threads, seed, residualTolerance } = readOptions(base, {});
  const place = { basePath, outPath: target.fsPath, tunedPath: null, match: null };
  const request = { ...place, kind, rank, alpha, eta, engine, threads, seed, residualTolerance };
  const report = await withEngine(services, title, (started, onProgress, signal) =>
    started.exportMask(request, onProgress, signal),
  );
  if (report === undefined) return;
  const { whole, leftOut } = report;
  const show = vscode.l10n.t('Show Tensors');
  const message = vscode.l10n.t(
    '{0}: {1} of {2} weights in {3} matrices are trainable; {4} tensors have no mask.',
    basename(target.fsPath),
    formatShare(whole.trainable / whole.elements),
    formatCount(whole.elements),
    whole.tensors,
    leftOut.length,
  );
  void vscode.window.showInformationMessage(message, show).then(async (chosen) => {
    if (chosen === show) await vscode.commands.executeCommand('vscode.openWith', target, headerViewType);
  });
}

async function pickKind(title: string): Promise<MaskKind | undefined> {
  const words: Record<MaskKind, string> = {
    rlvr: vscode.l10n.t('Where reinforcement learning writes'),
    low: vscode.l10n.t('The smallest weights'),
    'non-principal': vscode.l10n.t('All but the principal weights'),
    principal: vscode.l10n.t('The principal weights, for sparse fine-tuning'),
  };
  const items = maskKinds.map((mask) => ({
    label: mask,
    description: maskDefinitions[mask],
    detail: words[mask],
    mask,
  }));
  const placeHolder = vscode.l10n.t('Which weights may be trained');
  const chosen = await vscode.window.showQuickPick(items, { title, placeHolder });
  return chosen?.mask;
}
