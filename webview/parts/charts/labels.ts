// The words of an axis in the room beside it. Pure.

/** Letters that have room beside the smallest chart. */
const mostLetters = 25;

/** In two lines where one would be too long: broken between words, so that the longer line is as short as can be. */
export function labelLines(text: string): string | string[] {
  const words = text.split(/(?<=\S)\s+(?=\S)/u);
  if (text.length <= mostLetters || words.length < 2) return text;
  const breaks = words
    .slice(1)
    .map((_, at) => [words.slice(0, at + 1).join(' '), words.slice(at + 1).join(' ')]);
  const longest = (lines: readonly string[]): number => Math.max(...lines.map(({ length }) => length));
  return breaks.reduce((best, lines) => (longest(lines) < longest(best) ? lines : best));
}
