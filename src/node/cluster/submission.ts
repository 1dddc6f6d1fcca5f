// What was submitted for a folder, kept in it; and one submission at a time, whoever else is about to make one.
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import { replaceFile } from '../disk/partFile.ts';

export interface SubmittedJob {
  /** The array's number, and that of the merge that waits for it; null where that was not taken. */
  array: string;
  merge: string | null;
  shards: number[];
  /** ISO 8601. */
  submittedAt: string;
}

const recordName = 'jobs.json';
const lockName = 'submit.lock';
/** Whoever holds the lock for so long is gone: every command within it ends sooner. */
const abandonedMs = 120_000;

export async function readJobs(directory: string): Promise<SubmittedJob[]> {
  const text = await readFile(join(directory, recordName), 'utf8').catch(() => '[]');
  try {
    return JSON.parse(text) as SubmittedJob[];
  } catch {
    const path = join(directory, recordName);
    throw new ThreeGateError('shard-refused', `${path} is no record of jobs: remove it.`, { file: path });
  }
}

/** Adds it, or puts it in the place of what was known of the same array. */
export async function recordJob(directory: string, job: SubmittedJob): Promise<void> {
  const others = (await readJobs(directory)).filter(({ array }) => array !== job.array);
  const jobs = [...others, job];
  await replaceFile(join(directory, recordName), `${JSON.stringify(jobs, null, 2)}\n`, { sync: true });
}

/** Rejects with `scheduler` where another submission into the folder is under way. */
export async function alone<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
  const path = join(directory, lockName);
  await mkdir(directory, { recursive: true });
  const held = await stat(path).catch(() => null);
  if (held !== null && Date.now() - held.mtimeMs > abandonedMs) await rm(path, { force: true });
  try {
    const lock = await open(path, 'wx');
    await lock.writeFile(`${hostname()} ${process.pid}\n`);
    await lock.close();
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const message = exists
      ? `Another submission into ${directory} is under way (${path}): three-gate status ${directory} shows what it gives.`
      : `${path} could not be written: ${asProblem(error).message}`;
    throw new ThreeGateError(exists ? 'scheduler' : 'access-denied', message, { file: path });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
