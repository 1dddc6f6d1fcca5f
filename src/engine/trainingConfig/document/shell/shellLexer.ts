// A script as words, operators and here-documents. Comments and continuations are gone; a word is a piece of the source,
// quotes and expansions included. Never throws: an unclosed quote ends with its line.

export interface Word {
  kind: 'word';
  start: number;
  end: number;
}

/** Newlines are `;`. */
export interface Operator {
  kind: 'operator';
  text: string;
  start: number;
  end: number;
}

/** `<<END` with the place of its body, or `<<<word`; other redirections leave no token. */
export interface Redirect {
  kind: 'redirect';
  /** `<<` and `<<-` give the body, `<<<` the word. */
  body: { start: number; end: number; literal: boolean };
}

export type Token = Word | Operator | Redirect;

const maxTokens = 100_000;
const operators = [';;&', ';;', ';&', '&&', '||', '|&', ';', '&', '|', '(', ')'];

interface Heredoc {
  delimiter: string;
  stripTabs: boolean;
  token: Redirect;
}

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pending: Heredoc[] = [];
  let at = 0;
  while (at < text.length && tokens.length < maxTokens) {
    const character = text[at] ?? '';
    const continued = /^\\\r?\n/.exec(text.slice(at, at + 3));
    if (continued !== null) at += continued[0].length;
    else if (character === '\n') {
      tokens.push({ kind: 'operator', text: ';', start: at, end: at + 1 });
      at += 1;
      for (const heredoc of pending.splice(0)) at = takeBody(text, at, heredoc);
    } else if (/\s/.test(character)) at += 1;
    else if (character === '#') at = lineEnd(text, at);
    else {
      const redirect = /^(?:&>>?|\d*(?:<<<|<<-?|<>|>>|>\||[<>]&?))(?!\()/.exec(text.slice(at, at + 8))?.[0];
      const operator = operators.find((each) => text.startsWith(each, at));
      if (redirect !== undefined) at = takeRedirect(text, at, redirect, tokens, pending);
      else if (operator !== undefined) {
        tokens.push({ kind: 'operator', text: operator, start: at, end: at + operator.length });
        at += operator.length;
      } else {
        const end = wordEnd(text, at);
        tokens.push({ kind: 'word', start: at, end });
        at = end;
      }
    }
  }
  return tokens;
}

/** Returns the place after the redirection's target. */
function takeRedirect(
  text: string,
  start: number,
  operator: string,
  tokens: Token[],
  pending: Heredoc[],
): number {
  let at = start + operator.length;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  if (at >= text.length || /[\n;|()]/.test(text[at] ?? '')) return at;
  const end = wordEnd(text, at);
  const kind = operator.replace(/^\d+/, '');
  if (kind === '<<<') tokens.push({ kind: 'redirect', body: { start: at, end, literal: false } });
  else if (kind === '<<' || kind === '<<-') {
    const written = text.slice(at, end);
    const token: Redirect = {
      kind: 'redirect',
      body: { start: text.length, end: text.length, literal: /["'\\]/.test(written) },
    };
    tokens.push(token);
    pending.push({ delimiter: written.replace(/["'\\]/g, ''), stripTabs: kind === '<<-', token });
  }
  return end;
}

/** The body ends before the line that is the delimiter; returns the place after that line. */
function takeBody(text: string, start: number, { delimiter, stripTabs, token }: Heredoc): number {
  token.body.start = start;
  for (let line = start; line < text.length; line = lineEnd(text, line) + 1) {
    const written = text.slice(line, lineEnd(text, line)).replace(/\r$/, '');
    if ((stripTabs ? written.replace(/^\t+/, '') : written) === delimiter) {
      token.body.end = line;
      return lineEnd(text, line);
    }
  }
  token.body.end = text.length;
  return text.length;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function wordEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (/[<>]/.test(character) && text[at + 1] === '(') at = groupEnd(text, at + 1);
    else if (/[\s;&|()<>]/.test(character)) break;
    else if (character === '\\') {
      // A continuation inside a word joins it with the next line.
      at += text.startsWith('\\\r\n', at) ? 3 : 2;
    } else at = partEnd(text, at);
  }
  return Math.min(Math.max(at, from + 1), text.length);
}

/** End of what starts at `at`: a quoted piece, an expansion, or one character. */
export function partEnd(text: string, at: number): number {
  const character = text[at] ?? '';
  if (character === "'" || character === '"' || character === '`') return quoteEnd(text, at);
  if (character !== '$') return at + 1;
  const next = text[at + 1];
  if (next === "'") return quoteEnd(text, at + 1, true);
  return next === '(' || next === '{' ? groupEnd(text, at + 1) : at + 1;
}

/** After the closing quote; without one, the end of the line. */
function quoteEnd(text: string, open: number, escapes = text[open] !== "'"): number {
  const quote = text[open] ?? '"';
  let at = open + 1;
  while (at < text.length && text[at] !== quote) {
    if (text[at] === '\\' && escapes) at += 2;
    else at = quote === '"' && text[at] === '$' ? partEnd(text, at) : at + 1;
  }
  return at < text.length ? at + 1 : lineEnd(text, open);
}

/** After the bracket that closes the one at `open`; without one, the end of the line. */
function groupEnd(text: string, open: number): number {
  const [opening, closing] = text[open] === '{' ? ['{', '}'] : ['(', ')'];
  let depth = 0;
  let at = open;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '\\') at += 2;
    else if (character === "'" || character === '"' || character === '`') at = quoteEnd(text, at);
    else {
      if (character === opening) depth += 1;
      if (character === closing) depth -= 1;
      at += 1;
      if (depth === 0) return at;
    }
  }
  return lineEnd(text, open);
}
