// `three-gate advise CONFIG…`: what the theory has to say about a training config, without any weights. Exit status 1 with
// `--strict` where there is a warning.
import { resolve } from 'node:path';
import { Option } from 'commander';
import { adviseOn } from '../../engine/trainingConfig/adviseOn.ts';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';
import type { TrainingEvidence } from '../../shared/report/training.ts';
import { adviceText } from '../../shared/text/adviceText.ts';
import { defineCommand } from '../command.ts';
import { plainJson } from '../engineTask.ts';
import { exitStatus } from '../exitStatus.ts';
import { readReport } from '../../node/disk/readReport.ts';

interface AdviseFlags {
  report?: string;
  strict?: boolean;
  json?: boolean;
  disable?: string[];
}

export const advise = defineCommand<[configs: string[]], AdviseFlags>({
  name: 'advise',
  description: 'say what a training config may do to the three gates, without reading any weights',
  operands: [
    [
      '<config...>',
      'training config: YAML, JSON, launch script or training_args.bin; several are read as one run',
    ],
  ],
  options: [
    new Option('--report <file>', 'report of `analyze --json`: findings then cite its measurements'),
    new Option('--strict', 'exit with status 1 when there is a warning'),
    new Option('--disable <ids...>', 'ids of findings to leave out'),
    new Option('--json', 'print config, logs and findings as JSON'),
  ],
  interrupted: 'Interrupted before anything was measured; nothing was written.',
  async run([configs], flags, { stdout }) {
    const evidence = await evidenceOf(configs, flags);
    stdout.write(flags.json === true ? plainJson(evidence) : adviceText(evidence));
    const warned = evidence.findings.some(({ severity }) => severity === 'warning');
    return flags.strict === true && warned ? exitStatus.warned : exitStatus.analysed;
  },
});

/** Throws `not-found` for a config that is not there, and `usage` for a report that is none. */
async function evidenceOf(configs: readonly string[], flags: AdviseFlags): Promise<TrainingEvidence> {
  const report = flags.report === undefined ? null : await readReport(resolve(flags.report));
  const configPaths = configs.map((config) => resolve(config));
  return adviseOn(nodeFileSystem, { configPaths, report, disabled: flags.disable ?? [] });
}
