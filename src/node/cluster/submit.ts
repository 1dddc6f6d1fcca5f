// Submits the shards of a folder that nobody is at work on, as one array, and a merge that waits for it.
import { access, chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import { replaceFile } from '../disk/partFile.ts';
import { missingShards, readClusterState } from './clusterState.ts';
import {
  mergeScript,
  mergeScriptName,
  shardScript,
  shardScriptName,
  type ClusterJob,
  type SlurmWishes,
} from './scripts.ts';
import { submitArray, submitBatch } from './slurm.ts';
import { alone, recordJob, type SubmittedJob } from './submission.ts';

export type Submitted =
  | { kind: 'submitted'; job: SubmittedJob; mergeRefused: string | null }
  /** Nothing is missing that is not done or in the queue already. */
  | { kind: 'nothing' }
  /** No scheduler on this machine; the scripts lie in the folder. */
  | { kind: 'no-scheduler'; numbers: number[] };

/** Writes both scripts; rejects with `access-denied`. */
export async function writeScripts(job: ClusterJob, wishes: SlurmWishes): Promise<void> {
  const { directory } = job;
  try {
    await mkdir(join(directory, 'logs'), { recursive: true });
    for (const [name, text] of [
      [shardScriptName, shardScript(job, wishes)],
      [mergeScriptName, mergeScript(job, wishes)],
    ] as const) {
      await replaceFile(join(directory, name), text, { sync: true });
      await chmod(join(directory, name), 0o755);
    }
  } catch (error) {
    const message = `The batch scripts could not be written into ${directory}: ${asProblem(error).message}`;
    throw new ThreeGateError('access-denied', message, { file: directory });
  }
}

/** @param prepare writes what the array needs, once nobody else submits into the folder */
export async function submitMissing(
  directory: string,
  environment: NodeJS.ProcessEnv,
  prepare: () => Promise<void> = () => Promise.resolve(),
): Promise<Submitted> {
  return await alone(directory, async () => {
    await prepare();
    const state = await readClusterState(directory, environment);
    const numbers = missingShards(state);
    if (numbers.length === 0) return { kind: 'nothing' };
    const script = join(directory, shardScriptName);
    await access(script).catch(() => {
      const message = `${script} is not there: three-gate submit writes it, or start the missing shards as the others were.`;
      throw new ThreeGateError('not-found', message, { file: script });
    });
    const array = await submitArray(script, numbers, environment);
    if (array === null) return { kind: 'no-scheduler', numbers };
    const job: SubmittedJob = { array, merge: null, shards: numbers, submittedAt: new Date().toISOString() };
    // Known before anything else can go wrong.
    await recordJob(directory, job);
    // Whether tasks fail or not: what is missing then is named in the report, and a later merge adds it.
    const args = [`--dependency=afterany:${array}`];
    try {
      const merge = await submitBatch(join(directory, mergeScriptName), args, environment);
      const whole = { ...job, merge };
      await recordJob(directory, whole);
      return { kind: 'submitted', job: whole, mergeRefused: null };
    } catch (error) {
      return { kind: 'submitted', job, mergeRefused: asProblem(error).message };
    }
  });
}
