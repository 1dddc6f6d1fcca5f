// How a pair file names a checkpoint, so that the file can be moved with it and read on another system.
import { isAbsolute, relative } from 'node:path';
import { isRemote } from '../../engine/files/remoteAddress.ts';

/** Relative with forward slashes where that stays near; absolute where it would climb out of sight. Remote addresses stay. */
export function portablePath(directory: string, path: string): string {
  if (isRemote(path)) return path;
  const found = relative(directory, path).replaceAll('\\', '/');
  return found === '' || isAbsolute(found) || found.startsWith('../../../') ? path : found;
}
