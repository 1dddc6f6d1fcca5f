// A strict JSON reader for headers and indexes, where JSON.parse is too lenient: it refuses repeated keys and lone
// surrogates, and keeps integers exact. One pass, linear in the text; nesting is limited like in Rust's serde_json.

/** A number written with a fraction, an exponent or a minus zero: never an integer, whatever its value. */
export class JsonFraction {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Integers beyond ±(2^53 − 1) come as bigint; objects as maps in the order of the text. */
export type JsonValue = null | boolean | string | number | bigint | JsonFraction | JsonValue[] | JsonObject;
export type JsonObject = Map<string, JsonValue>;

export class StrictJsonError extends Error {
  readonly kind: 'syntax' | 'duplicate';
  /** Keys from the outermost object to where it went wrong; a duplicate's own key is the last. */
  readonly keys: readonly string[];

  constructor(kind: StrictJsonError['kind'], message: string, keys: readonly string[]) {
    super(message);
    this.kind = kind;
    this.keys = keys;
  }
}

const maxDepth = 128;

/** Throws a StrictJsonError whose message says what stands where, as in `"x" at character 12`. */
export function parseStrictJson(text: string): JsonValue {
  return new Reader(text).document();
}

/**
 * As parseStrictJson for a text that should be an object, but hands over its members one by one, so that a large object
 * need not be held whole. False when the text is valid JSON but no object. A member comes before what follows it is
 * known to be valid.
 */
export function visitStrictJsonObject(text: string, visit: (key: string, value: JsonValue) => void): boolean {
  return new Reader(text).visitDocument(visit);
}

// Character codes.
const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const largeE = 0x45;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const smallE = 0x65;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Where the members of an object go; `has` is asked once for each key, before its value is read. */
interface Members {
  has(key: string): boolean;
  set(key: string, value: JsonValue): unknown;
}

class Reader {
  readonly #text: string;
  readonly #keys: string[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected();
    return value;
  }

  visitDocument(visit: (key: string, value: JsonValue) => void): boolean {
    this.#skipSpace();
    const isObject = this.#text.charCodeAt(this.#at) === openBrace;
    if (isObject) {
      const seen = new Set<string>();
      this.#members({ has: (key) => seen.size === seen.add(key).size, set: visit });
    } else {
      this.#value();
    }
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected();
    return isObject;
  }

  #value(): JsonValue {
    this.#skipSpace();
    const code = this.#text.charCodeAt(this.#at);
    if (code === quote) return this.#string();
    if (code === openBrace) return this.#object();
    if (code === openBracket) return this.#array();
    if (code === minus || (code >= zero && code <= nine)) return this.#number();
    if (this.#word('true')) return true;
    if (this.#word('false')) return false;
    if (this.#word('null')) return null;
    throw this.#unexpected();
  }

  /** Past the bracket that opens an object or a list; whoever is past the closing one takes a level off. */
  #enter(): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw this.#syntax(`nesting deeper than ${maxDepth} levels`);
    this.#at += 1;
  }

  #object(): JsonObject {
    const object: JsonObject = new Map();
    this.#members(object);
    return object;
  }

  #members(into: Members): void {
    this.#enter();
    if (!this.#take(closeBrace)) this.#membersUntilBrace(into);
    this.#depth -= 1;
  }

  #membersUntilBrace(into: Members): void {
    do {
      this.#skipSpace();
      if (this.#text.charCodeAt(this.#at) !== quote) throw this.#unexpected();
      const key = this.#string();
      this.#keys.push(key);
      if (into.has(key)) {
        throw new StrictJsonError('duplicate', `the key "${key}" occurs twice`, [...this.#keys]);
      }
      if (!this.#take(colon)) throw this.#unexpected();
      into.set(key, this.#value());
      this.#keys.pop();
    } while (this.#take(comma));
    if (!this.#take(closeBrace)) throw this.#unexpected();
  }

  #array(): JsonValue[] {
    this.#enter();
    const array: JsonValue[] = [];
    if (!this.#take(closeBracket)) {
      do array.push(this.#value());
      while (this.#take(comma));
      if (!this.#take(closeBracket)) throw this.#unexpected();
    }
    this.#depth -= 1;
    return array;
  }

  #number(): number | bigint | JsonFraction {
    const short = this.#shortInteger();
    if (short !== null) return short;
    numberPattern.lastIndex = this.#at;
    const match = numberPattern.exec(this.#text);
    if (match === null) throw this.#unexpected();
    const [literal, fraction, exponent] = match;
    this.#at += literal.length;
    if (fraction !== undefined || exponent !== undefined || literal === '-0')
      return new JsonFraction(literal);
    const value = Number(literal);
    return Number.isSafeInteger(value) ? value : BigInt(literal);
  }

  /** The common case, without a regular expression: up to 15 digits, no sign, fraction or exponent. */
  #shortInteger(): number | null {
    const text = this.#text;
    let value = 0;
    let at = this.#at;
    for (; at < this.#at + 16; at += 1) {
      const code = text.charCodeAt(at);
      if (!(code >= zero && code <= nine)) break;
      value = 10 * value + (code - zero);
    }
    const digits = at - this.#at;
    const code = text.charCodeAt(at);
    const goesOn = code === dot || code === smallE || code === largeE;
    const leadingZero = digits > 1 && text.charCodeAt(this.#at) === zero;
    if (digits === 0 || digits > 15 || goesOn || leadingZero) return null;
    this.#at = at;
    return value;
  }

  #string(): string {
    const start = this.#at + 1;
    const text = this.#text;
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === quote) break;
      if (code === backslash) return this.#escapedString(start, at);
      // Control characters must be escaped; NaN is the end of the text.
      if (!(code >= 0x20)) {
        this.#at = at;
        throw this.#unexpected();
      }
      at += 1;
    }
    this.#at = at + 1;
    return text.slice(start, at);
  }

  /** The rare string with a backslash, from `start`; the first backslash stands at `firstEscape`. */
  #escapedString(start: number, firstEscape: number): string {
    let value = this.#text.slice(start, firstEscape);
    this.#at = firstEscape;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === quote) break;
      if (!(code >= 0x20)) throw this.#unexpected();
      value += code === backslash ? this.#escape() : this.#text.charAt(this.#at++);
    }
    this.#at += 1;
    if (!isWellFormed(value)) throw this.#syntax('a lone surrogate in a string');
    return value;
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at + 1);
    if (letter === 'u') {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#syntax('a broken \\u escape');
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const value = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (value === undefined) throw this.#syntax(`the unknown escape "\\${letter}"`);
    this.#at += 2;
    return value;
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  /** Skips white space and takes one character if it is this one. */
  #take(code: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #unexpected(): StrictJsonError {
    if (this.#at >= this.#text.length) {
      return new StrictJsonError('syntax', 'it ends too early', [...this.#keys]);
    }
    return this.#syntax(
      `unexpected ${JSON.stringify(String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0))}`,
    );
  }

  #syntax(what: string): StrictJsonError {
    return new StrictJsonError('syntax', `${what} at character ${this.#at}`, [...this.#keys]);
  }
}

/** String.prototype.isWellFormed, which the ES2023 library lacks. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
