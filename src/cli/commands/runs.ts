// `three-gate runs BASE TUNED…`: do several runs change the same weights, and how did one run's verdict come about?
import { Option } from 'commander';
import { cacheDirectory } from '../../node/disk/cacheDirectory.ts';
import { checkpointPath } from '../../node/disk/checkpointPath.ts';
import { writeWhole } from '../../node/disk/writeWhole.ts';
import type { Problem } from '../../shared/errors.ts';
import type { GemmChoice } from '../../shared/options/options.ts';
import type { RunsReport } from '../../shared/report/runsReport.ts';
import { runsCsv } from '../../shared/text/runsTables.ts';
import { defineCommand } from '../command.ts';
import { plainJson, printResult, runEngineTask } from '../engineTask.ts';
import { isUnreadable, statusFor } from '../exitStatus.ts';
import { runsText } from '../runsText.ts';
import {
  baseArgument,
  catalogueOption,
  jsonOption,
  quietOption,
  remoteLimit,
  yesOption,
} from '../sharedOptions.ts';

interface RunsFlags {
  json?: string;
  csv?: string;
  match?: string;
  eta: number;
  steps?: boolean;
  directions: boolean;
  rank: number;
  alpha: number;
  engine: GemmChoice;
  threads?: number;
  cache: boolean;
  /** Gigabytes. */
  cacheSize: number;
  remoteCache: number;
  yes?: boolean;
  quiet?: boolean;
}

export const runs = defineCommand<[base: string, tuned: string[]], RunsFlags>({
  name: 'runs',
  description: 'compare the updates of several runs, or follow one run from checkpoint to checkpoint',
  operands: [
    baseArgument,
    ['<tuned...>', 'checkpoints tuned from it, or one folder with checkpoint-25, global_step_50, …'],
  ],
  options: [
    jsonOption('the whole result'),
    new Option('--csv <file>', 'write one row per pair of runs and pool as CSV'),
    catalogueOption('match'),
    catalogueOption('eta'),
    new Option('--steps', 'follow every run folder over its checkpoints, too'),
    new Option('--no-directions', 'leave out the leading directions of the updates of several runs'),
    catalogueOption('rank', { note: ', over time' }),
    catalogueOption('alpha', { note: ', over time' }),
    catalogueOption('engine'),
    catalogueOption('threads'),
    catalogueOption('useCache'),
    catalogueOption('cacheGigabytes'),
    catalogueOption('remoteCacheGigabytes'),
    yesOption,
    quietOption,
  ],
  interrupted: 'Interrupted: nothing was written.',
  async run([base, tuned], flags, terminal) {
    const { rank, alpha, engine, eta } = flags;
    const request = {
      basePath: await checkpointPath(base),
      runPaths: await Promise.all(tuned.map(checkpointPath)),
      eta,
      match: flags.match ?? null,
      followSteps: flags.steps === true,
      directions: flags.directions,
      analysis: {
        ...{ rank, alpha, engine, threads: flags.threads ?? null },
        cacheGigabytes: flags.cacheSize,
        remoteCacheGigabytes: flags.remoteCache,
      },
      cacheDirectory: flags.cache ? cacheDirectory(terminal.environment) : null,
      remoteLimitBytes: remoteLimit(flags),
    };
    const report = await runEngineTask(terminal, flags.quiet, (client, onEvent) =>
      client.compareRuns(request, onEvent, terminal.interrupted),
    );
    await printResult(terminal, flags, report, { json: plainJson, text: runsText });
    if (flags.csv !== undefined) await writeWhole(flags.csv, runsCsv(report));
    return statusFor(terminal, flags.quiet, unreadOf(report));
  },
});

function unreadOf({ overlap, trajectories }: RunsReport): Problem[] {
  const reasons = overlap.value?.notCompared.map(({ reason }) => reason) ?? [];
  return [
    ...reasons.filter(({ code }) => isUnreadable(code)),
    ...trajectories.flatMap(({ points }) => points.flatMap(({ problem }) => problem ?? [])),
  ];
}
