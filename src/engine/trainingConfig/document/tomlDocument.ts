// TOML (prime-rl's input) as a ConfigDocument: read by smol-toml, whose values have no places; these are found in the text,
// by table headers and keys. A file with an error in it gives the error and no values.
import { parse, TomlError } from 'smol-toml';
import type { ConfigScalar } from '../../../shared/report/training.ts';
import { ConfigDocument } from './configDocument.ts';

/** Offsets of a key and of its value. */
interface Place {
  key: [number, number];
  value: [number, number];
}

export function readToml(file: string, text: string): ConfigDocument {
  const document = new ConfigDocument(file, 'toml', text);
  let root: unknown;
  try {
    root = parse(text, { maxDepth: 100 });
  } catch (error) {
    const known = error instanceof TomlError;
    const at = known ? { line: error.line, column: error.column, length: 1 } : null;
    const [first = ''] = (error instanceof Error ? error.message : '').split('\n');
    document.report(
      'config-syntax',
      first.replace(/^Invalid TOML document: /, 'is no TOML: ') || 'is no TOML',
      at,
    );
    return document;
  }
  addLeaves(document, root, '', placesOf(text));
  return document;
}

function addLeaves(
  document: ConfigDocument,
  node: unknown,
  path: string,
  places: ReadonlyMap<string, Place>,
): void {
  if (Array.isArray(node) && node.some(isTable)) {
    for (const [index, item] of node.entries()) addLeaves(document, item, `${path}.${index}`, places);
  } else if (isTable(node)) {
    for (const [key, inner] of Object.entries(node))
      addLeaves(document, inner, path === '' ? key : `${path}.${key}`, places);
  } else {
    const place = places.get(path) ?? enclosing(path, places);
    document.add({
      path,
      value: scalarOf(node),
      key: place === null ? null : document.span(...place.key),
      valueSpan: places.has(path) && place !== null ? document.span(...place.value) : null,
      unresolved: null,
    });
  }
}

/** Keys inside `{ … }` stand at the key of the whole. */
function enclosing(path: string, places: ReadonlyMap<string, Place>): Place | null {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const place = places.get(path.slice(0, dot));
    if (place !== undefined) return place;
  }
  return null;
}

function isTable(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node) && !(node instanceof Date);
}

function scalarOf(node: unknown): ConfigScalar {
  if (Array.isArray(node)) return node.map((item) => String(item));
  if (typeof node === 'string' || typeof node === 'number' || typeof node === 'boolean') return node;
  return node instanceof Date ? node.toISOString() : null;
}

const header = /^\s*(\[\[?)\s*([^[\]#]+?)\s*\]\]?\s*(?:#.*)?$/;
const assignment = /^(\s*)((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=\s*/;

/** Where keys and values stand, by dotted path; lines inside texts of several lines do not count. */
function placesOf(text: string): Map<string, Place> {
  const places = new Map<string, Place>();
  const tables = new Map<string, number>();
  let prefix = '';
  let quote: string | null = null;
  let start = 0;
  for (const line of text.split('\n')) {
    const inside = quote;
    for (const [mark] of line.matchAll(/"""|'''/g))
      quote = quote === null ? mark : quote === mark ? null : quote;
    const table = inside === null ? header.exec(line) : null;
    const found = inside === null ? assignment.exec(line) : null;
    if (table !== null) {
      const name = pathOf(table[2] ?? '');
      const index = (tables.get(name) ?? -1) + 1;
      tables.set(name, index);
      prefix = table[1] === '[[' ? `${name}.${index}.` : `${name}.`;
    } else if (found !== null) {
      const [whole, indent = '', key = ''] = found;
      const path = `${prefix}${pathOf(key)}`;
      const from = start + indent.length;
      const end = start + line.replace(/\s+(#[^"']*)?$/, '').length;
      const place: Place = { key: [from, from + key.length], value: [start + whole.length, end] };
      if (!places.has(path)) places.set(path, place);
    }
    start += line.length + 1;
  }
  return places;
}

function pathOf(key: string): string {
  return key
    .split('.')
    .map((part) => part.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .join('.');
}
