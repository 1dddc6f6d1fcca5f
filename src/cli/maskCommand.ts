// `three-gate mask BASE --out FILE`: writes the trainable mask of a base, and says how dense it is.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { formatBytes, formatCount, formatDuration, formatLift, formatShare } from '../shared/format.ts';
import {
  maskDefinitions,
  maskKinds,
  type MaskKind,
  type MaskPool,
  type MaskReport,
} from '../shared/maskReport.ts';
import { checkpointPath } from '../node/checkpointPath.ts';
import { defaultOptions, type GemmChoice } from '../shared/options.ts';
import { moduleTitle } from '../shared/reportTables.ts';
import { parseCount, parseExpression, parseShare } from './analysisOptions.ts';
import { tabulate, wrapText } from './columns.ts';
import { printResult, runEngineTask } from './engineTask.ts';
import { exitStatus, isUnreadable, sayWhyPartly } from './exitStatus.ts';
import type { Style } from './style.ts';
import type { Terminal } from './terminal.ts';

interface MaskFlags {
  out: string;
  kind: MaskKind;
  rank: number;
  alpha: number;
  match?: string;
  tuned?: string;
  json?: string;
  engine: GemmChoice;
  threads?: number;
  quiet?: boolean;
}

/** Adds the command. */
export function registerMask(program: Command, terminal: Terminal): void {
  program
    .command('mask')
    .description('write the trainable mask of a base checkpoint: one BOOL tensor per matrix')
    .argument('<base>', 'folder, .safetensors file or index of the base checkpoint')
    .requiredOption('--out <file>', 'the .safetensors file to write')
    .addOption(
      new Option(
        '--kind <kind>',
        `which weights: ${maskKinds.map((kind) => `${kind} = ${maskDefinitions[kind]}`).join(', ')}`,
      )
        .choices(maskKinds)
        .default('rlvr'),
    )
    .option('--rank <k>', 'leading singular triplets per matrix', parseCount, defaultOptions.rank)
    .option('--alpha <share>', 'share of weights in M_princ and M_low', parseShare, defaultOptions.alpha)
    .option('--match <regex>', 'only tensors whose name matches', parseExpression)
    .option('--tuned <checkpoint>', 'also say how much of this checkpoint’s update the mask holds')
    .option('--json <file>', 'write what was done as JSON; "-" prints it, and nothing else')
    .addOption(
      new Option('--engine <engine>', 'matrix engine').choices(['auto', 'native', 'wasm']).default('auto'),
    )
    .option('--threads <n>', 'threads to use (default: one per core)', parseCount)
    .option('--quiet', 'print nothing')
    .action(async (base: string, flags: MaskFlags) => {
      process.exitCode = await maskCommand(base, flags, terminal);
    });
}

/** The exit status; rejects with a ThreeGateError when there is no mask. */
export async function maskCommand(basePath: string, flags: MaskFlags, terminal: Terminal): Promise<number> {
  const { seed, residualTolerance, eta } = defaultOptions;
  const request = {
    basePath: await checkpointPath(basePath),
    outPath: resolve(flags.out),
    tunedPath: flags.tuned === undefined ? null : await checkpointPath(flags.tuned),
    kind: flags.kind,
    rank: flags.rank,
    alpha: flags.alpha,
    eta,
    match: flags.match ?? null,
    engine: flags.engine,
    threads: flags.threads ?? null,
    seed,
    residualTolerance,
  };
  const report = await runEngineTask(
    terminal,
    flags.quiet === true,
    'no mask was written.',
    (client, onProgress) => client.exportMask(request, onProgress, terminal.interrupted),
  );
  if (report === null) return exitStatus.interrupted;
  await printResult(terminal, flags, report, maskText);
  const reasons = report.leftOut.map(({ reason }) => reason).filter(({ code }) => isUnreadable(code));
  const status = reasons.length > 0 ? exitStatus.partly : exitStatus.analysed;
  sayWhyPartly(terminal, flags.quiet, status, reasons);
  return status;
}

/** How many tensors without a mask are named; the JSON names all. */
const namedLimit = 8;

export function maskText(report: MaskReport, style: Style, width: number): string {
  const { definition, rank, alpha, base, whole, modules, leftOut, notMatched, engine } = report;
  const head = ['', 'tensors', 'weights', 'trainable'];
  const overlapHead = report.tuned === null ? [] : ['of the update', 'if random', 'lift'];
  const rows: [string, MaskPool][] = [
    ...modules.map((module): [string, MaskPool] => [moduleTitle(module), module]),
    ['All', whole],
  ];
  const aligns = ['left', ...head.slice(1), ...overlapHead].map((_, column) =>
    column === 0 ? 'left' : 'right',
  );
  const table = tabulate(
    [
      [...head, ...overlapHead].map(style.dim),
      ...rows.map(([title, pool]) => cells(title, pool, report.tuned !== null)),
    ],
    aligns,
  );
  const said = (text: string): string[] => wrapText(text, width - 4).map((line) => `    ${line}`);
  const more = leftOut.length - namedLimit;
  const lines = [
    '',
    ...tabulate(
      [
        ['  base', style.bold(base.label)],
        ['  mask', style.bold(definition), style.dim(`α ${alpha}, rank ${rank}`)],
        ['  file', report.file, style.dim(formatBytes(report.bytes))],
      ],
      ['left'],
    ),
    '',
    ...table.map((line) => `  ${line}`),
    ...(report.tuned === null ? [] : ['', ...said(overlapSentence(report))]),
    ...(leftOut.length === 0 ? [] : ['', `  ${style.bold('Without a mask')}`]),
    ...leftOut.slice(0, namedLimit).flatMap(({ reason }) => said(reason.message)),
    ...(more > 0 ? [`    … and ${more} more; --json names them all`] : []),
    ...(notMatched === 0
      ? []
      : ['', `  ${notMatched} tensors do not match /${report.match ?? ''}/ and were left out.`]),
    '',
    style.dim(
      `  Three-Gate ${engine.version} · ${engine.gemm === 'none' ? 'no matrix engine' : `${engine.gemmLibrary} (${engine.gemm})`} · ${formatDuration(report.elapsedMs)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function cells(
  title: string,
  { tensors, elements, trainable, overlap }: MaskPool,
  withOverlap: boolean,
): string[] {
  const { share, expected, lift } = overlap.value ?? { share: null, expected: null, lift: null };
  return [
    title,
    tensors.toString(),
    formatCount(elements),
    formatShare(trainable / elements),
    ...(withOverlap ? [formatShare(share), formatShare(expected), formatLift(lift)] : []),
  ];
}

function overlapSentence({ tuned, whole: { overlap } }: MaskReport): string {
  if (overlap.value === null) return overlap.reason;
  const { share, expected, lift, changed } = overlap.value;
  const name = tuned?.label ?? '';
  if (share === null)
    return `${name} changed nothing in the bf16 view, so there is no update to hold against the mask.`;
  return `${formatShare(share)} of the ${formatCount(changed)} weights that ${name} changed lie in the mask, ${formatShare(expected)} if they lay at random: ${formatLift(lift)}.`;
}
