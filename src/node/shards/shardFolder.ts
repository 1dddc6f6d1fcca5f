// The folder that the shards of one analysis share: `plan.json`, written by whoever comes first, and a file for each shard that
// is done. Any number of processes may write into it at once.
import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { differences, type PlanFacts } from '../../engine/shards/facts.ts';
import type { ShardFolder, StoredShard } from '../../engine/shards/record.ts';
import { asProblem, ThreeGateError, type Problem } from '../../shared/errors.ts';
import { partPath, unfinished } from '../disk/partFile.ts';
import { openShardFile, readShard, readShardHeader } from './shardFile.ts';

/** What all shards of a folder have in common. */
interface StoredPlan {
  facts: PlanFacts;
  /** Of each shard, in seconds by the cost model. */
  costs: readonly number[];
}

export const planName = 'plan.json';
const ending = '.results';
/** Nobody writes a shard for so long without a word. */
const abandonedMs = 86_400_000;

export function shardName(number: number, shards: number): string {
  return `shard-${String(number).padStart(String(shards).length, '0')}-of-${shards}`;
}

export function resultsPath(directory: string, number: number, shards: number): string {
  return join(directory, shardName(number, shards) + ending);
}

/** @param id of this writer, where others must find what it left behind */
export function shardFolder(directory: string, id: string): ShardFolder {
  return {
    async claim(plan, number) {
      await makeFolder(directory);
      const { facts, costs } = plan;
      await agree(directory, { facts, costs });
      await clearAbandoned(directory, shardName(number, facts.shards));
      return !(await isDone(resultsPath(directory, number, facts.shards), facts));
    },
    open: (shards, number) => openShardFile(resultsPath(directory, number, shards), id),
  };
}

export async function makeFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    const message = `${directory} could not be made: ${asProblem(error).message}`;
    throw new ThreeGateError('access-denied', message, { file: directory });
  });
}

/** Null where nobody has planned yet; rejects with `shard-refused` where the file is no plan. */
export async function readPlan(directory: string): Promise<StoredPlan | null> {
  const path = join(directory, planName);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw new ThreeGateError('access-denied', `${path} could not be read: ${asProblem(error).message}`, {
      file: path,
    });
  });
  if (text === null) return null;
  try {
    const plan = JSON.parse(text) as StoredPlan;
    if (Number.isSafeInteger(plan.facts.shards) && plan.facts.hash.length > 0) return plan;
  } catch {
    // Said below.
  }
  throw new ThreeGateError(
    'shard-refused',
    `${path} is no plan of Three-Gate: remove it, or choose another folder.`,
    {
      file: path,
    },
  );
}

/** Writes the plan where there is none; rejects with `shard-refused`, naming what differs, where there is another. */
export async function agree(directory: string, plan: StoredPlan): Promise<void> {
  await writeOnce(join(directory, planName), `${JSON.stringify(plan, null, 2)}\n`);
  const stored = await readPlan(directory);
  const found = stored === null ? [] : differences(stored.facts, plan.facts);
  if (found.length === 0) return;
  const message = `${directory} is of another plan: ${found.join('; ')}. Choose another folder, or remove this one.`;
  throw new ThreeGateError('shard-refused', message, { file: directory });
}

/** Takes away what a shard left unfinished whose process was killed long ago. */
async function clearAbandoned(directory: string, name: string): Promise<void> {
  const parts = (await readdir(directory)).filter(
    (each) => each.startsWith(`.${name}.`) && each.endsWith(unfinished),
  );
  for (const part of parts) {
    const path = join(directory, part);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > abandonedMs) await rm(path, { force: true });
  }
}

/** Every shard that is whole, and why others that are there are not. */
export async function readShards(directory: string): Promise<{ shards: StoredShard[]; damaged: Problem[] }> {
  const shards: StoredShard[] = [];
  const damaged: Problem[] = [];
  for (const name of await shardFiles(directory)) {
    try {
      shards.push(await readShard(join(directory, name)));
    } catch (error) {
      damaged.push(asProblem(error));
    }
  }
  return { shards, damaged };
}

async function shardFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    const why = isMissing(error) ? 'does not exist' : `could not be read: ${asProblem(error).message}`;
    throw new ThreeGateError('not-found', `${directory} ${why}.`, { file: directory });
  });
  return names.filter((name) => name.endsWith(ending)).sort();
}

/** Whether a whole shard of this plan lies there; one of another plan is refused, what is not whole is written again. */
async function isDone(path: string, facts: PlanFacts): Promise<boolean> {
  const header = await readShardHeader(path).catch(() => null);
  if (header === null) return false;
  const found = differences(header.facts, facts);
  if (found.length === 0) return true;
  throw new ThreeGateError('shard-refused', `${path} is of another plan: ${found.join('; ')}. Remove it.`, {
    file: path,
  });
}

/** Puts a whole file in its place unless one is there: the first of several writers is the one that counts. */
async function writeOnce(path: string, text: string): Promise<void> {
  const part = partPath(path, randomUUID());
  try {
    await writeFile(part, text, { flag: 'wx' });
    await link(part, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const message = `${path} could not be written: ${asProblem(error).message}`;
    throw new ThreeGateError('access-denied', message, { file: path });
  } finally {
    await rm(part, { force: true });
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
