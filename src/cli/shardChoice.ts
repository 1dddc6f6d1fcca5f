// Which shard a process is to take: as it was told, or as the scheduler that started it says.
import { ThreeGateError } from '../shared/errors.ts';

interface ShardChoice {
  /** From 1 to `shards`. */
  number: number;
  shards: number;
}

/**
 * `3/16`; `/16`, the third where the scheduler counts so; or nothing, where it knows how many there are, too.
 * Throws `usage` where that gives no shard.
 */
export function chooseShard(text: string | undefined, environment: NodeJS.ProcessEnv): ShardChoice {
  if (text === undefined) return fromArray(environment);
  const [, own = '', of = ''] = /^(\d*)\/(\d+)$/u.exec(text) ?? [];
  if (of === '') throw usage(`--shard ${text} is no shard: say 3/16, or /16 within a job array.`);
  const shards = Number(of);
  const number = own === '' ? fromScheduler(environment) : Number(own);
  if (number >= 1 && number <= shards) return { number, shards };
  throw usage(`There is no shard ${number} of ${shards}: shards count from 1.`);
}

/** The job as its scheduler calls it; null without one. */
export function jobName(environment: NodeJS.ProcessEnv): string | null {
  const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task, SLURM_JOB_ID: job } = environment;
  if (array !== undefined && task !== undefined) return `${array}_${task}`;
  return job ?? environment['HOSTNAME'] ?? null;
}

function fromScheduler({
  SLURM_ARRAY_TASK_ID: task,
  JOB_COMPLETION_INDEX: index,
}: NodeJS.ProcessEnv): number {
  if (task !== undefined) return Number(task);
  if (index !== undefined) return Number(index) + 1;
  throw usage(
    'Neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set: say which shard, as in --shard 3/16.',
  );
}

/** A whole array from 1 on: what a scheduler says of an array with holes is not how many shards there are. */
function fromArray(environment: NodeJS.ProcessEnv): ShardChoice {
  const {
    SLURM_ARRAY_TASK_COUNT: count,
    SLURM_ARRAY_TASK_MIN: least,
    SLURM_ARRAY_TASK_MAX: most,
  } = environment;
  const number = fromScheduler(environment);
  if (count === undefined) throw usage('How many shards there are is not known: say --shard /16.');
  if (least !== '1' || most !== count) {
    const array = `This job array has ${count} tasks from ${least ?? '?'} to ${most ?? '?'}`;
    throw usage(
      `${array}, which does not say how many shards there are: say --shard /16. Shards count from 1, as --array=1-16 does.`,
    );
  }
  return { number, shards: Number(count) };
}

function usage(message: string): ThreeGateError {
  return new ThreeGateError('usage', message);
}
