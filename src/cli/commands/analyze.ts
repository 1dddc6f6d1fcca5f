// `three-gate analyze BASE TUNED`: runs the engine, shows how far it is, prints the report and writes the files asked
// for. Files are written only for a run that was not interrupted, each of them whole or not at all.
import { resolve } from 'node:path';
import { Option } from 'commander';
import { cacheDirectory } from '../../node/disk/cacheDirectory.ts';
import { checkpointPath } from '../../node/disk/checkpointPath.ts';
import { writeWhole } from '../../node/disk/writeWhole.ts';
import type { AnalysisOptions, GateName } from '../../shared/options/options.ts';
import { defaultOptions } from '../../shared/options/catalogue.ts';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import { unaskedRemoteBytes } from '../../shared/options/remoteReading.ts';
import { formatBytes } from '../../shared/text/format.ts';
import { reportCsv } from '../../shared/text/reportCsv.ts';
import { reportJson } from '../../shared/text/reportJson.ts';
import { reportMarkdown } from '../../shared/text/reportMarkdown.ts';
import { defineCommand } from '../command.ts';
import { printResult, runEngineTask } from '../engineTask.ts';
import { exitStatus, statusFor, unreadIn } from '../exitStatus.ts';
import { reportText } from '../reportText.ts';
import { baseArgument, catalogueOption, jsonOption, quietOption } from '../sharedOptions.ts';

interface AnalyzeFlags {
  json?: string;
  markdown?: string;
  csv?: string;
  config?: string[];
  rank: number;
  alpha: number;
  eta: number;
  gates: GateName[];
  match?: string;
  engine: AnalysisOptions['engine'];
  threads?: number;
  /** Bytes. */
  memory?: number;
  fullSpectrum?: boolean;
  profile: AnalysisOptions['profile'];
  cache: boolean;
  yes?: boolean;
  quiet?: boolean;
}

export const analyze = defineCommand<[base: string, tuned: string], AnalyzeFlags>({
  name: 'analyze',
  description: 'compare a base checkpoint with its tuned one and judge the three gates',
  operands: [baseArgument, ['<tuned>', 'the same for the tuned checkpoint']],
  options: [
    jsonOption('the whole report'),
    new Option('--markdown <file>', 'write the report as Markdown'),
    new Option('--csv <file>', 'write one row per tensor as CSV'),
    new Option('--config <files...>', 'training configs and logs of this run, instead of those beside it'),
    catalogueOption('rank'),
    catalogueOption('alpha'),
    catalogueOption('eta'),
    catalogueOption('gates'),
    catalogueOption('match'),
    catalogueOption('engine'),
    catalogueOption('threads'),
    catalogueOption('memoryBytes'),
    catalogueOption('fullSpectrum'),
    catalogueOption('profile'),
    catalogueOption('useCache'),
    new Option(
      '--yes',
      `read from remote checkpoints without asking, however much (else up to ${formatBytes(unaskedRemoteBytes)})`,
    ),
    quietOption,
  ],
  interrupted: 'Interrupted before anything was measured; nothing was written.',
  async run([base, tuned], flags, terminal) {
    const options = optionsOf(flags);
    const request = {
      basePath: await checkpointPath(base),
      tunedPath: await checkpointPath(tuned),
      options,
      configPaths: flags.config?.map((path) => resolve(path)) ?? null,
      cacheDirectory: options.useCache ? cacheDirectory(terminal.environment) : null,
      remoteLimitBytes: flags.yes === true ? null : unaskedRemoteBytes,
    };
    const report = await runEngineTask(terminal, flags.quiet, (engine, onEvent) =>
      engine.analyze(request, onEvent, terminal.interrupted).catch(sayHowToGoOn),
    );
    const { status, tensors } = report;
    if (status === 'cancelled') {
      const through = tensors.filter((tensor) => tensor.status === 'done').length;
      const message = `Interrupted: ${through} of ${tensors.length} tensors were measured, nothing was written.`;
      terminal.stderr.write(`${message}\n`);
      return exitStatus.interrupted;
    }
    const { markdown, csv, quiet } = flags;
    await printResult(terminal, flags, report, { json: reportJson, text: reportText });
    if (markdown !== undefined) await writeWhole(markdown, reportMarkdown(report));
    if (csv !== undefined) await writeWhole(csv, reportCsv(report));
    return statusFor(terminal, quiet, unreadIn(report));
  },
});

/** What is too much unasked is read once it is asked for; how, depends on the surface. */
function sayHowToGoOn(error: unknown): never {
  const { code, message } = asProblem(error);
  if (code !== 'remote-cost') throw error;
  throw new ThreeGateError(code, `${message} Say --yes to read them, or choose tensors with --match.`);
}

function optionsOf(flags: AnalyzeFlags): AnalysisOptions {
  const { rank, alpha, eta, gates, engine, profile } = flags;
  return {
    ...defaultOptions,
    ...{ rank, alpha, eta, gates, engine, profile },
    match: flags.match ?? null,
    threads: flags.threads ?? null,
    memoryBytes: flags.memory ?? null,
    fullSpectrum: flags.fullSpectrum === true,
    useCache: flags.cache,
  };
}
