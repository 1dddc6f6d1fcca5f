// The Hugging Face cache on disk (huggingface_hub constants.py, file_download.py): which repositories are there, and
// which folder a repository id means. Never goes to the network.
import { ThreeGateError } from '../../shared/errors.ts';
import type { FileSystem } from '../files/fileSystem.ts';

const commitPattern = /^[0-9a-f]{40}$/;
const folderPrefix = 'models--';

/** What of the process the cache's place depends on. */
export interface CacheEnvironment {
  variables: Readonly<Record<string, string | undefined>>;
  homeDirectory: string;
}

interface CachedRepository {
  /** `org/name`, or `name` alone. */
  id: string;
  /** Absolute path of `models--org--name`. */
  folder: string;
  /** Commits whose snapshot is there. */
  commits: string[];
}

/** The snapshot folder that a `models--…` folder's `main`, or its only snapshot, means; null for any other folder. */
export async function snapshotOf(
  fileSystem: FileSystem,
  folder: string,
  revision = 'main',
): Promise<string | null> {
  const name = fileSystem.basename(folder);
  if (!name.startsWith(folderPrefix)) return null;
  const snapshots = fileSystem.resolve(folder, 'snapshots');
  if ((await fileSystem.stat(snapshots)) === null) return null;
  const commits = await fileSystem.list(snapshots);
  const wanted = commitPattern.test(revision) ? revision : await readRef(fileSystem, folder, revision);
  const [only] = commits;
  const commit = wanted ?? (commits.length === 1 && revision === 'main' ? (only ?? null) : null);
  if (commit !== null && commits.includes(commit)) return fileSystem.resolve(snapshots, commit);
  throw new ThreeGateError(
    'not-found',
    `${folder} holds no snapshot for the revision "${revision}"; it has ${commits.length === 0 ? 'none' : commits.join(', ')}.`,
    { file: folder },
  );
}

async function readRef(fileSystem: FileSystem, folder: string, revision: string): Promise<string | null> {
  if (revision.split(/[/\\]/).includes('..')) return null;
  const path = fileSystem.resolve(folder, 'refs', revision);
  if ((await fileSystem.stat(path))?.kind !== 'file') return null;
  const text = (await fileSystem.readText(path, 200)).trim();
  return commitPattern.test(text) ? text : null;
}

/** What to do where a file of a cached snapshot is not there: a download that did not end. Empty for any other path. */
export function fetchHint(path: string): string {
  const id = /[/\\](models--[^/\\]+)[/\\]snapshots[/\\]/.exec(`${path}/`)?.[1];
  if (id === undefined) return '';
  return ` The Hugging Face cache holds only a part of ${repositoryId(id)}; "hf download ${repositoryId(id)}" fetches the rest.`;
}

/**
 * The cache's root, from the same variables in the same order as huggingface_hub, and the one of its own that
 * transformers is told to use.
 */
export function cacheRoots(fileSystem: FileSystem, environment: CacheEnvironment): [string, ...string[]] {
  const { variables, homeDirectory } = environment;
  const set = (name: string): string | null => {
    const value = variables[name];
    return value === undefined || value === '' ? null : expand(value, environment);
  };
  const cacheHome = set('XDG_CACHE_HOME') ?? fileSystem.resolve(homeDirectory, '.cache');
  const home = set('HF_HOME') ?? fileSystem.resolve(cacheHome, 'huggingface');
  const hub = set('HF_HUB_CACHE') ?? set('HUGGINGFACE_HUB_CACHE');
  const root = fileSystem.resolve(hub ?? fileSystem.resolve(home, 'hub'));
  const own = set('TRANSFORMERS_CACHE') ?? set('PYTORCH_TRANSFORMERS_CACHE');
  return own === null || fileSystem.resolve(own) === root ? [root] : [root, fileSystem.resolve(own)];
}

function expand(value: string, { variables, homeDirectory }: CacheEnvironment): string {
  return value
    .replace(/^~(?=$|[/\\])/, () => homeDirectory)
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
      return variables[braced ?? bare ?? ''] ?? whole;
    });
}

/** Empty when there is no cache. */
export async function listCachedRepositories(
  fileSystem: FileSystem,
  environment: CacheEnvironment,
): Promise<CachedRepository[]> {
  const found: CachedRepository[] = [];
  for (const root of cacheRoots(fileSystem, environment)) {
    if ((await fileSystem.stat(root))?.kind !== 'directory') continue;
    const names = (await fileSystem.list(root)).filter((name) => name.startsWith(folderPrefix));
    for (const name of names) {
      const folder = fileSystem.resolve(root, name);
      const commits = await fileSystem.list(fileSystem.resolve(folder, 'snapshots')).catch(() => []);
      const id = repositoryId(name);
      if (!found.some((other) => other.id === id)) found.push({ id, folder, commits });
    }
  }
  return found;
}

/** `models--Qwen--Qwen2.5-7B` → `Qwen/Qwen2.5-7B`. */
function repositoryId(folderName: string): string {
  return folderName.slice(folderPrefix.length).replace('--', '/');
}

/** `org/name` or `name`, optionally with `@revision`; null when the text cannot be one. */
export function parseRepositoryId(text: string): { id: string; revision: string } | null {
  const match = /^((?:[\w][\w.-]*\/)?[\w][\w.-]*)(?:@([\w][\w./-]*))?$/.exec(text);
  const id = match?.[1];
  if (id === undefined || id.includes('--') || id.includes('..')) return null;
  return { id, revision: match?.[2] ?? 'main' };
}

/** The snapshot folder of a repository in the cache. Throws `not-found` when it is not there. */
export async function resolveRepository(
  fileSystem: FileSystem,
  environment: CacheEnvironment,
  id: string,
  revision = 'main',
): Promise<string> {
  const roots = cacheRoots(fileSystem, environment);
  for (const root of roots) {
    const folder = fileSystem.resolve(root, `${folderPrefix}${id.replace('/', '--')}`);
    const isThere = (await fileSystem.stat(folder)) !== null;
    const snapshot = isThere ? await snapshotOf(fileSystem, folder, revision) : null;
    if (snapshot !== null) return snapshot;
  }
  const message = `${id} is not in the Hugging Face cache ${roots.join(' or ')}.`;
  throw new ThreeGateError('not-found', message, { file: roots[0] });
}
