// `three-gate status DIR`: which shards are done, at work, waiting or failed, and how long it still takes.
import { resolve } from 'node:path';
import {
  missingShards,
  readClusterState,
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
    return state.shards.every((shard) => shard.state === 'done') ? exitStatus.analysed : exitStatus.partly;
  },
});

function statusText(state: ClusterState): string {
  const { directory, shards, remainingMs, queueUnknown } = state;
  const of = (wanted: ClusterShard['state']): ClusterShard[] =>
    shards.filter((shard) => shard.state === wanted);
  const counts = (['running', 'waiting', 'failed', 'open'] as const)
    .map((each) => [each, of(each).length] as const)
    .filter(([, number]) => number > 0)
    .map(([each, number]) => `${number} ${words[each]}`);
  const time = remainingMs === null ? [] : [`about ${formatDuration(remainingMs)} left`];
  const head = [`${of('done').length} of ${shards.length} shards done`, ...counts, ...time].join(' · ');
  const missing = missingShards(state);
  return [
    head,
    ...of('running').map(runningLine),
    ...of('waiting').map(({ number, job, message }) => `  ${number} waits (${job ?? ''}, ${message ?? ''})`),
    ...of('failed').flatMap(({ number, message, log }) => [
      `  ${number} failed: ${printable(message ?? '')}`,
      ...log.map((line) => `      ${printable(line)}`),
    ]),
    ...(queueUnknown === null
      ? []
      : [`${printable(queueUnknown)} What is said here is from the files alone.`]),
    ...(missing.length === 0
      ? []
      : [`Missing: ${ranges(missing)}. three-gate retry ${directory} submits them.`]),
    ...(missing.length === 0 && of('done').length === shards.length
      ? [`three-gate merge ${directory} gives the report.`]
      : []),
  ].join('\n');
}

const words = { running: 'running', waiting: 'waiting', failed: 'failed', open: 'not begun' } as const;

function runningLine({ number, share, host, job }: ClusterShard): string {
  const where = [host, job].filter((part) => part !== null).join(', ');
  return `  ${number} runs, ${Math.floor(100 * share)} % (${where})`;
}
