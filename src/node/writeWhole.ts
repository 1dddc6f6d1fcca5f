// Files that are whole or not there: written beside their place under another name, then renamed over it.
import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ThreeGateError } from '../shared/errors.ts';

/** Rejects with `access-denied`, naming the path; then nothing is left behind. */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    const target = await followLink(path);
    // A pipe or a device cannot be replaced by a file, and has nothing that could be half-written.
    if (await isSpecial(target)) await writeFile(target, text);
    else await replace(target, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ThreeGateError('access-denied', `${path} could not be written: ${why}`, { file: path });
  }
}

async function replace(path: string, text: string): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  try {
    const file = await open(beside, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
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
