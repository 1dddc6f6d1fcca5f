// Bytes of a remote file as a value.
import type { RangeSource } from '../../src/engine/files/rangeSource.ts';

export async function readRange(
  source: RangeSource,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let at = 0;
  const take = (bytes: Uint8Array): void => {
    target.set(bytes, at);
    at += bytes.length;
  };
  await source.read({ from: offset, to: offset + length }, take, signal);
  return target;
}
