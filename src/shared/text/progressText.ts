// How far a run is, in one line of text: for the terminal, for editors and for whoever asked over a protocol.
import { formatBytes, formatDuration } from './format.ts';
import type { Progress } from '../protocol/analysisEvents.ts';

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
export function shareDone({ bytesDone, bytesTotal, matrixWorkDone, matrixWorkTotal }: Progress): number {
  const read = bytesTotal === 0 ? 1 : bytesDone / bytesTotal;
  if (matrixWorkTotal === 0) return read;
  return 0.1 * read + 0.9 * (matrixWorkDone / matrixWorkTotal);
}
