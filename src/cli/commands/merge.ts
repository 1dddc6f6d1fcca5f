// `three-gate merge DIR`: the report of the shards that lie in a folder, as one machine would have given it.
import { resolve } from 'node:path';
import { Option } from 'commander';
import { checkpointPath } from '../../node/disk/checkpointPath.ts';
import { problem } from '../../shared/errors.ts';
import { ranges } from '../../shared/text/ranges.ts';
import { defineCommand } from '../command.ts';
import { runEngineTask } from '../engineTask.ts';
import { exitStatus, statusFor, unreadIn } from '../exitStatus.ts';
import { giveReport } from '../reportFiles.ts';
import {
  configOption,
  csvOption,
  htmlOption,
  jsonOption,
  markdownOption,
  quietOption,
} from '../sharedOptions.ts';

interface MergeFlags {
  json?: string;
  markdown?: string;
  html?: string;
  csv?: string;
  config?: string[];
  base?: string;
  tuned?: string;
  quiet?: boolean;
}

export const merge = defineCommand<[directory: string], MergeFlags>({
  name: 'merge',
  description: 'add the shards of an analysis up and judge the three gates',
  operands: [['<folder>', 'where analyze --shard wrote them']],
  options: [
    jsonOption('the whole report'),
    markdownOption,
    csvOption,
    htmlOption,
    configOption,
    new Option('--base <path>', 'where the base checkpoint lies here, if not where the shards had it'),
    new Option('--tuned <path>', 'the same for the tuned checkpoint'),
    quietOption,
  ],
  interrupted: 'Interrupted: nothing was written.',
  async run([folder], flags, terminal) {
    const directory = resolve(folder);
    const { base, tuned, config, quiet } = flags;
    const request = {
      directory,
      configPaths: config?.map((path) => resolve(path)) ?? null,
      basePath: base === undefined ? null : await checkpointPath(base),
      tunedPath: tuned === undefined ? null : await checkpointPath(tuned),
    };
    const merged = await runEngineTask(terminal, quiet, (engine) =>
      engine.mergeShards(request, terminal.interrupted),
    );
    const { report, missing, shards, damaged } = merged;
    await giveReport(terminal, flags, report);
    for (const { message } of damaged) terminal.stderr.write(`${message}\n`);
    if (missing.length > 0) {
      const message = `${missing.length} of ${shards} shards are missing: ${ranges(missing)}. three-gate retry ${directory} submits them.`;
      terminal.stderr.write(`${message}\n`);
      return exitStatus.partly;
    }
    const unwell = damaged.map(({ message }) => problem('shard-unfinished', message));
    return statusFor(terminal, quiet, [...unreadIn(report), ...unwell]);
  },
});
