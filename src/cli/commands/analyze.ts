// `three-gate analyze BASE TUNED`: runs the engine, shows how far it is, prints the report and writes the files asked
// for. Files are written only for a run that was not interrupted, each of them whole or not at all. Exit status 4 where a limit
// is broken.
import { resolve } from 'node:path';
import { Option } from 'commander';
import { cacheDirectory } from '../../node/disk/cacheDirectory.ts';
import { checkpointPath } from '../../node/disk/checkpointPath.ts';
import { readLimits } from '../../node/disk/readLimits.ts';
import { judgeLimits } from '../../engine/limits/judge.ts';
import type { Limit } from '../../engine/limits/limitsFile.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import type { Report } from '../../shared/report/report.ts';
import type { AnalyzeRequest } from '../../shared/protocol/engineProtocol.ts';
import type { AnalysisOptions, GateName } from '../../shared/options/options.ts';
import { defaultOptions } from '../../shared/options/catalogue.ts';
import { defineCommand } from '../command.ts';
import { runEngineTask } from '../engineTask.ts';
import { exitStatus, statusFor, unreadIn } from '../exitStatus.ts';
import { limitsOption, requireLimits, withLimits } from '../limitsInput.ts';
import { giveReport } from '../reportFiles.ts';
import { chooseShard } from '../shardChoice.ts';
import { analyzeShard } from '../shardTask.ts';
import {
  baseArgument,
  catalogueOption,
  configOption,
  csvOption,
  htmlOption,
  jsonOption,
  measureOptions,
  markdownOption,
  quietOption,
  remoteLimit,
  tunedArgument,
  yesOption,
} from '../sharedOptions.ts';
import type { Terminal } from '../terminal.ts';

/** Flags that say what is measured. */
export interface MeasureFlags {
  rank: number;
  alpha: number;
  eta: number;
  gates: GateName[];
  match?: string;
  sample?: number;
  seed: number;
  engine: AnalysisOptions['engine'];
  threads?: number;
  /** Bytes. */
  memory?: number;
  fullSpectrum?: boolean;
  profile: AnalysisOptions['profile'];
  cache: boolean;
  /** Gigabytes. */
  cacheSize: number;
  remoteCache: number;
}

export interface AnalyzeFlags extends MeasureFlags {
  json?: string;
  markdown?: string;
  html?: string;
  csv?: string;
  config?: string[];
  cacheDir?: string;
  shard?: string;
  out?: string;
  limits?: string;
  yes?: boolean;
  quiet?: boolean;
}

export const analyze = defineCommand<[base: string, tuned: string], AnalyzeFlags>({
  name: 'analyze',
  description: 'compare a base checkpoint with its tuned one and judge the three gates',
  operands: [baseArgument, tunedArgument],
  options: [
    jsonOption('the whole report'),
    markdownOption,
    csvOption,
    htmlOption,
    limitsOption,
    configOption,
    ...measureOptions,
    catalogueOption('threads'),
    new Option('--cache-dir <folder>', 'where to remember results, instead of the folder of this user'),
    new Option(
      '--shard <i/n>',
      'measure one of n shards, from 1/n to n/n; /n takes the number from a job array',
    ),
    new Option('--out <folder>', 'where the shards go, for three-gate merge'),
    yesOption,
    quietOption,
  ],
  interrupted: 'Interrupted before anything was measured; nothing was written.',
  async run([base, tuned], flags, terminal) {
    if (flags.shard !== undefined || flags.out !== undefined) {
      const shard = { ...chooseShard(flags.shard, terminal.environment), directory: shardFolderOf(flags) };
      const request = await requestOf(base, tuned, { flags, options: optionsOf(flags) }, terminal);
      return await analyzeShard(
        terminal,
        { ...request, ...shard, engine: request.options.engine },
        flags.quiet,
      );
    }
    const limits = flags.limits === undefined ? null : await readLimits(flags.limits);
    const report = await analyzePair(base, tuned, { flags, options: optionsOf(flags), limits }, terminal);
    if (report === null) return exitStatus.interrupted;
    await giveReport(terminal, flags, report);
    return statusFor(terminal, flags.quiet, unreadIn(report), report.limits);
  },
});

/** How a pair is analysed. */
interface PairAnalysis {
  flags: Pick<AnalyzeFlags, 'config' | 'cacheDir' | 'yes' | 'quiet'>;
  options: AnalysisOptions;
  /** Held against the report; null without limits. */
  limits: readonly Limit[] | null;
}

/** The report with what its limits came to; null where the user interrupted it, which is said. */
export async function analyzePair(
  base: string,
  tuned: string,
  { flags, options, limits }: PairAnalysis,
  terminal: Terminal,
): Promise<Report | null> {
  requireLimits(limits, options);
  const request = await requestOf(base, tuned, { flags, options }, terminal);
  const report = await runEngineTask(terminal, flags.quiet, (engine, onEvent) =>
    withLimits(limits, terminal.interrupted, onEvent, (watched, signal) =>
      engine.analyze(request, watched, signal),
    ),
  );
  const { status, tensors } = report;
  if (status === 'cancelled') {
    const through = tensors.filter((tensor) => tensor.status === 'done').length;
    const message = `Interrupted: ${through} of ${tensors.length} tensors were measured, nothing was written.`;
    terminal.stderr.write(`${message}\n`);
    return null;
  }
  return limits === null ? report : { ...report, limits: judgeLimits(limits, report) };
}

/** Of paths as a user writes them. */
export async function requestOf(
  base: string,
  tuned: string,
  { flags, options }: Pick<PairAnalysis, 'flags' | 'options'>,
  { environment }: Terminal,
): Promise<Omit<AnalyzeRequest, 'runId'>> {
  return {
    basePath: await checkpointPath(base),
    tunedPath: await checkpointPath(tuned),
    options,
    configPaths: flags.config?.map((path) => resolve(path)) ?? null,
    cacheDirectory: options.useCache ? resolve(flags.cacheDir ?? cacheDirectory(environment)) : null,
    remoteLimitBytes: remoteLimit(flags),
  };
}

/** Throws `usage` for what a shard cannot give. */
function shardFolderOf({ out, json, markdown, csv, html, config, limits }: AnalyzeFlags): string {
  if (out === undefined) throw new ThreeGateError('usage', 'A shard needs a folder to go to: say --out DIR.');
  if ([json, markdown, csv, html, config, limits].every((flag) => flag === undefined)) return resolve(out);
  const message = `A shard gives no report: three-gate merge ${out} does, and takes --json, --markdown, --csv, --html and --config.`;
  throw new ThreeGateError('usage', message);
}

export function optionsOf(flags: MeasureFlags): AnalysisOptions {
  const { rank, alpha, eta, gates, engine, profile, seed } = flags;
  return {
    ...defaultOptions,
    ...{ rank, alpha, eta, gates, engine, profile, seed },
    match: flags.match ?? null,
    sample: flags.sample ?? null,
    threads: flags.threads ?? null,
    memoryBytes: flags.memory ?? null,
    fullSpectrum: flags.fullSpectrum === true,
    useCache: flags.cache,
    cacheGigabytes: flags.cacheSize,
    remoteCacheGigabytes: flags.remoteCache,
  };
}
