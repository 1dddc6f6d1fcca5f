// The FileSystem port over this machine, confined to folders: what lies elsewhere, or is led elsewhere by a symbolic link, is
// refused. A process that somebody starts for a caller it does not trust is told so in its environment.
import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { FileSystem } from '../../engine/files/fileSystem.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { nodeFileSystem } from './nodeFileSystem.ts';

/** Of the environment: a JSON list of absolute folders. Unset, the whole machine may be read. */
const rootsVariable = 'THREE_GATE_ROOTS';

/** What a process that is confined to these folders is told. */
export function confinement(roots: readonly string[]): Record<string, string> {
  return { [rootsVariable]: JSON.stringify(roots) };
}

/** As the environment says. */
export function confinedFileSystem(environment: NodeJS.ProcessEnv): FileSystem {
  const text = environment[rootsVariable];
  return text === undefined ? nodeFileSystem : within(JSON.parse(text) as string[]);
}

/** Rejects with `access-denied` for what does not lie in one of the folders, whether it is there or not. */
export function within(roots: readonly string[]): FileSystem {
  const real = Promise.all(roots.map(realOf));
  const admit = async (path: string): Promise<void> => {
    const [place, folders] = await Promise.all([realOf(resolve(path)), real]);
    if (!folders.some((folder) => holds(folder, place))) throw refusal(path, roots);
  };
  return {
    ...nodeFileSystem,
    async stat(path) {
      await admit(path);
      return nodeFileSystem.stat(path);
    },
    async list(directory) {
      await admit(directory);
      return nodeFileSystem.list(directory);
    },
    async open(path) {
      await admit(path);
      return nodeFileSystem.open(path);
    },
    async readText(path, maxBytes) {
      await admit(path);
      return nodeFileSystem.readText(path, maxBytes);
    },
  };
}

/** Without symbolic links; of what is not there, that of the nearest folder which is, and the rest as it is written. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const above = dirname(path);
    if (above === path) return path;
    return join(await realOf(above), relative(above, path));
  }
}

function holds(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !/^\.\.[/\\]/.test(way) && !isAbsolute(way));
}

/** Says nothing of what lies there. */
function refusal(path: string, roots: readonly string[]): ThreeGateError {
  const where = roots.length === 0 ? 'no folder may be read' : `only ${roots.join(', ')} may be read`;
  const message = `${path} lies, or leads by a symbolic link, outside the folders that were opened: ${where}.`;
  return new ThreeGateError('access-denied', message, { file: path });
}
