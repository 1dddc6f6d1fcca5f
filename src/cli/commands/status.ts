// `three-gate status DIR`: which shards are done, at work, waiting or failed, and how long it still takes.
import { resolve } from 'node:path';
import {
  filesAlone,
  isWhole,
  missingShards,
  readClusterState,
  shardCounts,
  shardsIn,
  type ClusterShard,
  type ClusterState,
} from '../../node/cluster/clusterState.ts';
import { formatDuration } from '../../shared/text/format.ts';
import { ranges } from '../../shared/text/ranges.ts';
import { printable } from '../columns.ts';
import { defineCommand } from '../command.ts';
import { exitStatus } from '../exitStatus.ts';

export const status = defineCommand<[directory: string], object>({
  name: 'status',
  description: 'how far the shards of a folder are',
  operands: [['<folder>', 'where analyze --shard or submit put them']],
  options: [],
  interrupted: 'Interrupted.',
  async run([folder], _, { stdout, environment }) {
    const state = await readClusterState(resolve(folder), environment);
    stdout.write(`${statusText(state)}\n`);
    return isWhole(state) ? exitStatus.analysed : exitStatus.partly;
  },
});

function statusText(state: ClusterState): string {
  const { directory, shards, remainingMs } = state;
  const done = shardsIn(state, 'done').length;
  const time = remainingMs === null ? [] : [`about ${formatDuration(remainingMs)} left`];
  const head = [`${done} of ${shards.length} shards done`, ...shardCounts(state), ...time].join(' · ');
  const missing = missingShards(state);
  const alone = filesAlone(state);
  return [
    head,
    ...shardsIn(state, 'running').map(runningLine),
    ...shardsIn(state, 'waiting').map(
      ({ number, job, message }) => `  ${number} waits (${job ?? ''}, ${message ?? ''})`,
    ),
    ...shardsIn(state, 'failed').flatMap(({ number, message, log }) => [
      `  ${number} failed: ${printable(message ?? '')}`,
      ...log.map((line) => `      ${printable(line)}`),
    ]),
    ...(alone === null ? [] : [printable(alone)]),
    ...(missing.length === 0
      ? []
      : [`Missing: ${ranges(missing)}. three-gate retry ${directory} submits them.`]),
    ...(isWhole(state) ? [`three-gate merge ${directory} gives the report.`] : []),
  ].join('\n');
}

function runningLine({ number, share, host, job }: ClusterShard): string {
  const where = [host, job].filter((part) => part !== null).join(', ');
  return `  ${number} runs, ${Math.floor(100 * share)} % (${where})`;
}
