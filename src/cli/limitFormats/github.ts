// Broken limits as annotations of a GitHub workflow: one `::error` command a limit, at its line in its file. Escaped as the
// runner's own toolkit does (actions/toolkit, packages/core/src/command.ts).
import { relative, resolve } from 'node:path';
import type { LimitResult, LimitsReport } from '../../shared/report/limitsReport.ts';
import { readingSentence } from '../../shared/text/limitsTables.ts';

/** How many places of one limit its annotation names. */
const namedPlaces = 5;

/** @param root folder that paths are relative to: the workspace of the workflow */
export function githubAnnotations({ limits }: LimitsReport, root: string): string {
  return limits
    .filter(({ broken }) => broken.length > 0)
    .map((limit) => `${annotation(limit, root)}\n`)
    .join('');
}

function annotation(limit: LimitResult, root: string): string {
  const { text, file, line, column, broken, judged } = limit;
  const path = relative(root, resolve(file)).replaceAll('\\', '/');
  const title =
    judged === 1 ? `Limit broken: ${text}` : `Limit broken in ${broken.length} of ${judged}: ${text}`;
  const places = broken.slice(0, namedPlaces).map((reading) => readingSentence(limit, reading));
  const more = broken.length > namedPlaces ? [`… and ${broken.length - namedPlaces} more`] : [];
  const properties = Object.entries({ file: path, line, col: column, title })
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(',');
  return `::error ${properties}::${escapeData([...places, ...more].join('\n'))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
