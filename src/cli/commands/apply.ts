// `three-gate apply BASE PATCH --out DIR`: the tuned checkpoint that a patch was made from, bit by bit (docs/patch.md).
import { resolve } from 'node:path';
import { Option } from 'commander';
import { applyPatch } from '../../engine/patches/applyPatch.ts';
import { version } from '../../node/engine/version.ts';
import { patchSchemaVersion, type AppliedReport } from '../../shared/report/patchReport.ts';
import { defineCommand } from '../command.ts';
import { withContents, type ContentFlags } from '../contentTask.ts';
import { plainJson, printResult } from '../engineTask.ts';
import { exitStatus } from '../exitStatus.ts';
import { patchPorts } from '../patchPorts.ts';
import { appliedText } from '../patchText.ts';
import { baseArgument, jsonOption, quietOption, yesOption } from '../sharedOptions.ts';

export const apply = defineCommand<
  [base: string, patch: string],
  ContentFlags & { out: string; json?: string }
>({
  name: 'apply',
  description: 'apply a patch of diff to its base: the tuned checkpoint, bit by bit',
  operands: [baseArgument, ['<patch>', 'a .safetensors file that diff wrote']],
  options: [
    new Option('--out <dir>', 'the folder to write it into').makeOptionMandatory(),
    jsonOption('what was done'),
    yesOption,
    quietOption,
  ],
  interrupted: 'Interrupted: nothing was written.',
  async run([basePath, patchPath], flags, terminal) {
    const folder = resolve(flags.out);
    const patch = resolve(patchPath);
    const report = await withContents([basePath], flags, terminal, async ([base], ports) => {
      if (base === undefined) throw new RangeError('no checkpoint was opened');
      const applied = await applyPatch(base, patch, folder, patchPorts(ports));
      const about = { schemaVersion: patchSchemaVersion, version, base: base.info.path } as const;
      return { ...about, patch, folder, ...applied } satisfies AppliedReport;
    });
    await printResult(terminal, flags, report, { json: plainJson, text: appliedText });
    return exitStatus.analysed;
  },
});
