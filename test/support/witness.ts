// Somebody else's reader of safetensors, as a witness of what we write: npm's `safetensors`. It throws on `__metadata__`, so that
// is taken out first; the data stays where it is.
import { readFileSync } from 'node:fs';
import safetensors, { type SafeTensor } from 'safetensors';

interface Witnessed {
  tensors: SafeTensor;
  metadata: Record<string, string>;
}

export function witness(path: string): Witnessed {
  const file = readFileSync(path);
  const length = Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata = {}, ...tensors } = JSON.parse(file.toString('utf8', 8, 8 + length)) as {
    __metadata__?: Record<string, string>;
  };
  const header = Buffer.from(JSON.stringify(tensors));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(header.length));
  // A copy of its own memory: the package reads from where the buffer's memory begins.
  const whole = Uint8Array.from(Buffer.concat([start, header, file.subarray(8 + length)]));
  return { tensors: new safetensors.SafeTensor(whole), metadata };
}

/** Bytes of a tensor as numbers of a width. */
export function numbersOf(bytes: Uint8Array, width: 1 | 2 | 4): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = {
    1: (at: number) => view.getUint8(at),
    2: (at: number) => view.getUint16(at, true),
    4: (at: number) => view.getInt32(at, true),
  }[width];
  return Array.from({ length: bytes.byteLength / width }, (_, index) => read(index * width));
}
