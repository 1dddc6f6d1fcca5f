// The remote checkpoints of one run: repositories pinned at their commits, files by ranges, and what was read of them on
// disk. Nothing is read but what was mounted, which is what a person named.
import { formatAddress, parseRemoteAddress, type HubAddress } from '../../engine/files/remoteAddress.ts';
import type {
  BytesOnDisk,
  FileStretch,
  HeldBytes,
  RangeSource,
  Segment,
} from '../../engine/files/rangeSource.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import type { RemoteOrigin } from '../../shared/report/report.ts';
import { contentRange, HttpFile, refused, validatorOf } from './httpFile.ts';
import { openRepository, type HubRepository } from './hubRepository.ts';
import { Patience, requireReady } from './patience.ts';
import { RangeReads } from './rangeReads.ts';
import type { SegmentStore } from './segmentStore.ts';
import { Transport, defaultLimits, type Limits } from './transport.ts';

export interface RemoteSettings {
  /** Of the Hub, without a slash at its end. */
  endpoint: string;
  /** For the Hub alone. */
  token: string | null;
  limits?: Limits;
}

/** What lies under a mounted address. */
interface Mount {
  /** By address. */
  files: ReadonlyMap<string, RangeSource>;
  origin: RemoteOrigin;
}

export class RemoteFiles implements BytesOnDisk {
  readonly reads: RangeReads;
  private readonly transport: Transport;
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
    );
  }

  /** The address that a person gave, as it is called from now on: without its query, which may hold a signature. */
  async mount(text: string): Promise<string> {
    const address = parseRemoteAddress(text);
    if (address === null) throw new ThreeGateError('usage', `${text} is no remote address.`);
    const named = formatAddress(address);
    const root = address.kind === 'hub' ? formatAddress({ ...address, path: '' }) : named;
    let mounted = this.mounts.get(root);
    if (mounted === undefined) {
      mounted =
        address.kind === 'hub'
          ? this.mountRepository(address)
          : this.mountFile(named, `${named}${address.query}`);
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
    const identities = new Set<string>();
    let bytes = 0;
    for (const [file, some] of byFile(stretches)) {
      const { identity } = await this.require(file);
      this.reads.announce(identity, some);
      identities.add(identity);
      for (const { from, to } of some) bytes += to - from;
    }
    let missing = 0;
    for (const identity of identities) missing += await this.reads.missing(identity);
    return { bytes, missing };
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

  private async require(file: string): Promise<RangeSource> {
    const source = await this.source(file);
    if (source !== null) return source;
    throw new ThreeGateError('not-found', `${file} does not exist.`, { file });
  }

  private async mountRepository(address: HubAddress): Promise<Mount> {
    const { endpoint } = this.settings;
    const found = await openRepository(address, endpoint, this.transport, this.signal);
    const files = new Map<string, RangeSource>();
    for (const [path, { size, hash, isLarge }] of found.files) {
      const named = formatAddress({ ...address, path });
      const source = new HttpFile(this.transport, {
        address: named,
        url: resolveUrl(endpoint, found, path),
        size,
        linkedEtag: isLarge ? hash : null,
        etag: null,
        identity: `${isLarge ? 'sha256' : 'git'}:${hash}`,
      });
      files.set(named, source);
    }
    const { repository, revision, commit } = found;
    const hashes = Object.fromEntries([...found.files].map(([path, { hash }]) => [path, hash]));
    return { files, origin: { address: `hf://${repository}`, revision, commit, hashes } };
  }

  /** A file by itself: its first byte tells size and validator. */
  private async mountFile(address: string, url: string): Promise<Mount> {
    const { size, validator } = await this.probe(address, url);
    const identity = `url:${address}:${validator}:${size}`;
    const options = { address, url, size, linkedEtag: null, etag: validator, identity };
    const files = new Map([[address, new HttpFile(this.transport, options)]]);
    return { files, origin: { address, revision: null, commit: null, hashes: { [address]: validator } } };
  }

  private async probe(address: string, url: string): Promise<{ size: number; validator: string }> {
    const place = { file: address };
    const patience = new Patience(this.transport.limits, this.signal, (why) => {
      return new ThreeGateError('remote-failed', `${address} could not be opened: ${why}.`, place);
    });
    for (;;) {
      try {
        const answer = await this.transport.get(url, { range: 'bytes=0-0' }, this.signal);
        const { status, headers } = answer.response;
        answer.drop();
        requireReady(answer.response);
        const told = contentRange(headers);
        const validator = validatorOf(headers);
        const size = told?.total ?? null;
        if (status === 206 && size !== null && validator !== null) return { size, validator };
        if (status !== 206 && status !== 200) throw refused(address, status, headers);
        const why =
          validator === null
            ? 'its server names no version of it (ETag or Last-Modified), so a replaced file could not be told'
            : 'its server reads no ranges, so all of it would have to be downloaded first';
        throw new ThreeGateError('remote-failed', `${address} is not read: ${why}.`, place);
      } catch (error) {
        await patience.after(error, false);
      }
    }
  }
}

function byFile(stretches: readonly FileStretch[]): Map<string, FileStretch[]> {
  const found = new Map<string, FileStretch[]>();
  for (const stretch of stretches) {
    found.set(stretch.file, [...(found.get(stretch.file) ?? []), stretch]);
  }
  return found;
}

/** The files of a commit never change. */
function resolveUrl(endpoint: string, { repository, commit }: HubRepository, path: string): string {
  const parts = path.split('/').map(encodeURIComponent).join('/');
  return `${endpoint}/${repository}/resolve/${commit}/${parts}`;
}
