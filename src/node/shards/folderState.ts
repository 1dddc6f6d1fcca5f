// How far the shards of a folder are, by what lies in it alone: no scheduler is asked.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanFacts } from '../../engine/shards/facts.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { readShardHeader } from './shardFile.ts';
import { readPlan, resultsPath } from './shardFolder.ts';
import { readShardNote, type ShardNote } from './shardNote.ts';

export interface ShardState {
  /** From 1. */
  number: number;
  /** `open`: neither done nor known to have failed, and nobody is at work on it. */
  state: 'done' | 'running' | 'failed' | 'open';
  /** Of its work, from 0 to 1. */
  share: number;
  /** Seconds by the cost model. */
  cost: number;
  /** When whoever works on it began, in milliseconds; null where nobody does or that is over. */
  sinceMs: number | null;
  host: string | null;
  /** As its scheduler calls it. */
  job: string | null;
  /** What went wrong, in a sentence. */
  message: string | null;
  /** The last lines of its log where it failed. */
  log: string[];
}

export interface FolderState {
  directory: string;
  facts: PlanFacts;
  shards: ShardState[];
  /** By the pace of those that run; null where none does. */
  remainingMs: number | null;
}

const logLines = 5;
const logBytes = 4096;

export function logPath(directory: string, number: number | '%a'): string {
  return join(directory, 'logs', `shard-${number}.log`);
}

/** Rejects with `not-found` where nobody has planned anything. */
export async function readFolderState(directory: string): Promise<FolderState> {
  const plan = await readPlan(directory);
  if (plan === null) {
    const message = `${directory} holds no shards: three-gate submit, or three-gate analyze --shard 1/16 --out ${directory}, begins.`;
    throw new ThreeGateError('not-found', message, { file: directory });
  }
  const { facts, costs } = plan;
  const shards = await Promise.all(
    Array.from({ length: facts.shards }, (_, index) =>
      readState(directory, index + 1, facts, costs[index] ?? 0),
    ),
  );
  return { directory, facts, shards, remainingMs: remainingOf(shards) };
}

async function readState(
  directory: string,
  number: number,
  facts: PlanFacts,
  cost: number,
): Promise<ShardState> {
  const state = { number, cost, share: 0, sinceMs: null, host: null, job: null, message: null, log: [] };
  const path = resultsPath(directory, number, facts.shards);
  if ((await stat(path).catch(() => null)) !== null) {
    const found = await readShardHeader(path).catch((error: unknown) => error);
    if (!(found instanceof Error)) return { ...state, state: 'done', share: 1 };
    return { ...state, state: 'failed', message: found.message };
  }
  const note = await readShardNote(directory, number, facts.shards);
  if (note === null) return { ...state, state: 'open' };
  const { host, job, share } = note;
  const message = note.isSilent ? silence(note) : note.message;
  if (message === null) {
    return { ...state, state: 'running', host, job, share, sinceMs: Date.parse(note.startedAt) };
  }
  return { ...state, state: 'failed', host, job, message, log: await tailOf(logPath(directory, number)) };
}

function silence({ message, host }: ShardNote): string {
  return (
    message ??
    `It has given no sign of life for minutes: its process on ${host} was killed, or the machine went down.`
  );
}

/** The last lines of a log; none where there is no log. */
export async function tailOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.slice(-logBytes).split(/[\r\n]+/u);
  return lines.filter((line) => line.trim() !== '').slice(-logLines);
}

/** What is left at the pace at which those that run have come so far, each with its own clock. */
function remainingOf(shards: readonly ShardState[]): number | null {
  const running = shards.filter(({ state, share }) => state === 'running' && share > 0);
  const pace = running.reduce(
    (sum, { cost, share, sinceMs }) => sum + (cost * share) / Math.max(1, Date.now() - (sinceMs ?? 0)),
    0,
  );
  if (pace === 0) return null;
  const left = shards.reduce(
    (sum, { cost, share, state }) => sum + (state === 'done' ? 0 : cost * (1 - share)),
    0,
  );
  return left / pace;
}
