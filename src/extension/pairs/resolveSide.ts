// From what a pair says of a side to an absolute path: relative to the pair's folder, absolute, `~`, or a model id
// that the Hugging Face cache holds.
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import {
  parseRepositoryId,
  resolveRepository,
  type CacheEnvironment,
} from '../../engine/checkpoint/hfCache.ts';
import { nodeFileSystem } from '../../node/nodeFileSystem.ts';

/** The cache of the person who runs this process. */
export const userCache: CacheEnvironment = { variables: process.env, homeDirectory: homedir() };

/** Absolute path; where nothing is found, the path that the text means as a file, so that the error names it. */
export async function resolveSide(text: string, directory: string): Promise<string> {
  const path = asPath(text, directory);
  if ((await nodeFileSystem.stat(path)) !== null) return path;
  return (await cachedModel(text)) ?? path;
}

export function asPath(text: string, directory: string): string {
  if (text === '~' || text.startsWith('~/')) return join(homedir(), text.slice(1));
  return isAbsolute(text) ? resolve(text) : resolve(directory, text);
}

/** Snapshot folder of a model id; null when it is none, or not in the cache. */
export async function cachedModel(text: string): Promise<string | null> {
  const repository = parseRepositoryId(text);
  if (repository === null) return null;
  try {
    return await resolveRepository(nodeFileSystem, userCache, repository.id, repository.revision);
  } catch {
    return null;
  }
}
