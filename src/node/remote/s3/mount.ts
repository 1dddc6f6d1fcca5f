// A prefix of a bucket, or one object with what lies beside it, as files that are read by ranges. An index needs the shards
// beside it; an object that may be read but not listed is mounted alone.
import type { RangeSource } from '../../../engine/files/rangeSource.ts';
import { formatAddress, type S3Address } from '../../../engine/files/remoteAddress.ts';
import { ThreeGateError } from '../../../shared/errors.ts';
import type { Mount } from '../mount.ts';
import { Patience } from '../patience.ts';
import { RangedFile } from '../rangedFile.ts';
import type { S3 } from './client.ts';
import { identityOf } from './etag.ts';
import { listObjects, type S3Object } from './listing.ts';
import { ObjectDoor, probeObject } from './objectDoor.ts';

export async function mountBucket(address: S3Address, s3: S3, signal: AbortSignal): Promise<Mount> {
  const { bucket, path } = address;
  const named = formatAddress(address);
  try {
    const prefix = path === '' ? '' : `${path}/`;
    const below = await listObjects(s3, { bucket, prefix, recursive: true }, signal);
    if (below.size > 0) return mountOf(s3, address, below);
    const cut = path.lastIndexOf('/');
    const folder: S3Address = { ...address, path: path.slice(0, Math.max(0, cut)) };
    const beside = await listObjects(
      s3,
      { bucket, prefix: path.slice(0, cut + 1), recursive: false },
      signal,
    );
    if (beside.has(path.slice(cut + 1))) return mountOf(s3, folder, beside);
  } catch (error) {
    if (!(error instanceof ThreeGateError) || error.problem.code !== 'remote-denied') throw error;
    const alone = await mountAlone(s3, address, signal).catch(() => null);
    if (alone === null) throw error;
    return alone;
  }
  throw new ThreeGateError('not-found', `${named} does not exist: there is neither an object nor a folder.`, {
    file: named,
  });
}

async function mountAlone(s3: S3, address: S3Address, signal: AbortSignal): Promise<Mount | null> {
  const { bucket, path } = address;
  const named = formatAddress(address);
  const door = new ObjectDoor(s3, { address: named, bucket, key: path });
  const patience = new Patience(s3.transport.limits, signal, (why) => {
    return new ThreeGateError('remote-failed', `${named} could not be opened: ${why}.`, { file: named });
  });
  return await patience.until(async () => {
    const object = await probeObject(door, signal);
    const cut = path.lastIndexOf('/');
    const folder: S3Address = { ...address, path: path.slice(0, Math.max(0, cut)) };
    return object && mountOf(s3, folder, new Map([[path.slice(cut + 1), object]]));
  });
}

/** @param objects by path below the folder */
function mountOf(s3: S3, folder: S3Address, objects: ReadonlyMap<string, S3Object>): Mount {
  const { bucket } = folder;
  const files = new Map<string, RangeSource>();
  for (const [path, { size, etag }] of objects) {
    const key = folder.path === '' ? path : `${folder.path}/${path}`;
    const address = formatAddress({ kind: 's3', bucket, path: key });
    const door = new ObjectDoor(s3, { address, bucket, key });
    const identity = identityOf(`${s3.settings.endpoint ?? ''}/${bucket}/${key}`, etag, size);
    files.set(address, new RangedFile(door, s3.transport.limits, { address, size, etag, identity }));
  }
  const hashes = Object.fromEntries([...objects].map(([path, { etag }]) => [path, etag]));
  return { files, origin: { address: formatAddress(folder), revision: null, commit: null, hashes } };
}
