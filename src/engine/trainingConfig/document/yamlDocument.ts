// YAML as a ConfigDocument, by the `yaml` package: anchors, aliases, merge keys and unknown tags are followed with
// bounds, a repeated key is a problem and its last value counts, and a broken file is read as far as it goes.
// YAML 1.1, because that is what the trainers' loaders speak (`yes`, `1_000`).
import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument, type Node } from 'yaml';
import type { ConfigScalar } from '../../../shared/report/training.ts';
import { asProblem } from '../../../shared/errors.ts';
import { ConfigDocument } from './configDocument.ts';
import { resolveInterpolations } from './interpolation.ts';
import { scalarFromText } from './scalarFromText.ts';
import type { Span } from './lineIndex.ts';

const maxDepth = 64;
/** Leaves that aliases may repeat in all: a short file can otherwise describe billions. */
const maxAliased = 20_000;
/** Brackets open at once; beyond that the parser's own recursion is at risk. */
const maxBrackets = 200;

export function readYaml(file: string, text: string): ConfigDocument {
  const document = new ConfigDocument(file, 'yaml', text);
  const tooDeep = deepBracket(text);
  if (tooDeep !== null) {
    document.report(
      'config-unreadable',
      `opens more than ${maxBrackets} brackets at once and was not read`,
      document.span(tooDeep, tooDeep + 1),
    );
    return document;
  }
  try {
    const parsed = parseDocument(text, {
      version: '1.1',
      merge: true,
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
      stringKeys: false,
    });
    for (const error of parsed.errors.slice(0, 40)) {
      document.report('config-syntax', sentence(error.message), document.span(error.pos[0], error.pos[1]));
    }
    if (parsed.contents !== null) new YamlWalk(document).walkRoot(parsed.contents);
  } catch (error) {
    const reason = error instanceof RangeError ? 'is nested too deeply to be read' : asProblem(error).message;
    document.report('config-unreadable', reason, null);
  }
  resolveInterpolations(document);
  return document;
}

class YamlWalk {
  private readonly document: ConfigDocument;
  private readonly anchors = new Map<string, Node>();
  private aliased = 0;
  private aliasDepth = 0;

  constructor(document: ConfigDocument) {
    this.document = document;
  }

  walkRoot(root: Node): void {
    if (isSeq(root) && root.items.every((item) => isScalar(item))) {
      this.overrides(root.items);
      return;
    }
    this.walk(root, '', null, 0);
  }

  /** Hydra's overrides.yaml: a list of `key=value`. */
  private overrides(items: readonly Node[]): void {
    for (const item of items) {
      const text = isScalar(item) && typeof item.value === 'string' ? item.value : '';
      const match = /^(?:\+\+|\+|~)?([\w.@/-]+)=(.*)$/s.exec(text);
      if (match === null) continue;
      const [start, end] = range(item);
      const path = (match[1] ?? '').replace(/@.*$/, '');
      const raw = match[2] ?? '';
      const equals = start + Math.max(0, text.indexOf('='));
      this.document.add({
        path,
        value: scalarFromText(raw),
        key: this.document.span(start, equals),
        valueSpan: this.document.span(equals + 1, end),
        unresolved: null,
      });
    }
  }

  /** False when a bound was hit and the walk must end. */
  private walk(node: unknown, path: string, key: Span | null, depth: number): boolean {
    if (depth > maxDepth) {
      this.document.report('config-unreadable', `${path} is nested deeper than ${maxDepth} levels`, key);
      return true;
    }
    if (isAlias(node)) return this.walkAlias(node.source, path, key, depth);
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) {
      this.anchors.set(node.anchor, node);
    }
    if (isMap(node)) {
      this.document.blockKeys.set(path, key);
      return this.walkMap(node.items, path, depth);
    }
    if (isSeq(node)) return this.walkList(node.items, path, key, depth, spanOf(this.document, node));
    return this.leaf(path, plain(node), key, spanOf(this.document, node));
  }

  private walkAlias(anchor: string, path: string, key: Span | null, depth: number): boolean {
    const target = this.anchors.get(anchor);
    if (target === undefined) {
      this.document.report('config-syntax', `the alias *${anchor} names no earlier anchor`, key);
      return true;
    }
    this.aliasDepth += 1;
    const going = this.walk(target, path, key, depth + 1);
    this.aliasDepth -= 1;
    return going;
  }

  private walkMap(items: readonly unknown[], path: string, depth: number): boolean {
    const seen = new Set<string>();
    const pairs = items.filter((item) => isPair(item));
    // Merged keys first: what the map states itself replaces them.
    const ordered = [
      ...pairs.filter((pair) => keyText(pair.key) === '<<'),
      ...pairs.filter((pair) => keyText(pair.key) !== '<<'),
    ];
    for (const pair of ordered) {
      const name = keyText(pair.key);
      const key = spanOf(this.document, pair.key);
      if (name === '<<') {
        const sources = isSeq(pair.value) ? pair.value.items : [pair.value];
        for (const source of [...sources].reverse()) {
          if (!this.walk(source, path, key, depth + 1)) return false;
        }
        continue;
      }
      if (seen.has(name)) {
        this.document.report('config-syntax', `the key ${name} is given twice; its last value counts`, key);
      }
      seen.add(name);
      if (!this.walk(pair.value, path === '' ? name : `${path}.${name}`, key, depth + 1)) return false;
    }
    return true;
  }

  private walkList(
    items: readonly unknown[],
    path: string,
    key: Span | null,
    depth: number,
    valueSpan: Span | null,
  ): boolean {
    if (items.every((item) => isScalar(item) || item === null)) {
      return this.leaf(
        path,
        items.map((item) => String(plain(item))),
        key,
        valueSpan,
      );
    }
    for (const [index, item] of items.entries()) {
      if (!this.walk(item, path === '' ? `${index}` : `${path}.${index}`, key, depth + 1)) return false;
    }
    return true;
  }

  private leaf(path: string, value: ConfigScalar, key: Span | null, valueSpan: Span | null): boolean {
    if (path === '') return true;
    if (this.aliasDepth > 0 && ++this.aliased > maxAliased) {
      this.document.report(
        'config-unreadable',
        `its aliases repeat more than ${maxAliased} values; the rest was not read`,
        key,
      );
      return false;
    }
    return this.document.add({ path, value, key, valueSpan, unresolved: null });
  }
}

function keyText(key: unknown): string {
  if (!isScalar(key)) return '?';
  // YAML 1.1's merge key is parsed into a symbol.
  return typeof key.value === 'symbol' ? '<<' : String(key.value);
}

function plain(node: unknown): ConfigScalar {
  if (!isScalar(node)) return null;
  const { value } = node;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'bigint') return Number(value);
  return node.source ?? null;
}

function range(node: unknown): [number, number] {
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return [0, 0];
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}

function spanOf(document: ConfigDocument, node: unknown): Span | null {
  const [start, end] = range(node);
  return end > start ? document.span(start, end) : null;
}

function sentence(message: string): string {
  return message.split('\n', 1)[0]?.replace(/\.$/, '') ?? message;
}

/** Offset at which too many brackets are open, counted without regard to quotes; null when never. */
function deepBracket(text: string): number | null {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) {
      open += 1;
      if (open > maxBrackets) return at;
    } else if ((code === 0x5d || code === 0x7d) && open > 0) open -= 1;
  }
  return null;
}
