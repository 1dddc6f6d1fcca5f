// Limits as they are written: a YAML or JSON file with a list under `limits`, or the same list in a pair file. Each item is a text, or
// a map of one pattern to a text, which is what YAML makes of `PATTERN: NAME OPERATOR VALUE`. Every error names file, line and column.
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Scalar } from 'yaml';
import { ThreeGateError, type ProblemCode } from '../../shared/errors.ts';
import { nearestOf } from './catalogue.ts';
import { parseLimit, type ParsedLimit } from './grammar.ts';

interface Place {
  file: string;
  /** 1-based. */
  line: number;
  column: number;
}

export type Limit = ParsedLimit & Place;

export function placeText({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

const keys = ['limits', '$schema'];
/** A limits file is written by hand. */
const mostLimits = 10_000;

/** The limits of a file of their own. Throws `config-syntax` or `config-value`. */
export function parseLimitsFile(text: string, file: string): Limit[] {
  const source = new Source(text, file);
  const root = source.root();
  if (!isMap(root)) return source.fail(root, 'a limits file holds a map with a list under "limits"');
  for (const { key } of root.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (keys.includes(name)) continue;
    source.fail(key, `"${name}" is no key of a limits file; the nearest one is "${nearestOf(name, keys)}"`);
  }
  const list: unknown = root.get('limits', true);
  if (list === undefined) return source.fail(root, 'there is no "limits"');
  return limitsOf(source, list);
}

/** What a pair file says of limits: its own list, the path of a file, or nothing. Throws as `parseLimitsFile`. */
export function parsePairLimits(text: string, file: string): Limit[] | string | null {
  const source = new Source(text, file);
  const root = source.root();
  const list: unknown = isMap(root) ? root.get('limits', true) : undefined;
  if (list === undefined) return null;
  if (isScalar(list) && typeof list.value === 'string' && list.value !== '') return list.value;
  return limitsOf(source, list);
}

function limitsOf(source: Source, list: unknown): Limit[] {
  if (!isSeq(list)) return source.fail(list, '"limits" must be a list');
  if (list.items.length === 0) return source.fail(list, '"limits" is empty: a guard that never looks');
  if (list.items.length > mostLimits) return source.fail(list, `"limits" has more than ${mostLimits} items`);
  return list.items.map((item) => limitOf(source, item));
}

function limitOf(source: Source, item: unknown): Limit {
  if (isScalar(item) && typeof item.value === 'string') return source.limit([[item.value, item]]);
  if (isMap(item) && item.items.length === 1) {
    const [pair] = item.items;
    const { key, value } = pair ?? {};
    if (isScalar(key) && isScalar(value) && typeof value.value === 'string') {
      return source.limit([
        [`${String(key.value)}: `, key],
        [value.value, value],
      ]);
    }
  }
  return source.fail(
    item,
    'a limit is a text, as in "relativeDrift <= 0.01" or "q_proj: sparsityBf16 >= 0.4"',
  );
}

/** The text of a file, and where in it its parts stand. */
class Source {
  private readonly lines = new LineCounter();

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  /** Throws for a text that is no YAML. */
  root(): unknown {
    const parsed = parseDocument(this.text, {
      lineCounter: this.lines,
      logLevel: 'silent',
      prettyErrors: false,
    });
    const [error] = parsed.errors;
    if (error !== undefined) this.refuse(error.pos[0], error.message, 'config-syntax');
    return parsed.contents;
  }

  /** A limit from one or two scalars that together are its text. */
  limit(parts: readonly (readonly [text: string, node: Scalar])[]): Limit {
    const text = parts.map(([part]) => part).join('');
    const fail = (index: number, message: string): never => {
      let start = 0;
      let at = 0;
      for (const [part, node] of parts) {
        if (index >= start) at = this.startOf(node) + index - start;
        start += part.length;
      }
      return this.refuse(at, message, 'config-value');
    };
    const [, first] = parts[0] ?? [];
    const { line, col } = this.lines.linePos(first?.range?.[0] ?? 0);
    return { ...parseLimit(text, fail), file: this.file, line, column: col };
  }

  fail(node: unknown, message: string): never {
    const at = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    return this.refuse(at, message, 'config-value');
  }

  private startOf(node: Scalar): number {
    const isQuoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
    return (node.range?.[0] ?? 0) + (isQuoted ? 1 : 0);
  }

  private refuse(offset: number, message: string, code: ProblemCode): never {
    const { line, col } = this.lines.linePos(offset);
    const place = placeText({ file: this.file, line: Math.max(line, 1), column: Math.max(col, 1) });
    throw new ThreeGateError(code, `${place}: ${message.replace(/\.$/u, '')}.`, { file: this.file });
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value);
}
