// The text under the mouse that may be a path, a model id or a name: a quoted string, or a bare word of YAML and shell.
interface Token {
  text: string;
  /** Columns of the text itself, without quotes. */
  start: number;
  end: number;
}

const quoted = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g;
const bare = /[^\s"'`=,;()[\]{}<>|&#]+/g;
/** Longer than any path that file systems take. */
const maxLineLength = 8192;

/** @param allowBare whether values without quotes count, as in YAML and shell files */
export function tokenAt(line: string, character: number, allowBare: boolean): Token | null {
  if (line.length > maxLineLength) return null;
  for (const match of line.matchAll(quoted)) {
    const start = match.index + 1;
    const text = match[1] ?? match[2] ?? '';
    const end = start + text.length;
    if (character >= start && character <= end) return text === '' ? null : { text, start, end };
  }
  if (!allowBare) return null;
  for (const match of line.matchAll(bare)) {
    // `key:` is YAML's own, and so is a list's dash.
    const text = match[0].replace(/:$/, '');
    const end = match.index + text.length;
    if (character >= match.index && character <= end && text !== '' && text !== '-') {
      return match[0].endsWith(':') ? null : { text, start: match.index, end };
    }
  }
  return null;
}
