// Export Trainable Mask…: a base, a kind of mask and a place for it, and then how dense it came out.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { fallbackSentence } from '../../shared/text/fallbackText.ts';
import { formatCount, formatShare } from '../../shared/text/format.ts';
import type { MaskReport } from '../../shared/report/maskReport.ts';
import { headerViewType } from '../ids.ts';
import { pickMask } from '../picker/pickMask.ts';
import { pickOne } from '../picker/pickPair.ts';
import { readOptions } from '../settings/readOptions.ts';
import type { CommandServices } from './commandServices.ts';
import { withEngine } from './withEngine.ts';

export async function exportMask(services: CommandServices): Promise<void> {
  const title = vscode.l10n.t('Export Trainable Mask');
  const basePath = await pickOne(title, vscode.l10n.t('The base checkpoint'));
  if (basePath === undefined) return;
  const base = vscode.Uri.file(basePath);
  const options = readOptions(base, {});
  const picked = await pickMask(title, options);
  if (picked === undefined) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.joinPath(base, '..');
  const target = await vscode.window.showSaveDialog({
    title,
    defaultUri: vscode.Uri.joinPath(
      folder,
      `${basename(basePath).replace(/\.safetensors$/, '')}-${picked.name}-mask.safetensors`,
    ),
    filters: { safetensors: ['safetensors'] },
  });
  if (target === undefined) return;
  const { eta, engine, threads } = options;
  const { mask, exclude } = picked;
  const place = { basePath, outPath: target.fsPath, tunedPath: null, match: null, remoteLimitBytes: null };
  const request = { ...place, mask, exclude, eta, engine, threads };
  const report = await withEngine(services, title, (started, onEvent, signal) =>
    started.exportMask(request, onEvent, signal),
  );
  if (report === undefined) return;
  const show = vscode.l10n.t('Show Tensors');
  void vscode.window.showInformationMessage(summary(target, report), show).then(async (chosen) => {
    if (chosen === show) await vscode.commands.executeCommand('vscode.openWith', target, headerViewType);
  });
}

function summary(target: vscode.Uri, report: MaskReport): string {
  const { fallbackReason } = report.engine;
  const density = densityText(target, report);
  return fallbackReason === null ? density : `${density} ${fallbackSentence(fallbackReason)}`;
}

function densityText(target: vscode.Uri, { kind, whole, leftOut }: MaskReport): string {
  const file = basename(target.fsPath);
  const share = formatShare(whole.trainable / whole.elements);
  const count = formatCount(whole.elements);
  // These hold vectors as well.
  if (kind === 'random' || kind === 'update') {
    return vscode.l10n.t(
      '{0}: {1} of {2} weights in {3} tensors are trainable; {4} tensors have no mask.',
      file,
      share,
      count,
      whole.tensors,
      leftOut.length,
    );
  }
  return vscode.l10n.t(
    '{0}: {1} of {2} weights in {3} matrices are trainable; {4} tensors have no mask.',
    file,
    share,
    count,
    whole.tensors,
    leftOut.length,
  );
}
