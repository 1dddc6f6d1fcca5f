// What a shard says of itself while it is under way and when it has failed: one small file beside its results, written anew
// every few seconds, so that others can tell a shard that works from one that was killed.
import { readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from '../disk/partFile.ts';
import { makeFolder, shardName } from './shardFolder.ts';

export interface ShardNote {
  state: 'running' | 'failed';
  host: string;
  /** Who started it, as the scheduler calls it; null without one. */
  job: string | null;
  /** ISO 8601. */
  startedAt: string;
  /** Of the work, from 0 to 1. */
  share: number;
  /** Why it failed; null where it has not. */
  message: string | null;
}

const everyMs = 5000;
/** Nobody who works is silent for so long, a cached directory of a network file system included. */
const silentMs = 120_000;

function notePath(directory: string, number: number, shards: number): string {
  return join(directory, `${shardName(number, shards)}.json`);
}

/** Null where there is none; a running shard that has been silent for long is not running any more. */
export async function readShardNote(
  directory: string,
  number: number,
  shards: number,
): Promise<(ShardNote & { isSilent: boolean }) | null> {
  const path = notePath(directory, number, shards);
  try {
    const { mtimeMs } = await stat(path);
    const note = JSON.parse(await readFile(path, 'utf8')) as ShardNote;
    return { ...note, isSilent: Date.now() - mtimeMs > silentMs };
  } catch {
    return null;
  }
}

export class ShardNoteWriter {
  share = 0;
  private readonly path: string;
  private readonly startedAt = new Date().toISOString();
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    directory: string,
    number: number,
    shards: number,
    private readonly job: string | null,
  ) {
    this.path = notePath(directory, number, shards);
    this.write('running', null);
    this.timer = setInterval(() => {
      this.write('running', null);
    }, everyMs);
  }

  static async open(
    directory: string,
    number: number,
    shards: number,
    job: string | null,
  ): Promise<ShardNoteWriter> {
    await makeFolder(directory);
    return new ShardNoteWriter(directory, number, shards, job);
  }

  async failed(message: string): Promise<void> {
    clearInterval(this.timer);
    this.write('failed', message);
    await this.writing;
  }

  /** The results speak for themselves. */
  async done(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    await rm(this.path, { force: true });
  }

  /** Never fails the work: who reads it does without. */
  private write(state: ShardNote['state'], message: string | null): void {
    const { job, startedAt, share } = this;
    const note: ShardNote = { state, host: hostname(), job, startedAt, share, message };
    const text = `${JSON.stringify(note)}\n`;
    this.writing = this.writing.then(() =>
      replaceFile(this.path, text, { sync: false }).catch(() => undefined),
    );
  }
}
