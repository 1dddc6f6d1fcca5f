// Checkpoints side by side as CSV: one row per checkpoint at full precision. A number with a size-matched null has the null's value
// and the word for the difference behind it.
import type { SideBySideReport } from '../report/sideBySide.ts';
import { csvText, type CsvCell } from './csvText.ts';
import type { SideBySideLine } from './sideBySideLine.ts';
import { sideBySideLines } from './sideBySideLines.ts';

export function sideBySideCsv(report: SideBySideReport): string {
  const lines = sideBySideLines(report);
  const head = ['label', 'path', ...lines.flatMap(columnsOf)];
  const rows = report.runs.map(({ label, tuned }, run) => [
    label,
    tuned.path,
    ...lines.flatMap((line) => cellsOf(line, run)),
  ]);
  return csvText([head, ...rows]);
}

function hasNull({ cells }: SideBySideLine): boolean {
  return cells.some(({ beyond }) => beyond !== undefined);
}

function columnsOf(line: SideBySideLine): string[] {
  return [line.id, ...(hasNull(line) ? [`${line.id}Expected`, `${line.id}Beyond`] : [])];
}

function cellsOf(line: SideBySideLine, run: number): CsvCell[] {
  const cell = line.cells[run];
  const beside = [cell?.beyond?.expected ?? null, cell?.beyond?.word ?? null];
  return [cell?.value ?? null, ...(hasNull(line) ? beside : [])];
}
