// How far the analysis is: one live line on a terminal, plain lines at every tenth when the output goes elsewhere.
// Always on stderr: stdout belongs to the report.
import type { Progress } from '../shared/protocol/analysisEvents.ts';
import { progressText, shareDone } from '../shared/text/progressText.ts';
import { textWidth } from './columns.ts';
import type { TerminalStream } from './style.ts';

export interface ProgressOutput extends TerminalStream {
  write(text: string): unknown;
}

const clearLine = '\r\u001B[2K';

export class ProgressLine {
  private readonly output: ProgressOutput;
  private readonly quiet: boolean;
  private drawn = false;
  private tenth = -1;

  constructor(output: ProgressOutput, quiet: boolean) {
    this.output = output;
    this.quiet = quiet;
  }

  show(progress: Progress): void {
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
