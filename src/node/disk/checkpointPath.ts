// From what people call a checkpoint to an absolute path: relative to a folder, absolute, `~`, or a model id that the
// Hugging Face cache holds (`org/name`, `org/name@revision`). A remote address (`hf://`, `s3://`,
// `https://`) stays as it is. Never goes to the network.
import { homedir } from 'node:os';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { parseRepositoryId, resolveRepository, type CacheEnvironment } from '../../engine/opening/hfCache.ts';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import { nodeFileSystem } from './nodeFileSystem.ts';

/** The cache of the person who runs this process. */
export const userCache: CacheEnvironment = { variables: process.env, homeDirectory: homedir() };

/** Absolute path; where nothing is found, the path that the text means as a file, so that the error names it. */
export async function resolveSide(text: string, directory: string): Promise<string> {
  if (isRemote(text)) return text;
  const path = asPath(text, directory);
  if ((await nodeFileSystem.stat(path)) !== null) return path;
  return (await cachedModel(text)) ?? path;
}

/** As resolveSide from the working directory, but throws `not-found` where nothing is found. */
export async function checkpointPath(text: string): Promise<string> {
  if (isRemote(text)) return text;
  const path = asPath(text, process.cwd());
  if ((await nodeFileSystem.stat(path)) !== null) return path;
  const repository = parseRepositoryId(text);
  if (repository === null) return path;
  // A single word is a file's name sooner than a model's.
  if (!text.includes('/')) return (await cachedModel(text)) ?? path;
  try {
    return await resolveRepository(nodeFileSystem, userCache, repository.id, repository.revision);
  } catch (thrown) {
    const message = `${path} does not exist: ${asProblem(thrown).message}`;
    throw new ThreeGateError('not-found', message, { file: path });
  }
}

export function asPath(text: string, directory: string): string {
  if (text === '~' || text.startsWith('~/') || text.startsWith(`~${sep}`))
    return join(homedir(), text.slice(1));
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
