// How far the analysis is: one live line on a terminal, plain lines at every tenth when the output goes elsewhere.
// Always on stderr: stdout belongs to the report.
import { formatBytes, formatDuration } from '../shared/text/format.ts';
import type { Progress } from '../shared/protocol/analysisEvents.ts';
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

export function progressText(progress: Progress): string {
  const { bytesDone, bytesTotal, matricesDone, matricesTotal, elapsedMs, remainingMs, current } = progress;
  const percent = Math.floor(100 * shareDone(progress));
  const rate = elapsedMs > 0 ? `${formatBytes(Math.round((1000 * bytesDone) / elapsedMs))}/s` : null;
  const parts = [
    `${percent.toString().padStart(3)} %`,
    `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`,
    ...(matricesTotal === 0 ? [] : [`${matricesDone} of ${matricesTotal} matrices`]),
    ...(rate === null || bytesDone === 0 || bytesDone === bytesTotal ? [] : [rate]),
    ...(remainingMs === null || percent === 100 ? [] : [`${formatDuration(remainingMs)} left`]),
    ...(current === null || percent === 100 ? [] : [current]),
  ];
  return parts.join(' · ');
}

/** Decomposing is most of the work where there are matrices: reading counts for a tenth of it. */
export function shareDone({
  bytesDone,
  bytesTotal,
  matrixElementsDone,
  matrixElementsTotal,
}: Progress): number {
  const read = bytesTotal === 0 ? 1 : bytesDone / bytesTotal;
  if (matrixElementsTotal === 0) return read;
  return 0.1 * read + 0.9 * (matrixElementsDone / matrixElementsTotal);
}

function fit(text: string, columns: number): string {
  return textWidth(text) < columns
    ? text
    : `${Array.from(text)
        .slice(0, Math.max(0, columns - 2))
        .join('')}…`;
}
