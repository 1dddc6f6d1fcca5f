// A config file of any format as a flat list of leaves: dotted path → value and where both stand.
// Whatever could be read is here; whatever could not is a problem with line and column.
import { problem, type Problem } from '../../../shared/errors.ts';
import type { ConfigScalar } from '../../../shared/report/training.ts';
import { LineIndex, type Span } from './lineIndex.ts';

type DocumentFormat = 'yaml' | 'json' | 'toml' | 'shell' | 'overrides' | 'pickle';

export interface LocatedValue {
  /** Dotted path from the root; list items that are not scalars are counted from 0. */
  path: string;
  value: ConfigScalar;
  key: Span | null;
  valueSpan: Span | null;
  /** Source text of a value that holds an unresolved `${…}`, or `???`; null for a plain value. */
  unresolved: string | null;
}

/** One of several launches in a script; only one is read. */
interface LocatedLaunch {
  title: string;
  at: Span;
  read: boolean;
}

/** Leaves kept of one file; what is beyond is a problem. */
const maxLeaves = 250_000;
const maxProblems = 20;

export class ConfigDocument {
  readonly values = new Map<string, LocatedValue>();
  readonly problems: Problem[] = [];
  readonly file: string;
  readonly format: DocumentFormat;
  /** Words of a launch that are neither flags nor their values; the program that it starts comes first. */
  readonly words: string[] = [];
  /** The launches of a script that has several, in order; empty for everything else. */
  launches: LocatedLaunch[] = [];
  /** Where the keys of nested maps stand. */
  readonly blockKeys = new Map<string, Span | null>();
  private readonly blocks = new Set<string>();
  private readonly lines: LineIndex;

  constructor(file: string, format: DocumentFormat, text: string) {
    this.file = file;
    this.format = format;
    this.lines = new LineIndex(text);
  }

  span(start: number, end: number): Span {
    return this.lines.span(start, end);
  }

  /** Adds a leaf; a later one of the same path replaces it, as every loader of these formats does. False when full. */
  add(value: LocatedValue): boolean {
    if (this.values.size >= maxLeaves && !this.values.has(value.path)) {
      this.report('config-unreadable', `holds more than ${maxLeaves} values; the rest was not read`, null);
      return false;
    }
    this.values.set(value.path, value);
    let dot = value.path.lastIndexOf('.');
    while (dot > 0) {
      const block = value.path.slice(0, dot);
      if (this.blocks.has(block)) break;
      this.blocks.add(block);
      dot = value.path.lastIndexOf('.', dot - 1);
    }
    return true;
  }

  get(path: string): LocatedValue | null {
    return this.values.get(path) ?? null;
  }

  /** The block at a path as a document of its own: same file and places, paths without the prefix. */
  block(prefix: string): ConfigDocument {
    const inside = this.derived();
    for (const leaf of this.values.values()) {
      if (leaf.path.startsWith(`${prefix}.`))
        inside.add({ ...leaf, path: leaf.path.slice(prefix.length + 1) });
    }
    return inside;
  }

  /** W&B wraps every argument of a run as `key: {value: …}`; null when this is no such file. */
  unwrapped(): ConfigDocument | null {
    if (!this.has('_wandb.value') && !this.has('wandb_version')) return null;
    const inside = this.derived();
    for (const leaf of this.values.values()) {
      const match = /^([^.]+)\.value(\..*)?$/.exec(leaf.path);
      if (match !== null && match[1] !== '_wandb') {
        const [, name = '', rest = ''] = match;
        const key = rest === '' ? (this.blockKeys.get(name) ?? leaf.key) : leaf.key;
        inside.add({ ...leaf, path: `${name}${rest}`, key });
      }
    }
    return inside;
  }

  private derived(): ConfigDocument {
    const copy = new ConfigDocument(this.file, this.format, '');
    copy.problems.push(...this.problems);
    return copy;
  }

  /** Whether the path is a leaf or holds leaves. */
  has(path: string): boolean {
    return this.values.has(path) || this.blocks.has(path);
  }

  /** A problem at a place of this file; `what` continues the sentence "<file>:<line>:<column> …". */
  report(code: 'config-syntax' | 'config-value' | 'config-unreadable', what: string, at: Span | null): void {
    if (this.problems.length > maxProblems) return;
    if (this.problems.length === maxProblems) {
      this.problems.push(
        problem(code, `${this.file}: further problems are not listed.`, { file: this.file }),
      );
      return;
    }
    const place = at === null ? this.file : `${this.file}:${at.line}:${at.column}`;
    this.problems.push(problem(code, `${place}: ${what}.`, { file: this.file }));
  }
}
