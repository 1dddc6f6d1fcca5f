// A report by the command line, as a user would get it.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { Report } from '../../src/shared/report/report.ts';

const root = resolve(import.meta.dirname, '../..');

/** Paths are those of the repository; `dist/` has to be built. */
export function analysedByCommand(base: string, tuned: string): Report {
  const flags = ['dist/cli.cjs', 'analyze', base, tuned, '--no-cache', '--quiet', '--json', '-'];
  const text = execFileSync(process.execPath, flags, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  return JSON.parse(text) as Report;
}
