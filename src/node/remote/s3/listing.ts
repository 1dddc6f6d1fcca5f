// What lies under a prefix of a bucket. Pages are bounded, and every entry is checked.
import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { isInsideFolder } from '../../../engine/files/paths.ts';
import { ThreeGateError } from '../../../shared/errors.ts';
import { Patience } from '../patience.ts';
import type { S3 } from './client.ts';
import { unquoted } from './etag.ts';

export interface S3Object {
  size: number;
  /** Without quotes. */
  etag: string;
}

interface Listed {
  bucket: string;
  /** Empty, or with a slash at its end. */
  prefix: string;
  /** Also what lies in folders below. */
  recursive: boolean;
}

const mostObjects = 100_000;
const mostPages = 2000;

/** By path below the prefix; empty where there is none. */
export async function listObjects(
  s3: S3,
  listed: Listed,
  signal: AbortSignal,
): Promise<Map<string, S3Object>> {
  const named = `s3://${listed.bucket}/${listed.prefix}`.replace(/\/$/, '');
  const found = new Map<string, S3Object>();
  let next: string | undefined;
  for (let pages = 0; pages < mostPages && found.size <= mostObjects; pages++) {
    const page = await pageOf(s3, named, listed, next, signal);
    if (page.Name !== listed.bucket) {
      const message = `${named} cannot be listed: what answers is no list of this bucket.`;
      throw new ThreeGateError('remote-failed', message, { file: named });
    }
    for (const entry of page.Contents ?? []) {
      const object = objectOf(entry, listed.prefix);
      if (object !== null) found.set(object.path, { size: object.size, etag: object.etag });
    }
    next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    if (next === undefined) return found;
  }
  const message = `${named} holds more than ${mostObjects} objects: name a folder in it.`;
  throw new ThreeGateError('remote-failed', message, { file: named });
}

async function pageOf(
  s3: S3,
  named: string,
  { bucket, prefix, recursive }: Listed,
  next: string | undefined,
  signal: AbortSignal,
): Promise<ListObjectsV2CommandOutput> {
  const patience = new Patience(s3.transport.limits, signal, (why) => {
    return new ThreeGateError('remote-failed', `${named} could not be listed: ${why}.`, { file: named });
  });
  return await patience.until(async () => {
    return await s3.send({ what: named, file: named }, ({ client, sdk }) =>
      client.send(
        new sdk.ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(!recursive && { Delimiter: '/' }),
          ...(next !== undefined && { ContinuationToken: next }),
        }),
        { abortSignal: signal },
      ),
    );
  });
}

/** Null for the mark of a folder, and for an entry that no honest listing holds. */
function objectOf(
  { Key, Size, ETag }: NonNullable<ListObjectsV2CommandOutput['Contents']>[number],
  prefix: string,
): (S3Object & { path: string }) | null {
  if (Key?.startsWith(prefix) !== true || Size === undefined || ETag === undefined) return null;
  const path = Key.slice(prefix.length);
  const etag = unquoted(ETag);
  if (!isInsideFolder(path) || !Number.isSafeInteger(Size) || Size < 0 || etag === '') return null;
  return { path, size: Size, etag };
}
