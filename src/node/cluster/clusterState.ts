// How far the shards of a folder are: by its files first, and where these cannot know, by the scheduler's queue.
import {
  readFolderState,
  logPath,
  tailOf,
  type FolderState,
  type ShardState,
} from '../shards/folderState.ts';
import { queuedTasks, type QueuedTask } from './slurm.ts';
import { readJobs } from './submission.ts';

export interface ClusterShard extends Omit<ShardState, 'state'> {
  /** `waiting`: in the queue. `open`: nobody is about to do it. */
  state: ShardState['state'] | 'waiting';
}

export interface ClusterState extends Omit<FolderState, 'shards'> {
  shards: ClusterShard[];
  /** Why the queue is not known; null where it is, or nothing was submitted. */
  queueUnknown: string | null;
}

/** Rejects with `not-found` where the folder holds no plan. */
export async function readClusterState(
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<ClusterState> {
  const jobs = await readJobs(directory);
  const tasks = await queuedTasks(
    jobs.map(({ array }) => array),
    environment,
  );
  // After the queue: what has left it has written by then what it had to.
  const state = await readFolderState(directory);
  if (typeof tasks === 'string') return { ...state, queueUnknown: tasks };
  const byNumber = new Map(
    [...tasks]
      .sort((one, other) => Number(one.isRunning) - Number(other.isRunning))
      .map((task) => [task.number, task]),
  );
  const submitted = new Map(jobs.flatMap(({ array, shards }) => shards.map((number) => [number, array])));
  const shards = await Promise.all(
    state.shards.map((shard) =>
      judged(directory, shard, byNumber.get(shard.number) ?? null, submitted.get(shard.number) ?? null),
    ),
  );
  return { ...state, shards, queueUnknown: null };
}

/** Those that are in a state. */
export function shardsIn({ shards }: ClusterState, wanted: ClusterShard['state']): ClusterShard[] {
  return shards.filter(({ state }) => state === wanted);
}

/** Whether there is nothing more to come. */
export function isWhole({ shards }: ClusterState): boolean {
  return shards.every(({ state }) => state === 'done');
}

const words = { running: 'running', waiting: 'waiting', failed: 'failed', open: 'not begun' } as const;

/** "2 running", "1 failed": of those that are not done, what there is. */
export function shardCounts(state: ClusterState): string[] {
  return (Object.keys(words) as (keyof typeof words)[])
    .map((each) => [shardsIn(state, each).length, words[each]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`);
}

/** Why what is said is from the files alone, in sentences; null where it is not. */
export function filesAlone({ queueUnknown }: ClusterState): string | null {
  return queueUnknown === null ? null : `${queueUnknown} What is said here is from the files alone.`;
}

/** Numbers of the shards that are neither done nor about to be. */
export function missingShards({ shards }: ClusterState): number[] {
  return shards.filter(({ state }) => state === 'failed' || state === 'open').map(({ number }) => number);
}

async function judged(
  directory: string,
  shard: ShardState,
  task: QueuedTask | null,
  array: string | null,
): Promise<ClusterShard> {
  if (shard.state === 'done') return shard;
  if (task !== null) {
    if (!task.isRunning) return { ...shard, state: 'waiting', job: task.job, message: task.reason, log: [] };
    // A note of an earlier attempt says nothing of the one that runs now.
    return shard.state === 'running'
      ? shard
      : { ...shard, state: 'running', job: task.job, message: null, log: [] };
  }
  const isOurs = shard.job !== null && array !== null && shard.job.startsWith(`${array}_`);
  const isGone = shard.state === 'running' ? isOurs : shard.state === 'open' && array !== null;
  if (!isGone) return shard;
  const job = shard.job ?? `${array ?? ''}_${shard.number}`;
  const message = `Slurm job ${job} is over and has written nothing: it was cancelled or killed.`;
  return { ...shard, state: 'failed', job, message, log: await tailOf(logPath(directory, shard.number)) };
}
