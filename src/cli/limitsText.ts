// Limits as a terminal shows them: broken ones first, with measured value, limit and where.
import type { LimitsReport } from '../shared/report/limitsReport.ts';
import { limitColumns, limitRows, limitsSentence } from '../shared/text/limitsTables.ts';
import { standingMarks } from '../shared/text/reportTables.ts';
import { printable, tabulate } from './columns.ts';
import type { Style } from './style.ts';

export function limitLines(limits: LimitsReport, style: Style): string[] {
  const said = limitsSentence(limits);
  const [first = '', ...columns] = limitColumns;
  const rows = limitRows(limits).map(({ standing, cells: [limit, measured, asks, where] }) => {
    const mark = limit === '' ? ' ' : style.standing(standing, standingMarks[standing]);
    const value = standing === 'broken' ? style.red(measured) : measured;
    return [`    ${mark} ${limit}`, value, style.dim(asks), where];
  });
  return [
    `  ${style.bold('Limits')}  ${limits.broken > 0 ? style.red(said) : said}`,
    ...tabulate(
      [[style.dim(`      ${first}`), ...columns.map(style.dim)], ...rows],
      ['left', 'right', 'left', 'left'],
    ),
  ];
}

/** Limits alone. */
export function limitsText(limits: LimitsReport, style: Style): string {
  return `\n${limitLines(limits, style).map(printable).join('\n')}\n`;
}
