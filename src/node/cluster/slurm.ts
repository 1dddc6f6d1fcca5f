// Slurm as far as shards need it: an array, a job that waits for it, and which tasks are still in the queue. What is not in the
// queue any longer is told by the folder: the controller forgets, and a task that was cancelled while it waited leaves no trace.
import { ThreeGateError } from '../../shared/errors.ts';
import { ranges } from '../../shared/text/ranges.ts';
import { runTool } from './tools.ts';

export interface QueuedTask {
  /** `123_4`. */
  job: string;
  /** Index in the array: the number of the shard. */
  number: number;
  isRunning: boolean;
  /** Why it waits, in Slurm's word. */
  reason: string;
}

/** Of a task that may still come to its end by itself. */
const living = new Set([
  'PENDING',
  'RUNNING',
  'CONFIGURING',
  'COMPLETING',
  'SUSPENDED',
  'REQUEUED',
  'STAGE_OUT',
  'RESIZING',
]);

/** The job's number; rejects with `scheduler` where Slurm takes no job, and null where there is no Slurm on this machine. */
export async function submitBatch(
  script: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | null> {
  const { exists, ok, stdout, why } = await runTool('sbatch', ['--parsable', ...args, script], environment);
  if (!exists) return null;
  const [id = ''] = stdout.trim().split(';');
  if (ok && /^\d+$/u.test(id)) return id;
  throw new ThreeGateError('scheduler', `Slurm did not take ${script}: ${why === '' ? stdout.trim() : why}`, {
    file: script,
  });
}

/** An array of these indexes; says what to do where Slurm allows fewer. */
export async function submitArray(
  script: string,
  numbers: readonly number[],
  environment: NodeJS.ProcessEnv,
): Promise<string | null> {
  try {
    return await submitBatch(script, [`--array=${ranges(numbers)}`], environment);
  } catch (error) {
    const limit = await mostTasks(environment);
    const most = Math.max(...numbers);
    if (limit === null || most <= limit) throw error;
    const message = `Slurm allows array tasks up to ${limit} here (MaxArraySize), and ${most} were asked for: say --tasks ${limit} or fewer, into a folder of its own.`;
    throw new ThreeGateError('scheduler', message, { file: script });
  }
}

/** Highest index of an array; null where Slurm does not say. */
async function mostTasks(environment: NodeJS.ProcessEnv): Promise<number | null> {
  const { stdout } = await runTool('scontrol', ['show', 'config'], environment);
  const size = /^MaxArraySize\s*=\s*(\d+)/mu.exec(stdout)?.[1];
  return size === undefined ? null : Number(size) - 1;
}

interface Partition {
  name: string;
  isDefault: boolean;
  /** In Slurm's words. */
  timeLimit: string;
  nodes: string;
}

/** What jobs may be submitted to; empty where Slurm does not say. */
export async function partitions(environment: NodeJS.ProcessEnv): Promise<Partition[]> {
  const { ok, stdout } = await runTool('sinfo', ['-h', '-s', '-o', '%P|%l|%D'], environment);
  if (!ok) return [];
  return stdout.split('\n').flatMap((line) => {
    const [name = '', timeLimit = '', nodes = ''] = line.trim().split('|');
    if (name === '') return [];
    return [{ name: name.replace(/\*$/u, ''), isDefault: name.endsWith('*'), timeLimit, nodes }];
  });
}

/** The tasks of these arrays that wait or run; a sentence where Slurm does not say. */
export async function queuedTasks(
  jobs: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<QueuedTask[] | string> {
  if (jobs.length === 0) return [];
  const args = ['-h', '-r', '-t', 'all', '-o', '%F|%K|%T|%r'];
  // All of this user's: asked for one that it has forgotten, squeue fails.
  const { exists, ok, stdout, why } = await runTool('squeue', [...args, '--me'], environment);
  if (!exists) return 'There is no squeue on this machine: what waits in a queue is not known.';
  if (!ok) return `Slurm did not say what waits in its queue: ${why}`;
  return stdout.split('\n').flatMap((line) => {
    const [array = '', index = '', state = '', reason = ''] = line.split('|');
    if (!jobs.includes(array) || !/^\d+$/u.test(index) || !living.has(state)) return [];
    const isRunning = state !== 'PENDING' && state !== 'REQUEUED';
    return [{ job: `${array}_${index}`, number: Number(index), isRunning, reason }];
  });
}
