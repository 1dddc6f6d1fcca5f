// What the status bar item opens: the analyses at work, each to be shown or cancelled.
import * as vscode from 'vscode';
import { openAdHocPair } from '../pairs/openPair.ts';
import type { PairRun } from '../../node/runs/pairRun.ts';
import type { RunService } from '../../node/runs/runService.ts';
import { progressText, runTitle } from '../statusBar.ts';
import type { SessionRegistry } from '../pairEditor/sessionRegistry.ts';

interface RunItem extends vscode.QuickPickItem {
  run: PairRun;
  action: 'open' | 'cancel';
}

export async function showRuns(runs: RunService, sessions: SessionRegistry): Promise<void> {
  const items = runs.running().flatMap((run): RunItem[] => [
    {
      label: `$(go-to-file) ${vscode.l10n.t('Open {0}', runTitle(run))}`,
      description: progressText(run),
      run,
      action: 'open',
    },
    { label: `$(debug-stop) ${vscode.l10n.t('Cancel {0}', runTitle(run))}`, run, action: 'cancel' },
  ]);
  if (items.length === 0) return;
  const chosen = await vscode.window.showQuickPick(items, { title: 'Three-Gate' });
  if (chosen?.action === 'cancel') chosen.run.cancel();
  if (chosen?.action === 'open') await openRun(chosen.run, sessions);
}

async function openRun({ request }: PairRun, sessions: SessionRegistry): Promise<void> {
  const session = sessions.find(request.basePath, request.tunedPath);
  if (session !== null) {
    session.panel.reveal();
    return;
  }
  await openAdHocPair({
    base: request.basePath,
    tuned: request.tunedPath,
    config: request.configPaths,
    options: {},
  });
}
