// `three-gate advise CONFIG…`: what the theory has to say about a training config, without any weights.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { findFindings } from '../engine/trainingConfig/findings/findFindings.ts';
import { readTraining } from '../engine/trainingConfig/readTraining.ts';
import { nodeFileSystem } from '../node/disk/nodeFileSystem.ts';
import { asProblem, ThreeGateError } from '../shared/errors.ts';
import { schemaVersion, type Report } from '../shared/report/report.ts';
import type { TrainingEvidence } from '../shared/report/training.ts';
import { adviceText } from './adviceText.ts';

interface AdviseOptions {
  report?: string;
  strict?: boolean;
  json?: boolean;
  disable?: string[];
}

/** Adds the command. Exit status: 0, or 1 with `--strict` when there is a warning. */
export function registerAdvise(program: Command): void {
  program
    .command('advise')
    .description('say what a training config may do to the three gates, without reading any weights')
    .argument(
      '<config...>',
      'training config: YAML, JSON, launch script or training_args.bin; several are read as one run',
    )
    .option('--report <file>', 'report of `analyze --json`: findings then cite its measurements')
    .option('--strict', 'exit with status 1 when there is a warning')
    .option('--disable <ids...>', 'ids of findings to leave out')
    .option('--json', 'print config, logs and findings as JSON')
    .action(async (configs: string[], options: AdviseOptions) => {
      const evidence = await advise(configs, options);
      const text = options.json === true ? `${JSON.stringify(evidence, null, 2)}\n` : adviceText(evidence);
      process.stdout.write(text);
      const warned = evidence.findings.some(({ severity }) => severity === 'warning');
      if (options.strict === true && warned) process.exitCode = 1;
    });
}

/** Throws `not-found` for a config that is not there, and `usage` for a report that is none. */
async function advise(configs: readonly string[], options: AdviseOptions): Promise<TrainingEvidence> {
  const paths = configs.map((config) => resolve(config));
  for (const path of paths) {
    if ((await nodeFileSystem.stat(path)) === null) {
      throw new ThreeGateError('not-found', `${path} is not there.`, { file: path });
    }
  }
  const report = options.report === undefined ? null : await readReport(resolve(options.report));
  const folder = nodeFileSystem.dirname(paths[0] ?? '.');
  const evidence = await readTraining(nodeFileSystem, folder, { configPaths: paths, basePath: null });
  return { ...evidence, findings: findFindings(evidence, report, options.disable ?? []) };
}

async function readReport(file: string): Promise<Report> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ThreeGateError('usage', `${file} is no report: ${asProblem(error).message}.`, { file });
  }
  if (!isReport(parsed)) {
    throw new ThreeGateError('usage', `${file} is no Three-Gate report of version ${schemaVersion}.`, {
      file,
    });
  }
  return parsed;
}

function isReport(value: unknown): value is Report {
  const isRecord = typeof value === 'object' && value !== null;
  return isRecord && 'schemaVersion' in value && value.schemaVersion === schemaVersion && 'summary' in value;
}
