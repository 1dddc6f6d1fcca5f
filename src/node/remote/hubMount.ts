// A repository of the Hub at one commit, as files that are read by ranges.
import type { RangeSource } from '../../engine/files/rangeSource.ts';
import { formatAddress, type HubAddress } from '../../engine/files/remoteAddress.ts';
import { HttpDoor } from './httpDoor.ts';
import { openRepository, type HubRepository } from './hubRepository.ts';
import type { Mount } from './mount.ts';
import { RangedFile } from './rangedFile.ts';
import type { Transport } from './transport.ts';

export async function mountRepository(
  address: HubAddress,
  endpoint: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<Mount> {
  const found = await openRepository(address, endpoint, transport, signal);
  const files = new Map<string, RangeSource>();
  for (const [path, { size, hash, isLarge }] of found.files) {
    const named = formatAddress({ ...address, path });
    const url = resolveUrl(endpoint, found, path);
    const door = new HttpDoor(transport, { address: named, url, linkedEtag: isLarge ? hash : null });
    const identity = `${isLarge ? 'sha256' : 'git'}:${hash}`;
    files.set(named, new RangedFile(door, transport.limits, { address: named, size, etag: null, identity }));
  }
  const { repository, revision, commit } = found;
  const hashes = Object.fromEntries([...found.files].map(([path, { hash }]) => [path, hash]));
  return { files, origin: { address: `hf://${repository}`, revision, commit, hashes } };
}

/** The files of a commit never change. */
function resolveUrl(endpoint: string, { repository, commit }: HubRepository, path: string): string {
  const parts = path.split('/').map(encodeURIComponent).join('/');
  return `${endpoint}/${repository}/resolve/${commit}/${parts}`;
}
