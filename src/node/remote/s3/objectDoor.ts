// The way to one object: a range of it, by the ETag that it had at first.
import { contentRange, type ByteRange, type Door, type Reply } from '../rangedFile.ts';
import { ReplyBody, type S3 } from './client.ts';
import { unquoted } from './etag.ts';
import type { S3Object } from './listing.ts';

interface ObjectPlace {
  address: string;
  bucket: string;
  key: string;
}

export class ObjectDoor implements Door {
  constructor(
    private readonly s3: S3,
    private readonly place: ObjectPlace,
  ) {}

  async ask({ from, to }: ByteRange, etag: string | null, signal: AbortSignal): Promise<Reply> {
    const { address, bucket, key } = this.place;
    const what = `${address} (bytes ${from}–${to - 1})`;
    const output = await this.s3.send({ what, file: address }, ({ client, sdk }) =>
      client.send(
        new sdk.GetObjectCommand({
          Bucket: bucket,
          Key: key,
          Range: `bytes=${from}-${to - 1}`,
          ...(etag !== null && { IfMatch: `"${etag}"` }),
        }),
        { abortSignal: signal },
      ),
    );
    const headers = new Headers();
    const { ETag, ContentRange, ContentLength, ContentEncoding } = output;
    if (ETag !== undefined) headers.set('etag', unquoted(ETag));
    if (ContentRange !== undefined) headers.set('content-range', ContentRange);
    if (ContentLength !== undefined) headers.set('content-length', String(ContentLength));
    if (ContentEncoding !== undefined) headers.set('content-encoding', ContentEncoding);
    const { Body } = output;
    if (!(Body instanceof ReplyBody)) throw new Error(`${what} has no body.`);
    return {
      status: output.$metadata.httpStatusCode ?? 0,
      headers,
      read: (take) => Body.answer.read(take),
      drop: () => Body.destroy(),
    };
  }
}

/** What its first byte tells of an object that is read without being listed; null where it does not say. */
export async function probeObject(door: Door, signal: AbortSignal): Promise<S3Object | null> {
  const reply = await door.ask({ from: 0, to: 1 }, null, signal);
  reply.drop();
  const { headers } = reply;
  const size = contentRange(headers)?.total ?? null;
  const etag = headers.get('etag');
  return size === null || etag === null ? null : { size, etag };
}
