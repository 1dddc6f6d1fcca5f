// Checkpoints that can be picked from: those in some folders and in the Hugging Face cache, and what each is.
import { basename, dirname } from 'node:path';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { checkpointLabel, stepInPath } from '../../engine/checkpoint/checkpointLabel.ts';
import { listCachedRepositories, resolveRepository } from '../../engine/opening/hfCache.ts';
import { openCheckpoint } from '../../engine/opening/openCheckpoint.ts';
import { scanForCheckpoints } from '../../engine/opening/scanForCheckpoints.ts';
import type { FileSystem } from '../../engine/files/fileSystem.ts';
import { nodeFileSystem } from './nodeFileSystem.ts';
import { formatBytes, formatCount } from '../../shared/text/format.ts';
import type { CheckpointInfo } from '../../shared/report/report.ts';
import { userCache } from './checkpointPath.ts';

export interface KnownCheckpoint {
  /** Absolute. */
  path: string;
  label: string;
  place: 'workspace' | 'cache';
}

/** How they are looked for. */
interface Search {
  files?: FileSystem;
  /** Whether adapters are wanted too, which are no base of anything. */
  adapters?: boolean;
}

/** Nearest to a folder's root first, then the cache. */
export async function findCheckpoints(
  folders: readonly string[],
  { files = nodeFileSystem, adapters = false }: Search = {},
): Promise<KnownCheckpoint[]> {
  const inFolders = await Promise.all(folders.map((folder) => scanForCheckpoints(files, folder)));
  const workspace = inFolders
    .flatMap(({ found }) => found)
    .filter(({ kind }) => adapters || kind !== 'adapter')
    .map(({ path }): KnownCheckpoint => ({ path, label: checkpointLabel(path), place: 'workspace' }));
  return [...workspace, ...(await cachedCheckpoints(files))];
}

/** What a header read of a few milliseconds tells: size, dtype, step. Null when it is not a checkpoint, or lies elsewhere. */
export async function describeCheckpoint(
  path: string,
  files: FileSystem = nodeFileSystem,
): Promise<CheckpointInfo | null> {
  if (isRemote(path)) return null;
  try {
    return (await openCheckpoint(files, path)).info;
  } catch {
    return null;
  }
}

/** False for what a safetensors file may hold beside weights, like a mask. */
export function holdsWeights({ dtypes }: CheckpointInfo): boolean {
  return Object.keys(dtypes).some((dtype) => /^(?:BF|F)\d/.test(dtype));
}

/** `802 K parameters · BF16 · 1.61 MB · step 100` */
export function summarizeCheckpoint(info: CheckpointInfo): string {
  const step = info.step ?? stepInPath(info.path);
  const parts = [
    `${formatCount(info.parameters)} parameters`,
    Object.keys(info.dtypes).join(', '),
    formatBytes(info.bytes),
    ...(step === null ? [] : [`step ${step}`]),
  ];
  return parts.join(' · ');
}

async function cachedCheckpoints(files: FileSystem): Promise<KnownCheckpoint[]> {
  const repositories = await listCachedRepositories(files, userCache).catch(() => []);
  const found = await Promise.all(
    repositories.map(async ({ id }): Promise<KnownCheckpoint | null> => {
      try {
        const path = await resolveRepository(files, userCache, id);
        const { found: inside } = await scanForCheckpoints(files, path, {
          maxDepth: 0,
          maxEntries: 1000,
          maxResults: 1,
        });
        // Data sets and tokenizers live in the same cache.
        return inside.length === 0 ? null : { path, label: id, place: 'cache' };
      } catch {
        return null;
      }
    }),
  );
  return found.filter((checkpoint) => checkpoint !== null);
}

/** The folder that holds a checkpoint's step folder: of `run/global_step_40/actor/huggingface`, `run`. */
export function runFolderOf(path: string): string | null {
  let at = path;
  for (let level = 0; level < 4; level += 1) {
    if (stepInPath(basename(at)) !== null) return dirname(at);
    at = dirname(at);
  }
  return null;
}
