// JSON as Python writes it (bare NaN and Infinity are allowed), read with positions and as far as it goes.
// One scanner serves both uses: located config leaves, and the plain value of a log file.
import type { ConfigScalar } from '../../../shared/report/training.ts';
import { ConfigDocument } from './configDocument.ts';

export type LooseJson = string | number | boolean | null | LooseJson[] | { [key: string]: LooseJson };

const maxDepth = 100;
const literals: readonly [string, LooseJson][] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
];

/** Where scanning stopped and why. */
interface JsonFault {
  at: number;
  reason: string;
}

/** Called for every leaf: path, value, and the offsets of key and value. */
type OnLeaf = (path: string, value: ConfigScalar, key: [number, number], at: [number, number]) => boolean;

export function readJson(file: string, text: string): ConfigDocument {
  const document = new ConfigDocument(file, 'json', text);
  const { fault } = scanJson(text, (path, value, key, at) =>
    document.add({
      path,
      value,
      key: document.span(key[0], key[1]),
      valueSpan: document.span(at[0], at[1]),
      unresolved: null,
    }),
  );
  if (fault !== null) {
    document.report('config-syntax', fault.reason, document.span(fault.at, fault.at + 1));
  }
  return document;
}

/** The value of a JSON text; a fault leaves what was read before it. */
export function scanJson(
  text: string,
  onLeaf: OnLeaf | null = null,
): { value: LooseJson; fault: JsonFault | null } {
  const scanner = new Scanner(text, onLeaf);
  const value = scanner.value('', [0, 0], 0);
  scanner.skipSpace();
  if (scanner.fault === null && scanner.at < text.length) scanner.fail('has text after the end of its value');
  return { value, fault: scanner.fault };
}

class Scanner {
  at = 0;
  fault: JsonFault | null = null;
  private readonly text: string;
  private readonly onLeaf: OnLeaf | null;

  constructor(text: string, onLeaf: OnLeaf | null) {
    this.text = text;
    this.onLeaf = onLeaf;
  }

  fail(reason: string): null {
    this.fault ??= { at: this.at, reason };
    return null;
  }

  skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  value(path: string, key: [number, number], depth: number): LooseJson {
    this.skipSpace();
    const start = this.at;
    const first = this.text[start];
    if (first === '{') return this.object(path, depth);
    if (first === '[') return this.list(path, key, depth);
    const value = first === '"' ? this.string() : this.literal();
    if (this.fault === null) this.leaf(path, value, key, start);
    return value;
  }

  private leaf(path: string, value: LooseJson, key: [number, number], start: number): void {
    if (this.onLeaf === null || path === '') return;
    const scalar = asScalar(value);
    if (!this.onLeaf(path, scalar, key, [start, this.at])) this.fail('holds too many values');
  }

  private object(path: string, depth: number): LooseJson {
    const result: Record<string, LooseJson> = Object.create(null) as Record<string, LooseJson>;
    if (depth > maxDepth) return this.fail(`is nested deeper than ${maxDepth} levels`);
    this.at += 1;
    this.skipSpace();
    if (this.text[this.at] === '}') {
      this.at += 1;
      return result;
    }
    while (this.fault === null) {
      this.skipSpace();
      const start = this.at;
      if (this.text[start] !== '"') return this.stopped('expected a key in double quotes', result);
      const name = this.string();
      const end = this.at;
      this.skipSpace();
      if (this.text[this.at] !== ':') {
        return this.stopped('expected a colon after the key', result);
      }
      this.at += 1;
      const value = this.value(path === '' ? name : `${path}.${name}`, [start, end], depth + 1);
      result[name] = value;
      this.skipSpace();
      const next = this.text[this.at];
      if (next === '}') {
        this.at += 1;
        return result;
      }
      if (next !== ',') return this.stopped('expected a comma or the end of the object', result);
      this.at += 1;
    }
    return result;
  }

  private list(path: string, key: [number, number], depth: number): LooseJson {
    const result: LooseJson[] = [];
    const open = this.at;
    if (depth > maxDepth) return this.fail(`is nested deeper than ${maxDepth} levels`);
    this.at += 1;
    this.skipSpace();
    if (this.text[this.at] === ']') {
      this.at += 1;
      this.leaf(path, result, key, open);
      return result;
    }
    let scalars = true;
    while (this.fault === null) {
      this.skipSpace();
      const start = this.at;
      const first = this.text[start];
      const nested = first === '{' || first === '[';
      scalars &&= !nested;
      const item = nested
        ? this.value(`${path}.${result.length}`, key, depth + 1)
        : first === '"'
          ? this.string()
          : this.literal();
      result.push(item);
      this.skipSpace();
      const next = this.text[this.at];
      if (next === ']') {
        this.at += 1;
        if (scalars) this.leaf(path, result, key, open);
        return result;
      }
      if (next !== ',') return this.stopped('expected a comma or the end of the list', result);
      this.at += 1;
    }
    return result;
  }

  private stopped(reason: string, partial: LooseJson): LooseJson {
    this.fail(this.at >= this.text.length ? 'ends in the middle of a value' : reason);
    return partial;
  }

  private string(): string {
    const start = this.at;
    let end = start + 1;
    while (end < this.text.length) {
      const code = this.text.charCodeAt(end);
      if (code === 0x22) break;
      if (code === 0x0a) break;
      end += code === 0x5c ? 2 : 1;
    }
    if (this.text[end] !== '"') {
      this.fail('has a string without its closing quote');
      this.at = Math.min(end, this.text.length);
      return '';
    }
    this.at = end + 1;
    const raw = this.text.slice(start, this.at);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      return JSON.parse(raw) as string;
    } catch {
      this.at = start;
      this.fail('has a string with an unknown escape');
      return '';
    }
  }

  private literal(): LooseJson {
    for (const [word, value] of literals) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    number.lastIndex = this.at;
    const match = number.exec(this.text);
    if (match === null) return this.stopped('expected a value', null);
    this.at += match[0].length;
    return Number(match[0]);
  }
}

const number = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y;

function asScalar(value: LooseJson): ConfigScalar {
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'object' ? 'null' : String(item)));
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'object' ? null : value;
}
