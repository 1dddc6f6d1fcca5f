// The remote checkpoints of one run: repositories pinned at their commits, files by ranges, and what was read of them on
// disk. Nothing is read but what was mounted, which is what a person named.
import { formatAddress, parseRemoteAddress, type RemoteAddress } from '../../engine/files/remoteAddress.ts';
import type {
  BytesOnDisk,
  FileStretch,
  HeldBytes,
  RangeSource,
  Segment,
} from '../../engine/files/rangeSource.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import type { RemoteOrigin } from '../../shared/report/report.ts';
import { mountRepository } from './hubMount.ts';
import type { Mount } from './mount.ts';
import { RangeReads } from './rangeReads.ts';
import { S3, type S3Settings } from './s3/client.ts';
import { mountBucket } from './s3/mount.ts';
import type { SegmentStore } from './segmentStore.ts';
import { Transport, defaultLimits, type Limits, type Send } from './transport.ts';
import { mountFile } from './webFile.ts';

export interface RemoteSettings {
  /** Of the Hub, without a slash at its end. */
  endpoint: string;
  /** For the Hub alone. */
  token: string | null;
  s3: S3Settings;
  send: Send;
  limits?: Limits;
}

export class RemoteFiles implements BytesOnDisk {
  readonly reads: RangeReads;
  private readonly transport: Transport;
  private readonly s3: S3;
  private readonly mounts = new Map<string, Promise<Mount>>();

  constructor(
    store: SegmentStore,
    private readonly settings: RemoteSettings,
    readonly signal: AbortSignal,
  ) {
    const { endpoint, token, limits = defaultLimits } = settings;
    this.reads = new RangeReads(store, signal);
    this.transport = new Transport(
      token === null ? null : { origin: new URL(endpoint).origin, value: token },
      limits,
      settings.send,
    );
    this.s3 = new S3(this.transport, settings.s3);
  }

  /** The address that a person gave, as it is called from now on: without its query, which may hold a signature. */
  async mount(text: string): Promise<string> {
    const address = parseRemoteAddress(text);
    if (address === null) throw new ThreeGateError('usage', `${text} is no remote address.`);
    const named = formatAddress(address);
    const root = address.kind === 'hub' ? formatAddress({ ...address, path: '' }) : named;
    let mounted = this.mounts.get(root);
    if (mounted === undefined) {
      mounted = this.open(address);
      this.mounts.set(root, mounted);
    }
    await mounted;
    return named;
  }

  /** Null where nothing is. */
  async source(path: string): Promise<RangeSource | null> {
    for (const { files } of await Promise.all(this.mounts.values())) {
      const source = files.get(path);
      if (source !== undefined) return source;
    }
    return null;
  }

  /** Names directly in a folder; null where there is no such folder. */
  async list(folder: string): Promise<string[] | null> {
    const prefix = `${folder}/`;
    const names = new Set<string>();
    for (const mount of await Promise.all(this.mounts.values())) {
      for (const path of mount.files.keys()) {
        if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0] ?? '');
      }
    }
    return names.size === 0 ? null : [...names].sort();
  }

  /** Where a mounted path comes from, and what it was when it was read. */
  async originOf(path: string): Promise<RemoteOrigin | null> {
    for (const [root, mount] of this.mounts) {
      if (path === root || path.startsWith(`${root}/`)) return (await mount).origin;
    }
    return null;
  }

  /** What will be read, in its order; bytes in all, and those that are not on this machine yet. */
  async announce(stretches: readonly FileStretch[]): Promise<{ bytes: number; missing: number }> {
    // Two files of one content are read once.
    const byIdentity = new Map<string, FileStretch[]>();
    for (const [file, some] of byFile(stretches)) {
      const { identity } = await this.require(file);
      byIdentity.set(identity, [...(byIdentity.get(identity) ?? []), ...some]);
    }
    const found = { bytes: 0, missing: 0 };
    for (const [identity, some] of byIdentity) {
      const { bytes, missing } = await this.reads.announce(identity, some);
      found.bytes += bytes;
      found.missing += missing;
    }
    return found;
  }

  async hold(stretches: readonly FileStretch[], signal: AbortSignal): Promise<HeldBytes> {
    const segments: HeldBytes['segments'] = {};
    const releases: (() => void)[] = [];
    const release = (): void => {
      for (const each of releases.splice(0)) each();
    };
    try {
      for (const [file, some] of byFile(stretches)) {
        const source = await this.require(file);
        const held = new Map<number, Segment>();
        const leases = await Promise.allSettled(
          some.map((stretch) => this.reads.lease(source, stretch, signal)),
        );
        for (const lease of leases) {
          if (lease.status === 'rejected') continue;
          const { value } = lease;
          releases.push(() => {
            value.release();
          });
          for (const segment of value.segments) held.set(segment.from, segment);
        }
        const failure = leases.find((lease) => lease.status === 'rejected');
        if (failure !== undefined) throw failure.reason;
        segments[file] = [...held.values()].sort((a, b) => a.from - b.from);
      }
      return { segments, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  private open(address: RemoteAddress): Promise<Mount> {
    const { transport, signal, s3 } = this;
    switch (address.kind) {
      case 'hub':
        return mountRepository(address, this.settings.endpoint, transport, signal);
      case 's3':
        return mountBucket(address, s3, signal);
      case 'web': {
        const named = formatAddress(address);
        return mountFile(named, `${named}${address.query}`, transport, signal);
      }
    }
  }

  private async require(file: string): Promise<RangeSource> {
    const source = await this.source(file);
    if (source !== null) return source;
    throw new ThreeGateError('not-found', `${file} does not exist.`, { file });
  }
}

function byFile(stretches: readonly FileStretch[]): Map<string, FileStretch[]> {
  const found = new Map<string, FileStretch[]>();
  for (const stretch of stretches) {
    const some = found.get(stretch.file);
    if (some === undefined) found.set(stretch.file, [stretch]);
    else some.push(stretch);
  }
  return found;
}
