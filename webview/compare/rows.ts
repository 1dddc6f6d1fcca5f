// The table as it is looked at, either way round: a row a checkpoint, or a row for everything that is said of them. Pure.
import type { SideBySideReport } from '../../src/shared/report/sideBySide.ts';
import { gateNames } from '../../src/shared/options/options.ts';
import { gateHeading } from '../../src/shared/text/gates.ts';
import { cellText, type SideBySideCell, type SideBySideLine } from '../../src/shared/text/sideBySideLine.ts';
import { sideBySideLines } from '../../src/shared/text/sideBySideLines.ts';
import type { Cell, PlainTable } from '../parts/table/tsv.ts';
import type { CompareView, Layout, Sort } from './state.ts';

/** A checkpoint or a line, as the head of a row or of a column. */
export type Subject =
  { kind: 'run'; run: number; label: string } | { kind: 'line'; line: SideBySideLine; startsGroup: boolean };

interface Placed {
  line: SideBySideLine;
  cell: SideBySideCell | undefined;
  startsGroup: boolean;
}

export interface CompareRow {
  key: string;
  subject: Subject;
  /** One for each column. */
  cells: Placed[];
}

export interface CompareModel {
  columns: Subject[];
  rows: CompareRow[];
  /** Rows without the filter. */
  all: number;
  layout: Layout;
}

/** So many checkpoints are columns that can be read along a row; of more, each is a row. */
const mostColumns = 5;

export function modelOf(report: SideBySideReport, view: CompareView): CompareModel {
  const lines = linesOf(report, view);
  const runs = inOrder(report, view.sort);
  const layout = view.layout ?? (report.runs.length > mostColumns ? 'checkpoints' : 'readings');
  const all = layout === 'checkpoints' ? runs : lines;
  const columns = layout === 'checkpoints' ? lines : runs;
  const rows = all.map((subject): CompareRow => ({
    key: keyOf(subject),
    subject,
    cells: columns.map((column) => placed(subject, column)),
  }));
  return { columns, rows: filtered(rows, view.filter), all: all.length, layout };
}

function keyOf(subject: Subject): string {
  return subject.kind === 'run' ? `run ${subject.run}` : subject.line.id;
}

function placed(one: Subject, other: Subject): Placed {
  const [line, run] = one.kind === 'line' ? [one, other] : [other, one];
  if (line.kind !== 'line' || run.kind !== 'run') throw new Error('A cell is of a line and a run.');
  return { line: line.line, cell: line.line.cells[run.run], startsGroup: line.startsGroup };
}

function linesOf(
  report: SideBySideReport,
  { onlyDifferent }: CompareView,
): Extract<Subject, { kind: 'line' }>[] {
  const lines = sideBySideLines(report).filter((line) => !onlyDifferent || differs(line));
  return lines.map((line, at) => ({
    kind: 'line',
    line,
    startsGroup: line.group !== lines[at - 1]?.group,
  }));
}

function differs({ cells }: SideBySideLine): boolean {
  return new Set(cells.map(({ value, text }) => value ?? text)).size > 1;
}

/** By every word of the filter, each anywhere in the row. */
function filtered(rows: CompareRow[], filter: string): CompareRow[] {
  const words = filter.toLowerCase().split(/\s+/u).filter(Boolean);
  return rows.filter(({ subject, cells }) => {
    const texts = cells.map(({ cell }) => (cell === undefined ? '' : cellText(cell)));
    const text = [titleOf(subject), ...texts].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function titleOf(subject: Subject): string {
  return subject.kind === 'run' ? subject.label : subject.line.title;
}

/** Below the name of its gate, a gate's own column is that of its words. */
export function columnTitle(subject: Subject): string {
  return subject.kind === 'line' && isWord(subject.line) ? 'word' : titleOf(subject);
}

/** What is absent comes last in both directions. */
function inOrder(report: SideBySideReport, sort: Sort | null): Extract<Subject, { kind: 'run' }>[] {
  const runs = report.runs.map(({ label }, run) => ({ kind: 'run' as const, run, label }));
  if (sort === null) return runs;
  const line = sideBySideLines(report).find(({ id }) => id === sort.column);
  const value = ({ run, label }: { run: number; label: string }): Cell =>
    sort.column === 'label' ? label : (line?.cells[run]?.value ?? null);
  return runs.sort((left, right) => compare(value(left), value(right), sort.descending));
}

function compare(left: Cell, right: Cell, descending: boolean): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order =
    typeof left === 'number' && typeof right === 'number'
      ? left - right
      : String(left).localeCompare(String(right), 'en', { numeric: true });
  return descending ? -order : order;
}

const groupTitles: Readonly<Record<SideBySideLine['group'], string>> = {
  run: 'Checkpoint',
  verdict: 'Verdict',
  anchor: gateHeading('anchor'),
  geometry: gateHeading('geometry'),
  precision: gateHeading('precision'),
  config: 'Training config',
};

/** What stands above the columns of one group; empty where the columns are checkpoints. */
export function groupSpans(columns: readonly Subject[]): { title: string; count: number }[] {
  const spans: { title: string; count: number }[] = [];
  for (const column of columns) {
    if (column.kind === 'run') return [];
    const last = spans[spans.length - 1];
    if (last === undefined || column.startsGroup)
      spans.push({ title: groupTitles[column.line.group], count: 1 });
    else last.count += 1;
  }
  return spans;
}

/** Whether a line is a gate's own word. */
export function isWord({ id }: SideBySideLine): boolean {
  return gateNames.some((gate) => gate === id);
}

/** What is in view at full precision; a number with a null has its word behind it. */
export function plainTable({ columns, rows }: CompareModel): PlainTable {
  return {
    columns: ['', ...columns.map(titleOf)],
    rows: rows.map(({ subject, cells }) => [
      titleOf(subject),
      ...cells.map(({ cell }): Cell => {
        if (cell?.beyond !== undefined) return `${String(cell.value)} ${cell.beyond.words}`;
        return cell?.value ?? null;
      }),
    ]),
  };
}
