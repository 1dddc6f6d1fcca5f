// Everything that a limit may name, once: the grammar reads it, docs/limits.md has its table, and a test holds it to the report.
import { closest } from 'fastest-levenshtein';
import { gateNumbers } from './gateNumbers.ts';
import { geometryNumbers } from './geometryNumbers.ts';
import type { MetricEntry } from './metricEntry.ts';
import { wholeNumbers } from './wholeNumbers.ts';
import { words } from './words.ts';

export const limitCatalogue: readonly MetricEntry[] = [
  ...words,
  ...wholeNumbers,
  ...gateNumbers,
  ...geometryNumbers,
];

const byName = new Map(limitCatalogue.map((entry) => [entry.name, entry]));

export function entryOf(name: string): MetricEntry | null {
  return byName.get(name) ?? null;
}

/** The word of a list that begins so or, where none does, is the fewest edits away; whatever its case. */
export function nearestOf(word: string, list: readonly string[]): string {
  const [sought, known] = [word.toLowerCase(), list.map((each) => each.toLowerCase())];
  const begun = sought === '' ? -1 : known.findIndex((each) => each.startsWith(sought));
  return list[begun === -1 ? known.indexOf(closest(sought, known)) : begun] ?? '';
}
