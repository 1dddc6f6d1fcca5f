// The file-system port over node:fs, as small as these tests need it.
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { FileSystem } from '../../../src/engine/files/fileSystem.ts';

export const diskFileSystem: FileSystem = {
  async stat(path) {
    try {
      const found = await stat(path);
      const kind = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
      return { kind, size: found.size, modifiedMs: found.mtimeMs };
    } catch {
      return null;
    }
  },
  async list(directory) {
    return (await readdir(directory)).sort();
  },
  async open(path) {
    const handle = await open(path);
    const { size } = await handle.stat();
    return {
      path,
      size,
      async read(offset, target) {
        await handle.read(target, 0, target.length, offset);
      },
      close: () => handle.close(),
    };
  },
  readText: (path) => readFile(path, 'utf8'),
  resolve,
  dirname,
  basename,
};
