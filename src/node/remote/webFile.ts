// A file at an address, by itself: its first byte tells its size and its validator.
import { ThreeGateError } from '../../shared/errors.ts';
import { HttpDoor, refused } from './httpDoor.ts';
import type { Mount } from './mount.ts';
import { Patience, requireReady } from './patience.ts';
import { contentRange, RangedFile, validatorOf } from './rangedFile.ts';
import type { Transport } from './transport.ts';

/** @param url query included */
export async function mountFile(
  address: string,
  url: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<Mount> {
  const { size, validator } = await probe(address, url, transport, signal);
  const identity = `url:${address}:${validator}:${size}`;
  const door = new HttpDoor(transport, { address, url, linkedEtag: null });
  const file = new RangedFile(door, transport.limits, { address, size, etag: validator, identity });
  return {
    files: new Map([[address, file]]),
    origin: { address, revision: null, commit: null, hashes: { [address]: validator } },
  };
}

async function probe(
  address: string,
  url: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<{ size: number; validator: string }> {
  const place = { file: address };
  const patience = new Patience(transport.limits, signal, (why) => {
    return new ThreeGateError('remote-failed', `${address} could not be opened: ${why}.`, place);
  });
  return await patience.until(async () => {
    const answer = await transport.get(url, { range: 'bytes=0-0' }, signal);
    const { status, headers } = answer;
    answer.drop();
    requireReady(answer);
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
  });
}
