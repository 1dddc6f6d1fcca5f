// Text files that a user named, whole or not at all: links are followed, pipes and devices written to.
import { realpath, stat, writeFile } from 'node:fs/promises';
import { ThreeGateError } from '../../shared/errors.ts';
import { replaceFile } from './partFile.ts';

/** Rejects with `access-denied`, naming the path; then nothing is left behind. */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    const target = await followLink(path);
    // A pipe or a device cannot be replaced by a file, and has nothing that could be half-written.
    if (await isSpecial(target)) await writeFile(target, text);
    else await replaceFile(target, text, { sync: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ThreeGateError('access-denied', `${path} could not be written: ${why}`, { file: path });
  }
}

async function followLink(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path;
  }
}

async function isSpecial(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}
