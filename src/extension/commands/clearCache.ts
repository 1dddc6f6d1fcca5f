// Forgets remembered results and the engine's own cache, and says how much that freed.
import * as vscode from 'vscode';
import { clearCache as clearEngineCache } from '../../node/disk/diskCache.ts';
import { formatBytes } from '../../shared/text/format.ts';
import { directoryBytes } from '../../node/runs/reportStore.ts';
import type { CommandServices } from './commandServices.ts';

export async function clearCache({ reports, cacheDirectory }: CommandServices): Promise<void> {
  const bytes = (await reports.clear()) + (await directoryBytes(cacheDirectory));
  await clearEngineCache(cacheDirectory);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Three-Gate cache cleared: {0} freed.', formatBytes(bytes)),
  );
}
