// Offsets of a text as 1-based lines and columns (UTF-16 units, as editors count them).
export class LineIndex {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  /** Place of an offset; `end` closes the span and stays on the same line. */
  span(start: number, end: number): Span {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= start) low = middle;
      else high = middle - 1;
    }
    const lineStart = this.starts[low] ?? 0;
    const lineEnd = this.starts[low + 1] ?? Infinity;
    const length = Math.max(0, Math.min(end, lineEnd - 1) - start);
    return { line: low + 1, column: start - lineStart + 1, length };
  }
}

/** A piece of one line. */
export interface Span {
  line: number;
  column: number;
  length: number;
}
