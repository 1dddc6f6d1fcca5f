// Badges in the explorer on checkpoints that were analysed: the regime as one letter, its headline and what is left beyond the
// size of the update as the tooltip.
import * as vscode from 'vscode';
import type { RegimeName } from '../../shared/report/verdicts.ts';
import type { ReportStore } from '../../node/runs/reportStore.ts';
import { readFlag } from '../settings/readOptions.ts';

/** No colour: it would paint the name too, where colours already mean version control and problems. */
const badges: Record<RegimeName, string> = {
  'rlvr-range': 'RL',
  'sft-range': 'FT',
  unchanged: '=',
  mixed: '±',
  inconclusive: '?',
  rounding: '≈',
  'not-weights': '!',
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
    const { name, headline, beyondSize } = result.regime;
    const said = vscode.l10n.t('Three-Gate against {0}: {1}', result.baseLabel, headline);
    return new vscode.FileDecoration(badges[name], beyondSize === null ? said : `${said}. ${beyondSize}`);
  }

  dispose(): void {
    this.unwatch();
    this.changed.dispose();
  }
}
