// How far the analysis is: one live line on a terminal, plain lines at every tenth when the output goes elsewhere.
// Always on stderr: stdout belongs to the report.
import type { Progress } from '../shared/protocol/analysisEvents.ts';
import type { PreliminaryVerdict } from '../shared/report/preliminary.ts';
import { progressText, shareDone } from '../shared/text/progressText.ts';
import { soFarHead, soFarSentence, soFarShare } from '../shared/text/soFarText.ts';
import { textWidth } from './columns.ts';
import type { TerminalStream } from './style.ts';

export interface ProgressOutput extends TerminalStream {
  write(text: string): unknown;
}

/** Sooner a verdict is not worth a line of its own before the last. */
const worthSayingMs = 3000;
const clearLine = '\r\u001B[2K';

export class ProgressLine {
  private readonly output: ProgressOutput;
  private readonly quiet: boolean;
  private drawn = false;
  private tenth = -1;
  private elapsedMs = 0;
  private said = '';

  constructor(output: ProgressOutput, quiet: boolean) {
    this.output = output;
    this.quiet = quiet;
  }

  show(progress: Progress): void {
    this.elapsedMs = progress.elapsedMs;
    if (this.quiet) return;
    if (this.output.isTTY === true) {
      this.output.write(clearLine + fit(progressText(progress), this.output.columns ?? 80));
      this.drawn = true;
      return;
    }
    const tenth = Math.floor(10 * shareDone(progress));
    if (tenth <= this.tenth) return;
    this.tenth = tenth;
    this.output.write(`${progressText(progress)}\n`);
  }

  /** What can be said before the end, on a line of its own that stays: when it changes, of a run that takes a while. */
  soFar(verdict: PreliminaryVerdict): void {
    const { regime, firmness, gates } = verdict;
    const said = JSON.stringify([regime, firmness, gates.map((gate) => [gate.verdict, gate.firmness])]);
    if (this.quiet || this.elapsedMs < worthSayingMs || said === this.said || soFarShare(verdict) === 0)
      return;
    this.said = said;
    this.clear();
    this.output.write(`${soFarHead(verdict)}. ${soFarSentence(verdict)}\n`);
  }

  /** Takes the live line away, so that what follows starts on a clean one. */
  clear(): void {
    if (this.drawn) this.output.write(clearLine);
    this.drawn = false;
  }
}

function fit(text: string, columns: number): string {
  return textWidth(text) < columns
    ? text
    : `${Array.from(text)
        .slice(0, Math.max(0, columns - 2))
        .join('')}…`;
}
