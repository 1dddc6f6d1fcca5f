// The table of docs/limits.md, made from the catalogue of what limits may name.
import { limitCatalogue } from '../../../src/engine/limits/catalogue.ts';
import { allScopes, type MetricEntry } from '../../../src/engine/limits/metricEntry.ts';

export const page = 'docs/limits.md';
const heading = '## Names\n';

function row(entry: MetricEntry): string {
  const { name, title, scopes, kind } = entry;
  const values = entry.kind === 'word' ? entry.words.map((word) => `\`${word}\``).join(', ') : kind;
  const of = scopes.length === allScopes.length ? 'all' : scopes.join(', ');
  return `| ${[`\`${name}\``, title, values, of].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** The table, one row for every name, unaligned. */
export function namesTable(): string[] {
  return ['| name | what it is | values | of |', '| --- | --- | --- | --- |', ...limitCatalogue.map(row)];
}

/** The table that a page has, its columns no longer aligned. */
export function tableOf(text: string): string[] {
  const names = text.slice(text.indexOf(heading));
  return names
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replaceAll(/ +/gu, ' ').replaceAll(/-{3,}|(?<=\| )--(?= \|)/gu, '---'));
}

/** The page with the table as it is now. */
export function withTable(text: string): string {
  const at = text.indexOf(heading) + heading.length;
  const [before] = text.slice(at).split(/^\|/mu);
  return `${text.slice(0, at)}${before ?? ''}${namesTable().join('\n')}\n`;
}
