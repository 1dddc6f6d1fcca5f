// A FileSystem whose files are byte arrays in memory, with POSIX paths: for cases that would be slow or odd on a disk.
import { posix } from 'node:path';
import type { ByteSource, FileSystem } from '../../../../src/engine/files/fileSystem.ts';
import { ThreeGateError } from '../../../../src/shared/errors.ts';

export type MemoryFiles = Record<string, Uint8Array | string>;

interface MemoryFileSystem extends FileSystem {
  /** Bytes read so far, by path. */
  readonly bytesRead: Map<string, number>;
  /** Paths that were listed or asked for, in order. */
  readonly asked: string[];
}

/** `files` by absolute path; folders exist because files lie in them. */
export function memoryFileSystem(files: MemoryFiles): MemoryFileSystem {
  const contents = new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ]),
  );
  const bytesRead = new Map<string, number>();
  const asked: string[] = [];
  const isFolder = (path: string): boolean => {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    return [...contents.keys()].some((file) => file.startsWith(prefix));
  };
  const open = (path: string): Promise<ByteSource> => {
    const bytes = contents.get(path);
    if (bytes === undefined) {
      return Promise.reject(new ThreeGateError('not-found', `${path} does not exist.`, { file: path }));
    }
    const read = (offset: number, target: Uint8Array): Promise<void> => {
      if (offset + target.length > bytes.length) {
        return Promise.reject(
          new ThreeGateError('file-truncated', `${path} ends too early.`, { file: path }),
        );
      }
      target.set(bytes.subarray(offset, offset + target.length));
      bytesRead.set(path, (bytesRead.get(path) ?? 0) + target.length);
      return Promise.resolve();
    };
    return Promise.resolve({ path, size: bytes.length, read, close: () => Promise.resolve() });
  };
  return {
    bytesRead,
    asked,
    stat(path) {
      asked.push(path);
      const bytes = contents.get(path);
      if (bytes !== undefined) return Promise.resolve({ kind: 'file', size: bytes.length, modifiedMs: 0 });
      return Promise.resolve(isFolder(path) ? { kind: 'directory', size: 0, modifiedMs: 0 } : null);
    },
    list(directory) {
      asked.push(directory);
      const prefix = directory.endsWith('/') ? directory : `${directory}/`;
      const below = [...contents.keys()].filter((file) => file.startsWith(prefix));
      const names = below.map((file) => file.slice(prefix.length).split('/')[0] ?? '');
      return Promise.resolve([...new Set(names)].sort());
    },
    open,
    async readText(path, maxBytes) {
      const source = await open(path);
      if (source.size > maxBytes) {
        throw new ThreeGateError('header-too-large', `${path} is too large.`, { file: path });
      }
      const bytes = new Uint8Array(source.size);
      await source.read(0, bytes);
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    },
    resolve: (...parts) => posix.resolve('/', ...parts),
    dirname: (path) => posix.dirname(path),
    basename: (path) => posix.basename(path),
  };
}
