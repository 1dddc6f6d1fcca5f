// Quotes, `$NAME`, `${NAME:-default}`, `"${ARRAY[@]}"`, `$((…))` and `$(cat <<END …)` of one word, as bash expands them.
// Nothing is run. What the script does not set stays as written and is marked open.
import { arithmetic } from './arithmetic.ts';
import { partEnd } from './shellLexer.ts';
import type { Scope, Variable } from './shellScope.ts';
import { fieldsOf, isOpen, stringOf, textSource, type Char, type Source, type Text } from './shellText.ts';

interface Place {
  from: number;
  to: number;
}

/** A character of a field, and where the expansion that gave it is written; null = it is written itself. */
interface Placed {
  char: Char;
  use: Place | null;
  /** Of a list or of several words: what matters is where those are written, not where they are expanded. */
  own: boolean;
}

/** What a `$…` stands for; `list` keeps its items apart even between quotes. */
interface Expansion {
  items: Text[];
  list: boolean;
}

const maxDepth = 20;

function placeOf({ char, use, own }: Placed): Char {
  return own || use === null ? char : { ...char, ...use };
}

/** The fields that a word becomes: none, one, or several. */
export function expandWord(source: Source, start: number, end: number, scope: Scope): Text[] {
  return new Expander(source, scope, 0).fields(start, end);
}

/** As on the right of `=`: one text, nothing split. Its characters stand where they are written here. */
export function expandValue(source: Source, start: number, end: number, scope: Scope, depth = 0): Text {
  return new Expander(source, scope, depth).value(start, end);
}

class Expander {
  private readonly source: Source;
  private readonly scope: Scope;
  private readonly depth: number;
  private readonly done: Placed[][] = [];
  private current: Placed[] | null = null;
  private emptyLists = 0;

  constructor(source: Source, scope: Scope, depth: number) {
    this.source = source;
    this.scope = scope;
    this.depth = depth;
  }

  fields(start: number, end: number): Text[] {
    this.read(start, end, false, true);
    this.close();
    return this.done.map((field) => field.map(placeOf));
  }

  value(start: number, end: number): Text {
    this.read(start, end, false, false);
    this.close();
    const apart = { char: blank(this.source.charAt(start)), use: null, own: false };
    const joined = this.done.flatMap((field, index) => (index === 0 ? field : [apart, ...field]));
    return joined.map(placeOf);
  }

  private read(start: number, end: number, quoted: boolean, split: boolean): void {
    const { text } = this.source;
    let at = start;
    while (at < end) {
      const character = text[at] ?? '';
      const next = Math.min(partEnd(text, at), end);
      if (character === '\\') at = this.escape(at, end, quoted);
      else if (quoted && character !== '$' && character !== '`') at = this.literal(at);
      else if (character === "'") {
        this.open();
        for (let inside = at + 1; inside < closeOf(text, at, next); inside++) this.literal(inside);
        at = next;
      } else if (character === '"') {
        const fresh = this.current === null;
        const field = this.open();
        const before = this.emptyLists;
        this.read(at + 1, closeOf(text, at, next), true, split);
        // "$@" of nothing is no word, where "" is one.
        if (fresh && this.emptyLists > before && field.length === 0) this.dropEmpty(field);
        at = next;
      } else if (character === '`') {
        this.add(this.asWritten(at, next), {
          from: this.source.charAt(at).from,
          to: this.source.charAt(next - 1).to,
        });
        at = next;
      } else if (character === '$') at = this.parameter(at, next, end, quoted, split);
      else at = this.literal(at);
    }
  }

  private escape(at: number, end: number, quoted: boolean): number {
    const { text } = this.source;
    const next = text[at + 1] ?? '';
    if (next === '\n') return at + 2;
    if (next === '\r' && text[at + 2] === '\n') return at + 3;
    if (at + 1 >= end || (quoted && !/["\\$`]/.test(next))) return this.literal(at);
    return this.literal(at + 1);
  }

  /** Returns the place after what was expanded. */
  private parameter(at: number, next: number, end: number, quoted: boolean, split: boolean): number {
    const { text } = this.source;
    if (text[at + 1] === "'" && !quoted) {
      this.open();
      for (let inside = at + 2; inside < next - 1; inside++) this.literal(inside);
      return next;
    }
    const bare = /^(?:[A-Za-z_]\w*|[@*#?$!-]|\d)/.exec(text.slice(at + 1, Math.min(end, at + 200)))?.[0];
    const stop = next > at + 1 ? next : bare === undefined ? at + 1 : at + 1 + bare.length;
    if (stop === at + 1) return this.literal(at);
    const expansion = bare === undefined ? this.grouped(at, stop) : this.named(bare, null);
    const use = { from: this.source.charAt(at).from, to: this.source.charAt(stop - 1).to };
    const written = this.asWritten(at, stop);
    const items = expansion === null || !this.affordable(expansion) ? [written] : expansion.items;
    const list = expansion?.list === true;
    if (quoted && list && split) this.addItems(items, use);
    else if (quoted || !split) this.addJoined(items, use);
    else for (const [index, item] of items.entries()) this.addSplit(item, use, list, index > 0);
    return stop;
  }

  private affordable({ items }: Expansion): boolean {
    return this.scope.spend(items.reduce((sum, item) => sum + item.length, 0));
  }

  /** `${…}`, `$(…)` and `$((…))`; null = stays as written. */
  private grouped(at: number, stop: number): Expansion | null {
    const { text } = this.source;
    const inside = text.slice(at + 2, stop - 1);
    if (this.depth >= maxDepth) return null;
    if (text[at + 1] === '(') {
      const sum = /^\((.*)\)$/s.exec(inside);
      return sum === null ? this.heredoc(at + 2, inside) : this.sum(at, sum[1] ?? '');
    }
    const match = /^([A-Za-z_]\w*|[@*]|\d+)(?:\[([^\]]*)\])?(.*)$/s.exec(inside);
    const [, name = '', index, rest = ''] = match ?? [];
    const key = index === undefined ? null : this.keyOf(at + 3 + name.length, index);
    const found = match === null ? null : this.named(name, key);
    if (rest === '') return found;
    const operator = /^(:?[-=+?])/.exec(rest)?.[1];
    if (match === null || operator === undefined) return null;
    const empty = found?.items.every((item) => item.length === 0) === true;
    const missing = found === null || (operator.startsWith(':') && empty);
    if (operator.endsWith('?')) return found;
    if (operator.endsWith('+'))
      return missing ? { items: [[]], list: false } : this.inner(stop - 1, rest, operator);
    return missing ? this.inner(stop - 1, rest, operator) : found;
  }

  /** `${TABLE[$SIZE]}` */
  private keyOf(start: number, index: string): string {
    if (!index.includes('$')) return index.replace(/["']/g, '');
    return stringOf(expandValue(this.source, start, start + index.length, this.scope, this.depth + 1));
  }

  private inner(end: number, rest: string, operator: string): Expansion {
    const start = end - rest.length + operator.length;
    return { items: [expandValue(this.source, start, end, this.scope, this.depth + 1)], list: false };
  }

  private sum(at: number, text: string): Expansion | null {
    const value = arithmetic(text, (name) => {
      const found = this.named(name, null)?.items[0];
      return found !== undefined && /^-?\d+$/.test(stringOf(found)) ? Number(stringOf(found)) : null;
    });
    if (value === null) return null;
    const origin = this.source.charAt(at);
    return { items: [Array.from(String(value), (c) => ({ ...origin, c }))], list: false };
  }

  /** `$(cat <<END … END)`, the usual way to write a long text. */
  private heredoc(start: number, inside: string): Expansion | null {
    const match = /^(\s*cat\s*<<-?\s*(["']?)(\w+)\2[^\S\n]*\n)([\s\S]*?)\n?[^\S\n]*\3\s*$/.exec(inside);
    if (match === null) return null;
    const from = start + (match[1] ?? '').length;
    const to = from + (match[4] ?? '').length;
    const body =
      match[2] === '' ? expandBody(this.source, from, to, this.scope) : this.charsBetween(from, to);
    return { items: [body], list: false };
  }

  /** Null for what the script does not set. */
  private named(name: string, index: string | null): Expansion | null {
    if (name === '@' || name === '*') return { items: this.scope.positional ?? [], list: name === '@' };
    if (/^\d+$/.test(name)) {
      const item = this.scope.positional?.[Number(name) - 1];
      return item === undefined ? null : { items: [item], list: false };
    }
    const variable = this.scope.get(name);
    if (variable === null || variable.ambiguous) return null;
    if (index === '@' || index === '*') return { items: variable.items, list: index === '@' };
    const item = itemAt(variable, index);
    return item === null ? null : { items: [item], list: false };
  }

  private asWritten(start: number, end: number): Text {
    return this.charsBetween(start, end).map((char) => ({ ...char, open: true }));
  }

  private charsBetween(start: number, end: number): Char[] {
    return Array.from({ length: Math.max(0, end - start) }, (_, index) => this.source.charAt(start + index));
  }

  private literal(at: number): number {
    this.open().push({ char: this.source.charAt(at), use: null, own: false });
    return at + 1;
  }

  private add(text: Text, use: Place, own = false): void {
    const field = this.open();
    for (const char of text) field.push({ char, use, own });
  }

  private addItems(items: readonly Text[], use: Place): void {
    if (items.length === 0) this.emptyLists += 1;
    for (const [index, item] of items.entries()) {
      if (index > 0) this.close();
      this.add(item, use, true);
    }
  }

  /** Arguments that are taken over as they are stay where they were first written. */
  private addJoined(items: readonly Text[], use: Place): void {
    for (const [index, item] of items.entries()) {
      const first = item[0];
      if (index > 0 && first !== undefined) this.add([blank(first)], use);
      this.add(item, use, isArguments(item));
    }
    if (items.length > 0) this.open();
  }

  private addSplit(item: Text, use: Place, list: boolean, apart: boolean): void {
    const fields = fieldsOf(item);
    const own = list || fields.length > 1 || item[0]?.c === '-';
    if (apart || /\s/.test(item[0]?.c ?? '')) this.close();
    for (const [index, field] of fields.entries()) {
      if (index > 0) this.close();
      this.add(field, use, own);
    }
    if (fields.length > 0 && /\s/.test(item[item.length - 1]?.c ?? '')) this.close();
  }

  private dropEmpty(field: Placed[]): void {
    if (this.current === field) this.current = null;
  }

  private open(): Placed[] {
    return (this.current ??= []);
  }

  private close(): void {
    if (this.current !== null) this.done.push(this.current);
    this.current = null;
  }
}

/** The body of a here-document: expansions count, quotes do not. */
export function expandBody(source: Source, start: number, end: number, scope: Scope): Text {
  const quoted = Array.from({ length: Math.max(0, end - start) }, (_, index) => source.charAt(start + index));
  const escaped = quoted.map((char) => (char.c === '"' ? { ...char, c: '\u0001' } : char));
  const inside = textSource(
    [blank(source.charAt(start)), ...escaped, blank(source.charAt(start))].map(quote),
  );
  const text = expandValue(inside, 0, inside.text.length, scope);
  return text.map((char) => (char.c === '\u0001' ? { ...char, c: '"' } : char));
}

function quote(char: Char, index: number, all: readonly Char[]): Char {
  return index === 0 || index === all.length - 1 ? { ...char, c: '"' } : char;
}

/** `--key value`, `a.b=c`, or several of them. */
function isArguments(text: Text): boolean {
  return text[0]?.c === '-' || /\s(--[A-Za-z]|[\w.]+=)/.test(stringOf(text));
}

function blank(char: Char): Char {
  return { ...char, c: ' ', open: false };
}

function itemAt(variable: Variable, index: string | null): Text | null {
  const at = index === null ? 0 : variable.keys.lastIndexOf(index);
  const item = variable.items[at];
  // A list without items, or an item that only outside code sets.
  return item === undefined || (item.length === 0 && isOpen(item)) ? null : item;
}

/** The place of the closing quote; an unclosed quote has none. */
function closeOf(text: string, open: number, end: number): number {
  return end - 1 > open && text[end - 1] === text[open] ? end - 1 : end;
}
