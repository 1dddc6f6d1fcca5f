// `three-gate runs BASE TUNED…`: do several runs change the same weights, and how did one run's verdict come about?
import { Option, type Command } from 'commander';
import { checkpointPath } from '../node/disk/checkpointPath.ts';
import { cacheDirectory } from '../node/disk/cacheDirectory.ts';
import { writeWhole } from '../node/disk/writeWhole.ts';
import type { Problem } from '../shared/errors.ts';
import { formatDuration } from '../shared/text/format.ts';
import type { GemmChoice } from '../shared/options.ts';
import { defaultOptions } from '../shared/options/catalogue.ts';
import { publishedOverlap } from '../shared/text/publishedTables.ts';
import type { RunsReport } from '../shared/report/runsReport.ts';
import {
  overlapSentence,
  pairTable,
  poolTables,
  runsCsv,
  settledSentence,
  trajectoryTable,
  type TextTable,
} from '../shared/text/runsTables.ts';
import { parseCount, parseExpression, parseShare, parseTolerance } from './analysisOptions.ts';
import { printable, tabulate, wrapText } from './columns.ts';
import { printResult, runEngineTask } from './engineTask.ts';
import { exitStatus, isUnreadable, sayWhyPartly } from './exitStatus.ts';
import type { Style } from './style.ts';
import type { Terminal } from './terminal.ts';

interface RunsFlags {
  json?: string;
  csv?: string;
  match?: string;
  eta: number;
  steps?: boolean;
  rank: number;
  alpha: number;
  engine: GemmChoice;
  threads?: number;
  cache: boolean;
  quiet?: boolean;
}

/** Adds the command. */
export function registerRuns(program: Command, terminal: Terminal): void {
  program
    .command('runs')
    .description('compare the updates of several runs, or follow one run from checkpoint to checkpoint')
    .argument('<base>', 'folder, .safetensors file or index of the base checkpoint')
    .argument('<tuned...>', 'checkpoints tuned from it, or one folder with checkpoint-25, global_step_50, …')
    .option('--json <file>', 'write the whole result as JSON; "-" prints it, and nothing else')
    .option('--csv <file>', 'write one row per pair of runs and pool as CSV')
    .option('--match <regex>', 'only tensors whose name matches', parseExpression)
    .option(
      '--eta <tolerance>',
      'relative tolerance of "unchanged" in the bf16 view',
      parseTolerance,
      defaultOptions.eta,
    )
    .option('--steps', 'follow every run folder over its checkpoints, too')
    .option('--rank <k>', 'leading singular triplets per matrix, over time', parseCount, defaultOptions.rank)
    .option(
      '--alpha <share>',
      'share of weights in the masks of Gate II, over time',
      parseShare,
      defaultOptions.alpha,
    )
    .addOption(
      new Option('--engine <engine>', 'matrix engine').choices(['auto', 'native', 'wasm']).default('auto'),
    )
    .option('--threads <n>', 'threads to use (default: one per core)', parseCount)
    .option('--no-cache', 'compute anew and remember nothing')
    .option('--quiet', 'print nothing')
    .action(async (base: string, tuned: string[], flags: RunsFlags) => {
      process.exitCode = await runsCommand(base, tuned, flags, terminal);
    });
}

/** The exit status; rejects with a ThreeGateError when there is no report. */
async function runsCommand(
  basePath: string,
  tuned: readonly string[],
  flags: RunsFlags,
  terminal: Terminal,
): Promise<number> {
  const { rank, alpha, engine, eta } = flags;
  const request = {
    basePath: await checkpointPath(basePath),
    runPaths: await Promise.all(tuned.map(checkpointPath)),
    eta,
    match: flags.match ?? null,
    followSteps: flags.steps === true,
    analysis: { rank, alpha, engine, threads: flags.threads ?? null },
    cacheDirectory: flags.cache ? cacheDirectory(terminal.environment) : null,
  };
  const report = await runEngineTask(
    terminal,
    flags.quiet === true,
    'nothing was written.',
    (client, onProgress) => client.compareRuns(request, onProgress, terminal.interrupted),
  );
  if (report === null) return exitStatus.interrupted;
  await printResult(terminal, flags, report, runsText);
  if (flags.csv !== undefined) await writeWhole(flags.csv, runsCsv(report));
  const reasons = unreadOf(report);
  const status = reasons.length > 0 ? exitStatus.partly : exitStatus.analysed;
  sayWhyPartly(terminal, flags.quiet, status, reasons);
  return status;
}

function unreadOf({ overlap, trajectories }: RunsReport): Problem[] {
  const reasons = overlap.value?.notCompared.map(({ reason }) => reason) ?? [];
  return [
    ...reasons.filter(({ code }) => isUnreadable(code)),
    ...trajectories.flatMap(({ points }) => points.flatMap(({ problem }) => problem ?? [])),
  ];
}

export function runsText(report: RunsReport, style: Style, width: number): string {
  const said = (text: string): string[] => wrapText(text, width - 2).map((line) => `  ${line}`);
  const { overlap, trajectories, problems } = report;
  const sides = [
    ['  base', style.bold(report.base.label)],
    ...report.runs.map(({ label }, run) => [`  run ${run + 1}`, style.bold(label)]),
  ];
  const lines = ['', ...tabulate(sides, ['left']), ''];
  if (overlap.value !== null) {
    const { layers, modules } = poolTables(overlap.value);
    const published = said(publishedOverlap.sentence).map(style.dim);
    lines.push(...said(overlapSentence(report)), ...published, '', ...table(pairTable(report), style), '');
    lines.push(...table(layers, style), '', ...table(modules, style), '');
    const { notCompared } = overlap.value;
    if (notCompared.length > 0) {
      lines.push(
        ...said(`${notCompared.length} tensors were not compared in some run; --json names them.`),
        '',
      );
    }
  }
  for (const trajectory of trajectories) {
    lines.push(`  ${style.bold(trajectory.label)}`, ...said(settledSentence(trajectory)), '');
    lines.push(...table(trajectoryTable(trajectory), style), '');
  }
  for (const { message } of problems) lines.push(...said(style.red(`! ${message}`)));
  lines.push(
    style.dim(`  Three-Gate ${report.version} · η ${report.eta} · ${formatDuration(report.elapsedMs)}`),
  );
  return `${lines.map(printable).join('\n')}\n`;
}

function table([head = [], ...rows]: TextTable, style: Style): string[] {
  return tabulate([head.map(style.dim), ...rows], ['left', 'right']).map((line) => `  ${line}`);
}
