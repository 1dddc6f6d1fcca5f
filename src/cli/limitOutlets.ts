// Where `check` sends what limits came to beside the terminal: JUnit XML, SARIF, and annotations of a GitHub workflow.
import { Option } from 'commander';
import { writeWhole } from '../node/disk/writeWhole.ts';
import { version } from '../node/engine/version.ts';
import type { LimitsReport } from '../shared/report/limitsReport.ts';
import type { Report } from '../shared/report/report.ts';
import { plainJson } from './engineTask.ts';
import { githubAnnotations } from './limitFormats/github.ts';
import { junitXml } from './limitFormats/junit.ts';
import { sarifLog } from './limitFormats/sarif.ts';
import type { Terminal } from './terminal.ts';

export interface LimitOutlets {
  json?: string;
  junit?: string;
  sarif?: string;
  github?: boolean;
}

export const outletOptions: readonly Option[] = [
  new Option('--junit <file>', 'write the limits as JUnit XML, one test case each'),
  new Option('--sarif <file>', 'write what is broken as SARIF 2.1.0'),
  new Option('--github', 'print what is broken as annotations of a GitHub workflow'),
];

/** Files are written whole or not at all; annotations go to stderr where stdout is the JSON's. */
export async function emitLimits(
  { pair, limits }: Pick<Report, 'pair'> & { limits: LimitsReport },
  { json, junit, sarif, github }: LimitOutlets,
  { stdout, stderr, environment }: Terminal,
): Promise<void> {
  if (junit !== undefined) {
    await writeWhole(junit, junitXml(limits, `${pair.base.label} → ${pair.tuned.label}`));
  }
  if (sarif !== undefined) await writeWhole(sarif, plainJson(sarifLog(limits, version)));
  if (github !== true) return;
  const root = environment['GITHUB_WORKSPACE'] ?? process.cwd();
  (json === '-' ? stderr : stdout).write(githubAnnotations(limits, root));
}
