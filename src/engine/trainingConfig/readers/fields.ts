// How a reader turns a document into entries: a table of fields, each with the framework's keys, the type that its
// value must have, and the default that holds where the file says nothing.
import type {
  ConfigConcept,
  ConfigEntry,
  ConfigScalar,
  SourceLocation,
} from '../../../shared/report/training.ts';
import type { Problem } from '../../../shared/errors.ts';
import type { ConfigDocument, LocatedValue } from '../document/configDocument.ts';
import type { Span } from '../document/lineIndex.ts';
import { numberFrom } from '../document/scalarFromText.ts';
import { gateOfConcept } from './gateOfConcept.ts';

/** `any` takes every scalar and list; null is always allowed: it is how YAML says "not set". */
type FieldType = 'number' | 'text' | 'flag' | 'list' | 'any';

interface FieldDefault {
  value: ConfigScalar;
  origin: 'default' | 'unknown';
  /** Whose default, and of which versions. */
  note: string;
}

export interface Field {
  concept: ConfigConcept;
  /** The framework's keys, preferred first. */
  keys: readonly string[];
  type: FieldType;
  /** Values that mean "not set", e.g. a warm-up of −1 steps: the next key is tried first. */
  notSet?: (value: ConfigScalar) => boolean;
  /** Who fills in `auto`, where that is a value: it is not known before the run. */
  auto?: string;
  /** Given the framework's version where it is known. */
  fallback?: (version: string | null) => FieldDefault;
}

/** What a reader makes of one document. */
export interface Fields {
  entries: ConfigEntry[];
  problems: Problem[];
}

/** A default that no version changed. */
export function always(value: ConfigScalar, framework: string): () => FieldDefault {
  return () => ({ value, origin: 'default', note: `default of ${framework}` });
}

/**
 * A default that changed between versions. `steps` are [first version, value], oldest first. Without a version all are
 * said and none is taken.
 */
export function byVersion(
  framework: string,
  steps: readonly (readonly [string, ConfigScalar])[],
): (version: string | null) => FieldDefault {
  return (version) => {
    const said = steps.map(([from, value], index) => {
      const next = steps[index + 1]?.[0];
      const range =
        next === undefined ? `since ${from}` : index === 0 ? `before ${next}` : `from ${from} up to ${next}`;
      return `${textOf(value)} ${range}`;
    });
    const note = `default of ${framework}: ${said.join(', ')}`;
    if (version === null) return { value: null, origin: 'unknown', note };
    const held = steps.findLast(([from], index) => index === 0 || compareVersions(version, from) >= 0);
    return { value: held?.[1] ?? null, origin: 'default', note: `default of ${framework} ${version}` };
  };
}

/** Compares dotted versions numerically; suffixes such as `.dev0` are ignored. */
function compareVersions(left: string, right: string): number {
  const parts = (text: string): number[] => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [a, b] = [parts(left), parts(right)];
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Reads every field; wrongly typed values become problems and give no entry, so that no default hides them. */
export function readFields(
  document: ConfigDocument,
  fields: readonly Field[],
  version: string | null,
): Fields {
  const entries: ConfigEntry[] = [];
  const problems: Problem[] = [];
  for (const field of fields) {
    const found = firstPresent(document, field.keys, field.notSet);
    if (found === null) {
      const fallback = field.fallback?.(version);
      if (fallback !== undefined) entries.push(defaultEntry(field.concept, field.keys[0] ?? '', fallback));
      continue;
    }
    if (found.unresolved !== null) {
      entries.push(statedEntry(document, field.concept, found, found.unresolved));
      continue;
    }
    if (found.value === 'auto' && field.auto !== undefined) {
      entries.push({
        ...statedEntry(document, field.concept, found, 'auto'),
        origin: 'unknown',
        defaultNote: field.auto,
      });
      continue;
    }
    const value = typed(found.value, field.type);
    if (value === undefined) {
      const before = document.problems.length;
      document.report(
        'config-value',
        `${found.path} is ${describe(found.value)}, where ${expected[field.type]} is expected`,
        found.valueSpan ?? found.key,
      );
      problems.push(...document.problems.splice(before));
      continue;
    }
    entries.push(statedEntry(document, field.concept, found, value));
  }
  return { entries, problems };
}

/** Whether the file states it without settling it. */
export function isOpen(found: LocatedValue | null): found is LocatedValue & { unresolved: string } {
  return typeof found?.unresolved === 'string';
}

/** The first key with a value; where none has one, the first that is there. */
export function firstPresent(
  document: ConfigDocument,
  keys: readonly string[],
  notSet: (value: ConfigScalar) => boolean = () => false,
): LocatedValue | null {
  let empty: LocatedValue | null = null;
  for (const key of keys) {
    const found = document.get(key);
    if (found === null) continue;
    if ((found.value !== null || found.unresolved !== null) && !notSet(found.value)) return found;
    empty ??= found;
  }
  return empty;
}

/** `unknown` where the file alone does not settle what it states. */
export function statedEntry(
  document: ConfigDocument,
  concept: ConfigConcept,
  found: LocatedValue,
  value: ConfigScalar,
): ConfigEntry {
  return {
    concept,
    key: found.path,
    value,
    origin: found.unresolved === null ? 'stated' : 'unknown',
    defaultNote: found.unresolved === null ? null : unresolvedNote(found.unresolved),
    gate: gateOfConcept[concept],
    location: locate(document.file, found.key),
    valueLocation: locate(document.file, found.valueSpan),
  };
}

export function defaultEntry(concept: ConfigConcept, key: string, fallback: FieldDefault): ConfigEntry {
  return {
    concept,
    key,
    value: fallback.value,
    origin: fallback.origin,
    defaultNote: fallback.note,
    gate: gateOfConcept[concept],
    location: null,
    valueLocation: null,
  };
}

function locate(file: string, span: Span | null): SourceLocation | null {
  return span === null ? null : { file, ...span };
}

function unresolvedNote(text: string): string {
  return text === '???'
    ? 'must be given on the command line (???)'
    : `depends on ${text}, which this file does not resolve`;
}

const expected: Readonly<Record<FieldType, string>> = {
  number: 'a number',
  text: 'a text',
  flag: 'true or false',
  list: 'a list or a text',
  any: 'a value',
};

function typed(value: ConfigScalar, type: FieldType): ConfigScalar | undefined {
  if (value === null || type === 'any') return value;
  switch (type) {
    case 'number':
      return numberFrom(value) ?? undefined;
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'flag':
      if (value === 'true' || value === 'True') return true;
      if (value === 'false' || value === 'False') return false;
      return typeof value === 'boolean' ? value : undefined;
    case 'list':
      return typeof value === 'string' || Array.isArray(value) ? value : undefined;
  }
}

function describe(value: ConfigScalar): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? `the text ${JSON.stringify(value.slice(0, 40))}` : String(value);
}

function textOf(value: ConfigScalar): string {
  return value === null ? 'not set' : Array.isArray(value) ? value.join(', ') : String(value);
}

/** For steps and ratios, zero and below leave it to the other key. */
export function zeroOrLess(value: ConfigScalar): boolean {
  return typeof value === 'number' && value <= 0;
}
