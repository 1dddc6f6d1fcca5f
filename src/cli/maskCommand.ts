// `three-gate mask BASE --out FILE`: writes the trainable mask of a base, and says how dense it is.
import { Option, type Command } from 'commander';
import { maskDefinitions, maskKinds, maskPresets } from '../shared/report/maskReport.ts';
import { defaultOptions } from '../shared/options/catalogue.ts';
import { parseCount, parseExpression, parseModules, parseSeed, parseShare } from './analysisOptions.ts';
import { printResult, runEngineTask } from './engineTask.ts';
import { exitStatus, isUnreadable, sayWhyPartly } from './exitStatus.ts';
import { maskRequest, type MaskFlags } from './maskFlags.ts';
import { maskText } from './maskText.ts';
import type { Terminal } from './terminal.ts';

/** Adds the command. */
export function registerMask(program: Command, terminal: Terminal): void {
  const { rank, alpha, seed } = defaultOptions;
  const kinds = maskKinds.map((kind) => `${kind} = ${maskDefinitions[kind]}`).join(', ');
  program
    .command('mask')
    .description('write the trainable mask of a base checkpoint: one BOOL tensor per matrix')
    .argument('<base>', 'folder, .safetensors file or index of the base checkpoint')
    .requiredOption('--out <file>', 'the .safetensors file to write')
    .addOption(new Option('--kind <kind>', `which weights: ${kinds}`).choices(maskKinds).default('rlvr'))
    .addOption(
      new Option('--preset <name>', 'budgets and scope as published: zhu = arXiv 2511.08567').choices(
        maskPresets,
      ),
    )
    .option('--rank <k>', `leading singular triplets per matrix (default: ${rank})`, parseCount)
    .option('--alpha <share>', `share of weights in M_princ and in M_low (default: ${alpha})`, parseShare)
    .option('--alpha-principal <share>', 'share of weights in M_princ', parseShare)
    .option('--alpha-low <share>', 'share of weights in M_low', parseShare)
    .option('--match <regex>', 'only tensors whose name matches', parseExpression)
    .option('--exclude <kinds>', 'no mask for these kinds of modules, e.g. embed,head', parseModules)
    .option(
      '--tuned <checkpoint>',
      'also say how much of this checkpoint’s update the mask holds; with --kind update, the update itself',
    )
    .option('--like <mask>', 'with --kind random: as dense, tensor by tensor, as this mask file')
    .option('--like-update <checkpoint>', 'with --kind random: as dense as what this checkpoint changed')
    .option('--seed <n>', `with --kind random: which draw (default: ${seed})`, parseSeed)
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
async function maskCommand(basePath: string, flags: MaskFlags, terminal: Terminal): Promise<number> {
  const request = await maskRequest(basePath, flags);
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
