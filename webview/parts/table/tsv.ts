// Tab-separated text for a spreadsheet: full precision, one line per row, nothing that a spreadsheet would run.

export type Cell = string | number | null;

export interface PlainTable {
  columns: string[];
  rows: Cell[][];
}

export function tableTsv({ columns, rows }: PlainTable): string {
  return tsv([columns, ...rows]);
}

export function tsv(lines: readonly (readonly Cell[])[]): string {
  return lines.map((line) => `${line.map(cellText).join('\t')}\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const flat = cell.replace(/[\t\r\n]+/gu, ' ');
  // Names come from files: a leading sign would be read as a formula.
  return /^[=+\-@]/u.test(flat) ? `'${flat}` : flat;
}
