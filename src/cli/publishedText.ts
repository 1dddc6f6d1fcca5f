// The block "As published" of the terminal: each published statistic of this pair beside its own bands. Only where the
// profile asks for it.
import {
  publishedNotes,
  publishedRegimes,
  publishedRows,
  publishedTitles,
} from '../shared/text/publishedTables.ts';
import type { Report } from '../shared/report/report.ts';
import { tabulate, wrapText } from './columns.ts';
import type { Style } from './style.ts';

export function publishedLines(
  { published, options }: Pick<Report, 'published' | 'options'>,
  style: Style,
  width: number,
): string[] {
  if (published === null || options.profile !== 'published') return [];
  const rows = publishedRows(published);
  const head = ['', 'measured', ...publishedRegimes.map((regime) => publishedTitles[regime]), 'over'];
  const body = rows.map(({ title, measured, bands, over }) => [
    `    ${title}`,
    style.bold(measured),
    ...bands.map(style.dim),
    style.dim(over),
  ]);
  const notes = publishedNotes(rows).flatMap((note) => wrapText(note, width - 4));
  return [
    `  ${style.bold('As published')}`,
    ...tabulate([head.map(style.dim), ...body], ['left', 'right', 'left']),
    ...notes.map((line) => style.dim(`    ${line}`)),
    '',
  ];
}
