// `three-gate check …`: holds limits against a pair, or against a report without computing anything. Exit status 4 where one is
// broken.
import { dirname, resolve } from 'node:path';
import { Option } from 'commander';
import { judgeLimits } from '../../engine/limits/judge.ts';
import { parsePairLimits, type Limit } from '../../engine/limits/limitsFile.ts';
import { readLimits } from '../../node/disk/readLimits.ts';
import { asPath } from '../../node/disk/checkpointPath.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import type { LimitsReport } from '../../shared/report/limitsReport.ts';
import type { Report } from '../../shared/report/report.ts';
import { reportJson } from '../../shared/text/reportJson.ts';
import { defineCommand } from '../command.ts';
import { printResult } from '../engineTask.ts';
import { exitStatus, statusFor, unreadIn } from '../exitStatus.ts';
import { checkIdentical } from '../identical.ts';
import { limitsOption } from '../limitsInput.ts';
import { limitsText } from '../limitsText.ts';
import { readPairFile } from '../pairFileInput.ts';
import { readReport } from '../../node/disk/readReport.ts';
import type { Terminal } from '../terminal.ts';
import { emitLimits, outletOptions, type LimitOutlets } from '../limitOutlets.ts';
import { analyze, analyzePair, optionsOf, type AnalyzeFlags } from './analyze.ts';

type CheckFlags = AnalyzeFlags & LimitOutlets & { identical?: boolean };

const identicalOption = new Option(
  '--identical',
  'compare the two checkpoints bit by bit instead; exit status 4 where they differ',
);

/** What `analyze` alone writes. */
const notHere = ['--markdown', '--csv', '--html', '--sample', '--shard', '--out', limitsOption.long];

export const check = defineCommand<[what: string[]], CheckFlags>({
  name: 'check',
  description: 'hold limits against a pair or a report; exit status 4 where one is broken',
  operands: [
    ['<what...>', 'BASE and TUNED, or one file: a report of `analyze --json`, or a pair (*.threegate)'],
  ],
  options: [
    limitsOption,
    identicalOption,
    ...outletOptions,
    ...analyze.options.filter(({ long }) => !notHere.includes(long ?? '')),
  ],
  interrupted: 'Interrupted before anything was measured; nothing was written.',
  async run([what], flags, terminal) {
    if (flags.identical === true) {
      refuseBeside(flags);
      return checkIdentical(what, flags, terminal);
    }
    const report = await judged(what, flags, terminal);
    if (report === null) return exitStatus.interrupted;
    await printResult(terminal, flags, report, {
      json: reportJson,
      text: ({ limits }, style) => limitsText(limits, style),
    });
    await emitLimits(report, flags, terminal);
    return statusFor(terminal, flags.quiet, unreadIn(report), report.limits);
  },
});

/** Bits are compared and nothing is measured: no limit has a number to look at. */
function refuseBeside({ limits, junit, sarif, github }: CheckFlags): void {
  const names = { '--limits': limits, '--junit': junit, '--sarif': sarif, '--github': github };
  const beside = Object.entries(names).find(([, value]) => value !== undefined)?.[0];
  if (beside === undefined) return;
  throw new ThreeGateError('usage', `${beside} means nothing to --identical, which only compares bits.`);
}

type JudgedReport = Report & { limits: LimitsReport };

/** Null where the user interrupted it. Throws `usage` for anything but a pair, a report or a pair file. */
async function judged(
  what: readonly string[],
  flags: AnalyzeFlags,
  terminal: Terminal,
): Promise<JudgedReport | null> {
  const [first = '', second, ...more] = what;
  if (more.length > 0) throw new ThreeGateError('usage', 'check takes BASE and TUNED, or one file.');
  const given = flags.limits === undefined ? null : await readLimits(flags.limits);
  if (second === undefined && first.endsWith('.threegate'))
    return checkPairFile(first, given, flags, terminal);
  const limits = requireGiven(given);
  if (second !== undefined) {
    return withLimits(
      await analyzePair(first, second, { flags, options: optionsOf(flags), limits }, terminal),
    );
  }
  const report = await readReport(resolve(first));
  return { ...report, limits: judgeLimits(limits, report) };
}

function withLimits(report: Report | null): JudgedReport | null {
  const limits = report?.limits;
  return report === null || limits === undefined ? null : { ...report, limits };
}

function requireGiven(limits: Limit[] | null): Limit[] {
  if (limits !== null) return limits;
  throw new ThreeGateError('usage', 'check needs limits: name a file with --limits (docs/limits.md).');
}

/** What the pair file says of paths, configs and options counts, and its limits where `--limits` gives none. */
async function checkPairFile(
  path: string,
  given: Limit[] | null,
  flags: AnalyzeFlags,
  terminal: Terminal,
): Promise<JudgedReport | null> {
  const { text, base, tuned, config, options } = await readPairFile(path, optionsOf(flags));
  const own = parsePairLimits(text, path);
  const limits =
    given ?? (typeof own === 'string' ? await readLimits(asPath(own, dirname(resolve(path)))) : own);
  const analysis = { flags: { ...flags, ...(config && { config }) }, options, limits: requireGiven(limits) };
  return withLimits(await analyzePair(base, tuned, analysis, terminal));
}
