// Which paths a caller may name.
import type { FileSystem } from '../engine/files/fileSystem.ts';
import { isRemote } from '../engine/files/remoteAddress.ts';
import { asPath } from '../node/disk/checkpointPath.ts';
import { ThreeGateError } from '../shared/errors.ts';
import type { ToolServices } from './services.ts';

/**
 * Relative paths start from the first folder.
 *
 * @param files refuses what lies outside the folders
 * @param admitRemote rejects for an address that may not be read
 */
export function admitter(
  files: FileSystem,
  folders: readonly string[],
  admitRemote: (address: string) => Promise<void>,
): ToolServices['admit'] {
  return async (text) => {
    if (isRemote(text)) {
      await admitRemote(text);
      return text;
    }
    const path = asPath(text, folders[0] ?? process.cwd());
    if ((await files.stat(path)) !== null) return path;
    throw new ThreeGateError('not-found', `${path} does not exist.`, { file: path });
  };
}
