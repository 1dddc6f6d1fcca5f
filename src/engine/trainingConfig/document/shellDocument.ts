// A launch script as a ConfigDocument: `--key value`, `--key=value`, and Hydra's `key=value` words, over continuation
// lines, quotes, arrays and here-documents. Variables are replaced where the file itself assigns them; nothing is run.
import { ConfigDocument } from './configDocument.ts';
import { scalarFromText } from './scalarFromText.ts';

interface Word {
  text: string;
  start: number;
  end: number;
  /** First word after a line end, `;`, `&&` or `|`. */
  opensCommand: boolean;
}

/** `a.b=value`, `+a.b=value` and `++a.b=value`, quoted as a whole or not. */
const hydraWord = /^["']?(?:\+\+|\+)?([A-Za-z_][\w-]*(?:[.@/][\w-]+)+)=(.*)$/s;

const maxWords = 100_000;
const maxExpanded = 4096;

export function readShell(file: string, text: string): ConfigDocument {
  const document = new ConfigDocument(file, 'shell', text);
  const variables = new Map<string, string>();
  const words = splitWords(text);
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === undefined) break;
    const assignment = /^(?:export\s+)?([A-Za-z_]\w*)=([^(].*)?$/s.exec(word.text);
    if (assignment !== null && word.opensCommand) {
      variables.set(assignment[1] ?? '', expand(unquote(assignment[2] ?? ''), variables));
      continue;
    }
    const flag = /^--([A-Za-z][\w.-]*)(?:=(.*))?$/s.exec(word.text);
    if (flag !== null) {
      index = readFlag(document, words, index, flag[1] ?? '', flag[2], variables);
      continue;
    }
    const override = hydraWord.exec(word.text);
    if (override !== null) {
      const equals = word.start + word.text.indexOf('=');
      // A word quoted as a whole keeps its closing quote in the value.
      const value = /^["']/.test(word.text) ? (override[2] ?? '').slice(0, -1) : (override[2] ?? '');
      addValue(document, override[1] ?? '', value, word, equals, variables);
    } else if (document.words.length < 1000) document.words.push(unquote(word.text));
  }
  return document;
}

/** Reads the values after a flag; returns the index of the last word used. */
function readFlag(
  document: ConfigDocument,
  words: readonly Word[],
  index: number,
  name: string,
  attached: string | undefined,
  variables: ReadonlyMap<string, string>,
): number {
  const word = words[index];
  if (word === undefined) return index;
  const keyLength = attached === undefined ? word.text.length : word.text.indexOf('=');
  const key = document.span(word.start, word.start + keyLength);
  if (attached !== undefined) {
    addValue(document, name, attached, word, word.start + word.text.indexOf('='), variables);
    return index;
  }
  const values: Word[] = [];
  let last = index;
  for (let next = words[last + 1]; next !== undefined; next = words[last + 1]) {
    if (next.opensCommand || /^(-{1,2}([A-Za-z]|$)|[()])/.test(next.text) || hydraWord.test(next.text)) break;
    values.push(next);
    last += 1;
  }
  const first = values[0];
  const texts = values.map((value) => expand(unquote(value.text), variables));
  const unresolved = texts.some((text) => text.includes('$')) ? texts.join(' ') : null;
  document.add({
    path: name,
    value: texts.length > 1 ? texts : first === undefined ? true : scalarFromText(texts[0] ?? ''),
    key,
    valueSpan: first === undefined ? null : document.span(first.start, words[last]?.end ?? first.end),
    unresolved,
  });
  return last;
}

function addValue(
  document: ConfigDocument,
  path: string,
  raw: string,
  word: Word,
  equals: number,
  variables: ReadonlyMap<string, string>,
): void {
  const text = expand(unquote(raw), variables);
  document.add({
    path,
    value: scalarFromText(text),
    key: document.span(word.start, equals),
    valueSpan: document.span(equals + 1, word.end),
    unresolved: text.includes('$') ? text : null,
  });
}

/** `$NAME`, `${NAME}` and `${NAME:-default}`; what is not assigned in the file stays as written. */
function expand(text: string, variables: ReadonlyMap<string, string>): string {
  if (!text.includes('$')) return text;
  const expanded = text.replace(
    /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-([^{}]*))?\})/g,
    (whole, bare: string | undefined, braced: string | undefined, otherwise: string | undefined) =>
      variables.get(bare ?? braced ?? '') ?? otherwise ?? whole,
  );
  return expanded.length > maxExpanded ? text : expanded;
}

function unquote(text: string): string {
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

function splitWords(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  let opensCommand = true;
  while (at < text.length && words.length < maxWords) {
    const character = text[at] ?? '';
    if (character === '\\' && /^\\\r?\n/.test(text.slice(at, at + 3))) at += text[at + 1] === '\r' ? 3 : 2;
    else if (character === '#') at = lineEnd(text, at);
    else if (/[\n;&|]/.test(character)) {
      opensCommand = true;
      at += 1;
    } else if (/\s/.test(character)) at += 1;
    else {
      const end = wordEnd(text, at);
      const word = text.slice(at, end);
      words.push({ text: word, start: at, end, opensCommand });
      opensCommand &&= /^(export|local|readonly|declare|env)$/.test(word) || /^[A-Za-z_]\w*=/.test(word);
      at = end;
    }
  }
  return words;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** End of a word that starts at `at`: quotes are kept together, an array's `NAME=(` ends after its bracket. */
function wordEnd(text: string, from: number): number {
  let at = from;
  if (text[at] === '(' || text[at] === ')') return at + 1;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (/[\s;&|)]/.test(character)) break;
    if (character === '(' && text[at - 1] === '=') return at + 1;
    if (character === '\\') {
      if (text[at + 1] === '\n' || text[at + 1] === '\r') break;
      at += 2;
    } else if (character === '"' || character === "'") {
      const close = closingQuote(text, at);
      if (close === -1) return lineEnd(text, at);
      at = close + 1;
    } else at += 1;
  }
  return Math.min(Math.max(at, from + 1), text.length);
}

function closingQuote(text: string, open: number): number {
  const quote = text[open] ?? '"';
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at += 1;
    else if (text[at] === quote) return at;
  }
  return -1;
}
