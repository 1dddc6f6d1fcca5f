// The header as the format's own writer spells it: entries with dtype, shape and data_offsets, in this order and no others,
// without escapes. One regular expression takes an entry at a time, in less time than a map for each would need. Accepts
// nothing that the strict reader refuses; what it leaves alone is for that reader, which also says what is wrong with it.
import { parseStrictJson, StrictJsonError } from '../../files/strictJson.ts';

/** What a header says of one tensor; `start` and `end` in bytes from the first of the data. */
export interface ReadEntry {
  name: string;
  dtype: string;
  shape: number[];
  elements: number;
  start: number;
  end: number;
}

export interface HeaderMembers {
  /** In the order of the text. */
  entries: ReadEntry[];
  /** `__metadata__`; empty when absent. */
  metadata: Record<string, string>;
}

export const metadataKey = '__metadata__';

// Repeats are lazy: of a long name or stretch of spaces, nothing is then kept to come back to. No number has more than
// 15 digits, so that it is exact.
const space = String.raw`[ \t\r\n]*?`;
const string = String.raw`"([^"\\\x00-\x1f]*?)"`;
const integer = String.raw`(0|[1-9]\d{0,14})`;
const joined = (...tokens: string[]): string => tokens.join(space);
const openPattern = new RegExp(joined('', String.raw`\{`), 'y');
const entryPattern = new RegExp(
  joined(
    '',
    joined(string, ':', String.raw`\{`),
    joined('"dtype"', ':', string, ','),
    joined('"shape"', ':', String.raw`\[([\d, \t\r\n]*?)\]`, ','),
    joined('"data_offsets"', ':', String.raw`\[`, integer, ',', integer, String.raw`\]`, String.raw`\}`),
  ),
  'y',
);
const metadataPattern = new RegExp(joined('', `"${metadataKey}"`, ':', String.raw`(?=\{)`), 'y');
const nextPattern = new RegExp(joined('', ','), 'y');
const closePattern = new RegExp(joined('', String.raw`\}`, '$'), 'y');

/** Null where the header is unusual or wrong. */
export function scanPlainHeader(text: string): HeaderMembers | null {
  const scan = new PlainScan(text);
  return scan.document() ? scan : null;
}

class PlainScan implements HeaderMembers {
  readonly entries: ReadEntry[] = [];
  metadata: Record<string, string> = {};
  readonly #text: string;
  readonly #names = new Set<string>();
  #at = 0;
  // Most tensors are like the one before.
  #dtype = '';
  #shapeText = '';
  #shape: number[] = [];
  #elements = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether all of it could be read. */
  document(): boolean {
    if (this.#take(openPattern) === null) return false;
    do if (!this.#entry() && !this.#metadata()) return false;
    while (this.#take(nextPattern) !== null);
    return this.#take(closePattern) !== null;
  }

  #entry(): boolean {
    const match = this.#take(entryPattern);
    if (match === null) return false;
    const [, name = '', dtype = '', shape = '', start, end] = match;
    if (name === metadataKey || !this.#isNew(name)) return false;
    if (dtype !== this.#dtype) this.#dtype = dtype;
    if (shape !== this.#shapeText && !this.#readShape(shape)) return false;
    this.entries.push({
      name,
      dtype: this.#dtype,
      shape: this.#shape.slice(),
      elements: this.#elements,
      start: Number(start),
      end: Number(end),
    });
    return true;
  }

  #readShape(text: string): boolean {
    const shape = strictly(`[${text}]`);
    if (!Array.isArray(shape)) return false;
    const dimensions = shape.filter((dimension) => typeof dimension === 'number');
    if (dimensions.length < shape.length) return false;
    let elements = 1;
    for (const dimension of dimensions) {
      elements *= dimension;
      if (!Number.isSafeInteger(elements)) return false;
    }
    this.#shapeText = text;
    this.#shape = dimensions;
    this.#elements = elements;
    return true;
  }

  #metadata(): boolean {
    if (this.#take(metadataPattern) === null || !this.#isNew(metadataKey)) return false;
    const start = this.#at;
    this.#at = flatObjectEnd(this.#text, start);
    const found = strictly(this.#text.slice(start, this.#at));
    if (!(found instanceof Map)) return false;
    const texts = [...found].filter((pair): pair is [string, string] => typeof pair[1] === 'string');
    this.metadata = Object.fromEntries(texts);
    return texts.length === found.size;
  }

  #isNew(name: string): boolean {
    const known = this.#names.size;
    return this.#names.add(name).size > known;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }
}

/** Past the first brace outside of strings that closes one, where nothing is nested; of broken text, anywhere in it. */
function flatObjectEnd(text: string, start: number): number {
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') inString = !inString;
    else if (inString && character === '\\') at += 1;
    else if (!inString && character === '}') return at + 1;
  }
  return text.length;
}

/** Undefined where it is no JSON. */
function strictly(text: string): ReturnType<typeof parseStrictJson> | undefined {
  try {
    return parseStrictJson(text);
  } catch (thrown) {
    if (thrown instanceof StrictJsonError) return undefined;
    throw thrown;
  }
}
