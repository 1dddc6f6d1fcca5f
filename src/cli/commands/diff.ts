// `three-gate diff BASE TUNED --out FILE`: what makes the tuned checkpoint of its base, as a safetensors file (docs/patch.md).
import { resolve } from 'node:path';
import { Option } from 'commander';
import { storedTensors } from '../../engine/hashing/storedTensors.ts';
import { besideWeights } from '../../engine/patches/besideWeights.ts';
import { writePatch } from '../../engine/patches/writePatch.ts';
import { version } from '../../node/engine/version.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { patchSchemaVersion, type PatchReport } from '../../shared/report/patchReport.ts';
import { defineCommand } from '../command.ts';
import { withContents, type ContentFlags } from '../contentTask.ts';
import { plainJson, printResult } from '../engineTask.ts';
import { exitStatus } from '../exitStatus.ts';
import { patchPorts } from '../patchPorts.ts';
import { patchText } from '../patchText.ts';
import { baseArgument, jsonOption, quietOption, tunedArgument, yesOption } from '../sharedOptions.ts';

export const diff = defineCommand<
  [base: string, tuned: string],
  ContentFlags & { out: string; json?: string }
>({
  name: 'diff',
  description: 'write what makes the tuned checkpoint of its base: a sparse patch with hashes',
  operands: [baseArgument, tunedArgument],
  options: [
    new Option('--out <file>', 'the .safetensors file to write').makeOptionMandatory(),
    jsonOption('what was done'),
    yesOption,
    quietOption,
  ],
  interrupted: 'Interrupted: no patch was written.',
  async run(paths, flags, terminal) {
    const file = resolve(flags.out);
    const report = await withContents(paths, flags, terminal, async ([base, tuned], ports) => {
      if (base === undefined || tuned === undefined) throw new RangeError('no checkpoint was opened');
      const read = [base, tuned].flatMap((side) => [...storedTensors(side).values()]);
      if (read.some((tensor) => tensor.file === file)) {
        throw new ThreeGateError(
          'usage',
          `--out ${flags.out} would overwrite what is read: name another file.`,
        );
      }
      const written = await writePatch(base, tuned, file, patchPorts(ports));
      const notIncluded = await besideWeights(tuned, ports.files);
      const about = { schemaVersion: patchSchemaVersion, version, file } as const;
      return {
        ...about,
        base: base.info.path,
        tuned: tuned.info.path,
        ...written,
        notIncluded,
      } satisfies PatchReport;
    });
    await printResult(terminal, flags, report, { json: plainJson, text: patchText });
    return exitStatus.analysed;
  },
});
