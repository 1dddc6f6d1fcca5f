// The FileSystem port over what lies on this machine and what was mounted: a path says by itself where it lies.
import type { ByteSource, FileSystem } from '../../engine/files/fileSystem.ts';
import type { RangeSource } from '../../engine/files/rangeSource.ts';
import { isRemote, joinRemote, remoteFolder, remoteName } from '../../engine/files/remoteAddress.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { textOf } from '../disk/nodeFileSystem.ts';
import { requireInside } from './rangedFile.ts';
import type { RangeReads } from './rangeReads.ts';
import type { RemoteFiles } from './remoteFiles.ts';
import { readSegments } from './segmentBytes.ts';

/** @param local what lies on this machine */
export function withRemote(remote: RemoteFiles, local: FileSystem): FileSystem {
  const open = async (path: string): Promise<ByteSource> => {
    const source = await remote.source(path);
    if (source === null) throw new ThreeGateError('not-found', `${path} does not exist.`, { file: path });
    return new RemoteBytes(source, remote.reads, remote.signal);
  };
  return {
    async stat(path) {
      if (!isRemote(path)) return await local.stat(path);
      const source = await remote.source(path);
      if (source !== null) {
        return { kind: 'file', size: source.size, modifiedMs: 0, identity: source.identity };
      }
      return (await remote.list(path)) === null ? null : { kind: 'directory', size: 0, modifiedMs: 0 };
    },
    async list(directory) {
      if (!isRemote(directory)) return await local.list(directory);
      return (await remote.list(directory)) ?? [];
    },
    open: (path) => (isRemote(path) ? open(path) : local.open(path)),
    async readText(path, maxBytes) {
      if (!isRemote(path)) return await local.readText(path, maxBytes);
      return await textOf(await open(path), maxBytes);
    },
    resolve(...parts) {
      const first = parts.findLastIndex(isRemote);
      const [root = '', ...rest] = parts.slice(Math.max(0, first));
      return first === -1 ? local.resolve(...parts) : joinRemote(root, ...rest);
    },
    dirname: (path) => (isRemote(path) ? remoteFolder(path) : local.dirname(path)),
    basename: (path) => (isRemote(path) ? remoteName(path) : local.basename(path)),
  };
}

class RemoteBytes implements ByteSource {
  readonly path: string;
  readonly size: number;

  constructor(
    private readonly source: RangeSource,
    private readonly reads: RangeReads,
    private readonly signal: AbortSignal,
  ) {
    this.path = source.address;
    this.size = source.size;
  }

  async read(offset: number, target: Uint8Array): Promise<void> {
    if (target.length === 0) return;
    const to = offset + target.length;
    requireInside(this.source, { from: offset, to });
    const lease = await this.reads.lease(this.source, { from: offset, to }, this.signal);
    try {
      await readSegments(lease.segments, offset, target);
    } finally {
      lease.release();
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
