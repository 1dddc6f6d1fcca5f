// Badges in the explorer on checkpoints that were analysed: the regime as one letter, its sentence as the tooltip.
import * as vscode from 'vscode';
import type { RegimeName } from '../../shared/verdicts.ts';
import type { ReportStore } from '../runs/reportStore.ts';
import { readFlag } from '../settings/readOptions.ts';

const badges: Record<RegimeName, { badge: string; color: string }> = {
  'rlvr-like': { badge: 'RL', color: 'charts.green' },
  'sft-like': { badge: 'FT', color: 'charts.orange' },
  unchanged: { badge: '=', color: 'disabledForeground' },
  mixed: { badge: '±', color: 'charts.yellow' },
  inconclusive: { badge: '?', color: 'disabledForeground' },
};

export class ResultBadges implements vscode.FileDecorationProvider {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeFileDecorations = this.changed.event;
  private readonly reports: ReportStore;
  private readonly unwatch: () => void;

  constructor(reports: ReportStore) {
    this.reports = reports;
    this.unwatch = reports.watch(() => {
      this.refresh();
    });
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  async provideFileDecoration(uri: vscode.Uri): Promise<vscode.FileDecoration | undefined> {
    if (uri.scheme !== 'file' || !readFlag('badges')) return undefined;
    const result = await this.reports.findByTuned(uri.fsPath);
    if (result === null) return undefined;
    const { badge, color } = badges[result.regime.name];
    const tooltip = vscode.l10n.t('Three-Gate against {0}: {1}', result.baseLabel, result.regime.sentence);
    return new vscode.FileDecoration(badge, tooltip, new vscode.ThemeColor(color));
  }

  dispose(): void {
    this.unwatch();
    this.changed.dispose();
  }
}
