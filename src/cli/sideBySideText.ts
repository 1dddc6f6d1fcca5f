// What `three-gate compare` prints: one column a checkpoint, as many beside each other as the terminal has room for; then the same
// of their configs.
import type { SideBySideReport } from '../shared/report/sideBySide.ts';
import { beyondLegend } from '../shared/text/besideNull.ts';
import { formatDuration } from '../shared/text/format.ts';
import { standingMarks } from '../shared/text/reportTables.ts';
import { cellText, type SideBySideCell, type SideBySideLine } from '../shared/text/sideBySideLine.ts';
import { sideBySideLines } from '../shared/text/sideBySideLines.ts';
import { sideBySideLegend, sideBySideSentences } from '../shared/text/sideBySideText.ts';
import { printable, tabulate, textWidth, wrapText } from './columns.ts';
import type { Style } from './style.ts';

const margin = 2;
const gap = 2;
/** A longer text goes on in the next line, so that four checkpoints have room in 120 columns. */
const widestText = 22;

export function sideBySideText(report: SideBySideReport, style: Style, width: number): string {
  const { base, notes, version, elapsedMs } = report;
  const said = (text: string): string[] => wrapText(text, width - margin).map((line) => `  ${line}`);
  const lines = sideBySideLines(report);
  const labels = report.runs.map(({ label }) => label);
  const settings = lines.filter(({ group }) => group === 'config');
  const weights = lines.filter(({ group }) => group !== 'config');
  return `${[
    '',
    `  base  ${style.bold(base.label)}`,
    '',
    ...sideBySideSentences(report).flatMap(said),
    '',
    ...tables('In the weights', weights, labels, style, width),
    ...said(`${sideBySideLegend} ${beyondLegend}`).map(style.dim),
    '',
    ...(settings.length === 0 ? [] : tables('In the configs', settings, labels, style, width)),
    ...notes.flatMap((note) => said(`! ${note}`)).map(style.red),
    style.dim(`  Three-Gate ${version} · ${formatDuration(elapsedMs)}`),
  ]
    .map(printable)
    .join('\n')}\n`;
}

/** Each followed by an empty line. */
function tables(
  title: string,
  lines: readonly SideBySideLine[],
  labels: readonly string[],
  style: Style,
  width: number,
): string[] {
  const name = Math.max(textWidth(title), ...lines.map((line) => textWidth(titleOf(line))));
  const widths = labels.map((label, run) =>
    Math.max(textWidth(label), ...lines.flatMap((line) => cellLines(line, run).map(textWidth))),
  );
  return groupsOf(widths, width - margin - name).flatMap((runs) => {
    const head = [style.dim(title), ...runs.map((run) => style.bold(labels[run] ?? ''))];
    const rows = lines.flatMap((line) => rowsOf(line, runs, style));
    return [...tabulate([head, ...rows], ['left']).map((row) => `  ${row}`), ''];
  });
}

/** Runs whose columns fit beside each other; one that is wider than the terminal stands alone. */
function groupsOf(widths: readonly number[], room: number): number[][] {
  const groups: { runs: number[]; left: number }[] = [];
  for (const [run, width] of widths.entries()) {
    const wide = width + gap;
    const last = groups[groups.length - 1];
    if (last === undefined || last.left < wide) groups.push({ runs: [run], left: room - wide });
    else {
      last.runs.push(run);
      last.left -= wide;
    }
  }
  return groups.map(({ runs }) => runs);
}

/** More than one where a cell is too long for its column. */
function rowsOf(line: SideBySideLine, runs: readonly number[], style: Style): string[][] {
  const columns = runs.map((run) => cellLines(line, run));
  const height = Math.max(1, ...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) => [
    at === 0 ? titleOf(line) : '',
    ...columns.map((column, place) => styled(column[at] ?? '', line.cells[runs[place] ?? 0], style)),
  ]);
}

function cellLines({ cells }: SideBySideLine, run: number): string[] {
  const cell = cells[run];
  if (cell === undefined) return [''];
  const text = cellText(cell);
  return wrapText(cell.standing === undefined ? text : `${standingMarks[cell.standing]} ${text}`, widestText);
}

/** What any update of that size shows carries no information. */
function styled(text: string, cell: SideBySideCell | undefined, style: Style): string {
  if (cell?.standing !== undefined) return style.standing(cell.standing, text);
  return cell?.beyond?.word === 'as random' ? style.dim(text) : text;
}

function titleOf({ title, isReading }: SideBySideLine): string {
  return isReading === true ? `  ${title}` : title;
}
