// `three-gate mask BASE --out FILE`: writes the trainable mask of a base, and says how dense it is.
import { Option } from 'commander';
import { defaultOptions } from '../../shared/options/catalogue.ts';
import { maskDefinitions, maskKinds, maskPresets } from '../../shared/report/maskReport.ts';
import { moduleKinds } from '../../shared/report/moduleKinds.ts';
import { defineCommand } from '../command.ts';
import { plainJson, printResult, runEngineTask } from '../engineTask.ts';
import { isUnreadable, statusFor } from '../exitStatus.ts';
import { maskText } from '../maskText.ts';
import {
  baseArgument,
  catalogueOption,
  jsonOption,
  optionLike,
  quietOption,
  yesOption,
} from '../sharedOptions.ts';
import { namesParser } from '../values.ts';
import { maskRequest, type MaskFlags } from './maskFlags.ts';

const kinds = maskKinds.map((kind) => `${kind} = ${maskDefinitions[kind]}`).join(', ');
const parseModules = namesParser({ of: moduleKinds }, 'kind of module', 'the kinds are');

export const mask = defineCommand<[base: string], MaskFlags>({
  name: 'mask',
  description: 'write the trainable mask of a base checkpoint: one BOOL tensor per matrix',
  operands: [baseArgument],
  options: [
    new Option('--out <file>', 'the .safetensors file to write').makeOptionMandatory(),
    new Option('--kind <kind>', `which weights: ${kinds}`).choices(maskKinds).default('rlvr'),
    new Option('--preset <name>', 'budgets and scope as published: zhu = arXiv 2511.08567').choices(
      maskPresets,
    ),
    catalogueOption('rank', { unset: true }),
    catalogueOption('alpha', { unset: true }),
    optionLike('alpha', '--alpha-principal <share>', 'share of weights in M_princ'),
    optionLike('alpha', '--alpha-low <share>', 'share of weights in M_low'),
    catalogueOption('match'),
    new Option('--exclude <kinds>', 'no mask for these kinds of modules, e.g. embed,head').argParser(
      parseModules,
    ),
    new Option(
      '--tuned <checkpoint>',
      'also say how much of this checkpoint’s update the mask holds; with --kind update, the update itself',
    ),
    new Option('--like <mask>', 'with --kind random: as dense, tensor by tensor, as this mask file'),
    new Option('--like-update <checkpoint>', 'with --kind random: as dense as what this checkpoint changed'),
    optionLike('seed', '--seed <n>', `with --kind random: which draw (default: ${defaultOptions.seed})`),
    jsonOption('what was done'),
    catalogueOption('engine'),
    catalogueOption('threads'),
    yesOption,
    quietOption,
  ],
  interrupted: 'Interrupted: no mask was written.',
  async run([base], flags, terminal) {
    const request = await maskRequest(base, flags);
    const report = await runEngineTask(terminal, flags.quiet, (engine, onEvent) =>
      engine.exportMask(request, onEvent, terminal.interrupted),
    );
    await printResult(terminal, flags, report, { json: plainJson, text: maskText });
    const reasons = report.leftOut.map(({ reason }) => reason);
    return statusFor(
      terminal,
      flags.quiet,
      reasons.filter(({ code }) => isUnreadable(code)),
    );
  },
});
