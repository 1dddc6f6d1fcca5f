// What the caches on disk have in common: their rooms below the cache's directory, and when a file was last used.
import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Names below the cache's directory: results of the engine, what was read of remote files, and the steps of runs that were
 * followed. The first two bound their own; a followed step is one line.
 */
export const cacheRooms = { results: 'results', remote: 'remote', followed: 'followed' } as const;

export interface CachedFile {
  path: string;
  size: number;
  usedMs: number;
}

/** Every file below a folder; none where it is not there. */
export async function cachedFiles(folder: string): Promise<CachedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        const status = await stat(path).catch(() => null);
        return status && { path, size: status.size, usedMs: status.mtimeMs };
      }),
  );
  return found.filter((file) => file !== null);
}

/** Marks a file as used now. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
