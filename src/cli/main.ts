// Entry of `three-gate`. Exit statuses: 0 analysed, 1 advised against with --strict, 2 usage or unreadable input, 3 some tensors unreadable, 130 interrupted.
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { asProblem } from '../shared/errors.ts';
import { gateNames } from '../shared/options.ts';
import { defaultOptions } from '../shared/options/catalogue.ts';
import { analysisProfiles } from '../shared/report/publishedStatistics.ts';
import { version } from '../node/engine/version.ts';
import {
  parseCount,
  parseExpression,
  parseGigabytes,
  parseGates,
  parseShare,
  parseTolerance,
  type AnalyzeFlags,
} from './analysisOptions.ts';
import { registerAdvise } from './advise.ts';
import { analyzeCommand } from './analyzeCommand.ts';
import { printable } from './columns.ts';
import { exitStatus } from './exitStatus.ts';
import { inspectCommand } from './inspectCommand.ts';
import { registerMask } from './maskCommand.ts';
import { registerRuns } from './runsCommand.ts';
import { styleFor } from './style.ts';
import type { Terminal } from './terminal.ts';

const interrupt = new AbortController();
const terminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  interrupted: interrupt.signal,
  enginePath: join(__dirname, 'engine.cjs'),
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first asks, the second insists.
    if (interrupt.signal.aborted) process.exit(exitStatus.interrupted);
    interrupt.abort();
  });
}
// `three-gate … | head` closes the pipe early: that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitStatus.analysed : exitStatus.unusable);
});

const program = new Command('three-gate')
  .description(
    'What did fine-tuning really do to the weights? Three gates, measured on a pair of checkpoints.',
  )
  .version(version)
  .showHelpAfterError('(three-gate --help lists what there is)')
  .configureOutput({
    outputError: (text, write) => {
      write(text.replace(/^error: /, 'three-gate: '));
    },
  })
  .exitOverride();

program
  .command('analyze')
  .description('compare a base checkpoint with its tuned one and judge the three gates')
  .argument('<base>', 'folder, .safetensors file or index of the base checkpoint')
  .argument('<tuned>', 'the same for the tuned checkpoint')
  .option('--json <file>', 'write the whole report as JSON; "-" prints it, and nothing else')
  .option('--markdown <file>', 'write the report as Markdown')
  .option('--csv <file>', 'write one row per tensor as CSV')
  .option('--config <files...>', 'training configs and logs of this run, instead of those beside it')
  .option('--rank <k>', 'leading singular triplets per matrix', parseCount, defaultOptions.rank)
  .option(
    '--alpha <share>',
    'share of weights in the principal and low-magnitude masks',
    parseShare,
    defaultOptions.alpha,
  )
  .option(
    '--eta <tolerance>',
    'relative tolerance of "unchanged" in the bf16 view',
    parseTolerance,
    defaultOptions.eta,
  )
  .option('--gates <list>', `which gates, comma-separated: ${gateNames.join(',')}`, parseGates, [
    ...gateNames,
  ])
  .option('--match <regex>', 'only tensors whose name matches', parseExpression)
  .addOption(
    new Option('--engine <engine>', 'matrix engine')
      .choices(['auto', 'native', 'wasm'])
      .default(defaultOptions.engine),
  )
  .option('--threads <n>', 'threads to use (default: one per core)', parseCount)
  .option(
    '--memory <gigabytes>',
    "memory for matrices that are decomposed or wait for it (default: a quarter of the machine's)",
    parseGigabytes,
  )
  .option('--full-spectrum', 'all singular values of large matrices too')
  .addOption(
    new Option('--profile <profile>', 'compute the published statistics where they are free, or all of them')
      .choices(analysisProfiles)
      .default(defaultOptions.profile),
  )
  .option('--no-cache', 'compute anew and remember nothing')
  .option('--quiet', 'print no report and no progress')
  .action(async (base: string, tuned: string, flags: AnalyzeFlags) => {
    process.exitCode = await analyzeCommand(base, tuned, flags, terminal);
  });

program
  .command('inspect')
  .description('tensors, dtypes, shapes, shards, metadata and problems of one checkpoint, from its headers')
  .argument('<checkpoint>', 'folder, .safetensors file or index')
  .action(async (path: string) => {
    process.exitCode = await inspectCommand(path, terminal);
  });

registerAdvise(program);

registerMask(program, terminal);
registerRuns(program, terminal);
program.parseAsync().catch((error: unknown) => {
  process.exitCode = fail(error);
});

/** One sentence on stderr; the exit status. */
function fail(error: unknown): number {
  // Commander has printed its own sentence, or the help that was asked for.
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitStatus.analysed : exitStatus.unusable;
  if (interrupt.signal.aborted) {
    process.stderr.write('Interrupted before anything was measured; nothing was written.\n');
    return exitStatus.interrupted;
  }
  const style = styleFor(process.stderr, process.env);
  process.stderr.write(`${style.red('three-gate:')} ${printable(asProblem(error).message)}\n`);
  return exitStatus.unusable;
}
