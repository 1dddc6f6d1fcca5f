// Text in columns: cells padded to the widest of their column, the first column to the left and numbers to the right.

/** Width on a terminal; combining marks (the hat of Ŵ) and escape sequences take none. */
export function textWidth(text: string): number {
  const visible = text.replaceAll(/\u001B\[[\d;]*m/g, '').normalize('NFC');
  return Array.from(visible).length;
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const gap = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + gap : gap + text;
}

/** One line per row, columns two spaces apart; `aligns` per column, the last one repeated. */
export function tabulate(
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[],
): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => textWidth(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, aligns[column] ?? aligns.at(-1)))
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks a sentence at spaces so that no line is wider than `width`, unless a single word is. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Names and metadata come from a file: control characters other than our own colours do not reach the terminal. */
export function printable(line: string): string {
  return line.replaceAll(/(?!\u001B\[\d+m)[\u0000-\u001F\u007F-\u009F]/g, '\uFFFD');
}
