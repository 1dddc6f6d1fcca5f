// The FileSystem port over node:fs: positional reads, and errors that name the path in one sentence.
import { open, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { ByteSource, FileStatus, FileSystem } from '../../engine/files/fileSystem.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/text/format.ts';

export const nodeFileSystem: FileSystem = {
  async stat(path) {
    try {
      const found = await stat(path);
      return { kind: kindOf(found), size: found.size, modifiedMs: found.mtimeMs };
    } catch (thrown) {
      if (isErrno(thrown, 'ENOENT', 'ENOTDIR')) return null;
      throw readError(thrown, path);
    }
  },

  async list(directory) {
    try {
      const names = await readdir(directory);
      return names.sort();
    } catch (thrown) {
      throw readError(thrown, directory);
    }
  },

  open: (path) => NodeByteSource.open(path),

  async readText(path, maxBytes) {
    const source = await NodeByteSource.open(path);
    try {
      return await textOf(source, maxBytes);
    } finally {
      await source.close();
    }
  },

  resolve,
  dirname,
  basename,
};

class NodeByteSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  static async open(path: string): Promise<NodeByteSource> {
    try {
      // Asked before opening: opening a pipe would wait for its writer forever.
      requireFile(await stat(path), path);
      const handle = await open(path, 'r');
      try {
        const { size } = await handle.stat();
        return new NodeByteSource(path, size, handle);
      } catch (thrown) {
        await handle.close();
        throw thrown;
      }
    } catch (thrown) {
      throw readError(thrown, path);
    }
  }

  async read(offset: number, target: Uint8Array): Promise<void> {
    let filled = 0;
    while (filled < target.length) {
      const got = await this.#readSome(offset + filled, target.subarray(filled));
      if (got === 0) {
        throw new ThreeGateError(
          'file-truncated',
          `${this.path} ends at byte ${offset + filled}, before byte ${offset + target.length} that was to be read.`,
          { file: this.path },
        );
      }
      filled += got;
    }
  }

  async #readSome(offset: number, target: Uint8Array): Promise<number> {
    try {
      const { bytesRead } = await this.#handle.read(target, 0, target.length, offset);
      return bytesRead;
    } catch (thrown) {
      throw readError(thrown, this.path);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

interface StatLike {
  isFile(): boolean;
  isDirectory(): boolean;
}

function kindOf(found: StatLike): FileStatus['kind'] {
  if (found.isFile()) return 'file';
  return found.isDirectory() ? 'directory' : 'other';
}

function requireFile(found: StatLike, path: string): void {
  if (found.isFile()) return;
  const what = found.isDirectory() ? 'a folder' : 'a device or pipe';
  throw new ThreeGateError('read-failed', `${path} is ${what}, not a file.`, { file: path });
}

/** A file's text, whole; `header-too-large` beyond `maxBytes`. */
export async function textOf(source: ByteSource, maxBytes: number): Promise<string> {
  const { path, size } = source;
  if (size > maxBytes) {
    const message = `${path} has ${formatBytes(size)}, beyond the limit of ${formatBytes(maxBytes)} for a text file.`;
    throw new ThreeGateError('header-too-large', message, { file: path });
  }
  const bytes = new Uint8Array(size);
  await source.read(0, bytes);
  return decodeText(bytes, path);
}

function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ThreeGateError('read-failed', `${path} is not UTF-8 text.`, { file: path });
  }
}

function isErrno(thrown: unknown, ...codes: string[]): thrown is Error & { code: string } {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    codes.includes(thrown.code)
  );
}

const sentences: Record<string, (path: string) => ThreeGateError> = {
  ENOENT: (path) => new ThreeGateError('not-found', `${path} does not exist.`, { file: path }),
  ENOTDIR: (path) => new ThreeGateError('not-found', `${path} does not exist.`, { file: path }),
  EACCES: (path) =>
    new ThreeGateError('access-denied', `${path} may not be read by this user.`, { file: path }),
  EPERM: (path) =>
    new ThreeGateError('access-denied', `${path} may not be read by this user.`, { file: path }),
  EISDIR: (path) => new ThreeGateError('read-failed', `${path} is a folder, not a file.`, { file: path }),
  EMFILE: (path) =>
    new ThreeGateError('read-failed', `${path} cannot be opened: too many files are open.`, { file: path }),
  ELOOP: (path) =>
    new ThreeGateError('read-failed', `${path} is a symbolic link that leads to itself.`, { file: path }),
};

/** The user's sentence for what node:fs threw about `path`. */
export function readError(thrown: unknown, path: string): ThreeGateError {
  if (thrown instanceof ThreeGateError) return thrown;
  if (isErrno(thrown, ...Object.keys(sentences))) {
    const sentence = sentences[thrown.code];
    if (sentence !== undefined) return sentence(path);
  }
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new ThreeGateError('read-failed', `${path} cannot be read: ${reason}.`, { file: path });
}
