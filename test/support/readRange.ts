// Bytes of a remote file as a value.
import type { RangeSource } from '../../src/engine/files/rangeSource.ts';

export async function readRange(
  source: RangeSource,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  await source.read(offset, target, signal);
  return target;
}
