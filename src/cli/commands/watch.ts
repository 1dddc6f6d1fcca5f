// `three-gate watch RUN --base BASE`: follows a run while it trains, one row per checkpoint as it comes. Both of its files go on
// where an earlier call stopped. Exit status 4 where a step that was analysed breaks a limit.
import { resolve } from 'node:path';
import { Option } from 'commander';
import { cacheDirectory } from '../../node/disk/cacheDirectory.ts';
import { asPath, checkpointPath } from '../../node/disk/checkpointPath.ts';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';
import { readLimits } from '../../node/disk/readLimits.ts';
import { followLive } from '../../node/follow/followLive.ts';
import type { FollowRequest } from '../../node/follow/followRequest.ts';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { defineCommand } from '../command.ts';
import { runEngineTask } from '../engineTask.ts';
import { exitStatus } from '../exitStatus.ts';
import { FollowPrinter } from '../followText.ts';
import { limitsOption, requireLimits } from '../limitsInput.ts';
import {
  baseArgument,
  catalogueOption,
  configOption,
  measureOptions,
  quietOption,
  remoteLimit,
  yesOption,
} from '../sharedOptions.ts';
import type { Terminal } from '../terminal.ts';
import { numberParser } from '../values.ts';
import { optionsOf, type MeasureFlags } from './analyze.ts';

interface WatchFlags extends MeasureFlags {
  base: string;
  /** Seconds. */
  interval: number;
  once?: boolean;
  until?: number;
  /** Seconds. */
  idle?: number;
  jsonl?: string;
  tensorboard?: string;
  limits?: string;
  nice: number;
  /** Megabytes a second. */
  readRate?: number;
  config?: string[];
  cacheDir?: string;
  yes?: boolean;
  quiet?: boolean;
}

const seconds = numberParser({ kind: 'number', noun: 'number of seconds', above: 0 });
const megabytes = numberParser({ kind: 'number', noun: 'number of megabytes a second', above: 0 });
const niceness = numberParser({ kind: 'integer', noun: 'whole number', least: 0, most: 19 });

export const watch = defineCommand<[run: string], WatchFlags>({
  name: 'watch',
  description: 'follow a run while it trains: every checkpoint is analysed when it is complete',
  operands: [
    ['<run>', 'folder that checkpoint-25, global_step_50, … are written into; it may not be there yet'],
  ],
  options: [
    new Option('--base <base>', baseArgument[1]).makeOptionMandatory(),
    new Option('--interval <seconds>', 'between two looks into the folder').argParser(seconds).default(30),
    new Option('--once', 'analyse what is there and stop'),
    new Option('--until <step>', 'stop when this step was analysed').argParser(
      numberParser({ kind: 'integer', noun: 'whole number', least: 0 }),
    ),
    new Option('--idle <seconds>', 'stop when nothing new came for so long').argParser(seconds),
    new Option('--jsonl <file>', 'append one JSON object per step; goes on with a file that is there'),
    new Option(
      '--tensorboard <folder>',
      'write event files for TensorBoard; goes on with those that are there',
    ),
    limitsOption,
    configOption,
    ...measureOptions,
    catalogueOption('threads'),
    new Option('--nice <n>', 'priority left to the training: 0 takes turns with it, 19 waits for it')
      .argParser(niceness)
      .default(10),
    new Option(
      '--read-rate <MB/s>',
      'most megabytes of weights read a second (default: as fast as the disk)',
    ).argParser(megabytes),
    new Option('--cache-dir <folder>', 'where to remember results, instead of the folder of this user'),
    yesOption,
    quietOption,
  ],
  interrupted: 'Interrupted before the run could be followed.',
  async run([run], flags, terminal) {
    const request = await requestOf(run, flags, terminal);
    requireLimits(request.limits, request.options);
    const printer = new FollowPrinter(terminal, flags.quiet === true);
    const steps = await runEngineTask(terminal, flags.quiet, (engine, onEvent, clear) =>
      followLive(
        request,
        { engine, files: nodeFileSystem },
        (event) => {
          if (event.kind === 'analysis') {
            onEvent(event.event);
            return;
          }
          clear();
          printer.show(event);
        },
        terminal.interrupted,
      ),
    );
    printer.end(steps);
    if (terminal.interrupted.aborted) return exitStatus.interrupted;
    return printer.status;
  },
});

async function requestOf(run: string, flags: WatchFlags, { environment }: Terminal): Promise<FollowRequest> {
  if (isRemote(run)) {
    throw new ThreeGateError(
      'usage',
      `${run} lies elsewhere: a run is followed in a folder of this machine.`,
    );
  }
  const { idle, until = null, jsonl, tensorboard, limits } = flags;
  return {
    runPath: asPath(run, process.cwd()),
    basePath: await checkpointPath(flags.base),
    options: optionsOf(flags),
    configPaths: flags.config?.map((path) => resolve(path)) ?? null,
    cacheDirectory: flags.cache ? resolve(flags.cacheDir ?? cacheDirectory(environment)) : null,
    remoteLimitBytes: remoteLimit(flags),
    niceness: flags.nice,
    readBytesPerSecond: flags.readRate === undefined ? null : 1e6 * flags.readRate,
    limits: limits === undefined ? null : await readLimits(limits),
    intervalMs: 1000 * flags.interval,
    once: flags.once === true,
    until,
    idleMs: idle === undefined ? null : 1000 * idle,
    jsonl: jsonl === undefined ? null : resolve(jsonl),
    tensorboard: tensorboard === undefined ? null : resolve(tensorboard),
  };
}
