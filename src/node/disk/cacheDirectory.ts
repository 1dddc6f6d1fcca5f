// Where results are remembered between runs of the command line: the user's cache folder as each system has it.
import { homedir, platform } from 'node:os';
import { join } from 'node:path';

export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (xdg !== undefined && xdg !== '') return join(xdg, 'three-gate');
  if (platform() === 'win32' && local !== undefined && local !== '')
    return join(local, 'three-gate', 'cache');
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches', 'three-gate');
  return join(homedir(), '.cache', 'three-gate');
}
