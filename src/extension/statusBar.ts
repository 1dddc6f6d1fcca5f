// One status bar item while something runs: how far it is and how long it will take; a click opens or cancels.
import * as vscode from 'vscode';
import { formatDuration } from '../shared/text/format.ts';
import { shareDone } from '../shared/text/progressText.ts';
import { checkpointLabel } from '../engine/checkpoint/checkpointLabel.ts';
import type { PairRun } from '../node/runs/pairRun.ts';
import type { RunService } from '../node/runs/runService.ts';

export class RunStatus {
  private readonly item: vscode.StatusBarItem;
  private readonly runs: RunService;
  private readonly unwatch: () => void;
  private wasRunning = false;

  constructor(runs: RunService) {
    this.runs = runs;
    this.item = vscode.window.createStatusBarItem('threeGate.run', vscode.StatusBarAlignment.Left, 0);
    this.item.name = 'Three-Gate';
    this.item.command = 'threeGate.showRuns';
    this.unwatch = runs.watch(() => {
      this.show();
    });
  }

  dispose(): void {
    this.unwatch();
    this.item.dispose();
  }

  private show(): void {
    const running = this.runs.running();
    const first = running[0];
    if (this.wasRunning !== running.length > 0) {
      this.wasRunning = running.length > 0;
      void vscode.commands.executeCommand('setContext', 'threeGate.anyRunning', this.wasRunning);
    }
    if (first === undefined) {
      this.item.hide();
      return;
    }
    const more = running.length > 1 ? ` +${running.length - 1}` : '';
    this.item.text = `$(sync~spin) Three-Gate ${progressText(first)}${more}`;
    this.item.tooltip = running.map((run) => `${runTitle(run)}: ${progressText(run)}`).join('\n');
    this.item.show();
  }
}

/** `grpo/checkpoint-100` */
export function runTitle({ request }: PairRun): string {
  return `${checkpointLabel(request.basePath)} → ${checkpointLabel(request.tunedPath)}`;
}

/** `43 %, 12 s left` */
export function progressText({ state }: PairRun): string {
  if (state.kind !== 'running' || state.progress === null) return vscode.l10n.t('starting…');
  const percent = `${Math.floor(100 * shareDone(state.progress))} %`;
  const { remainingMs } = state.progress;
  return remainingMs === null
    ? percent
    : vscode.l10n.t('{0}, {1} left', percent, formatDuration(remainingMs));
}
