// The header of a safetensors file that is to be written. Layout rules of the format: eight bytes of header length, a JSON header
// that begins with "{" and is padded with spaces to a multiple of eight bytes, and offsets that cover the data without a gap, in
// the order of the header.
import type { DtypeName } from '../../checkpoint/dtype.ts';

export interface HeaderEntry {
  name: string;
  dtype: DtypeName;
  shape: readonly number[];
  bytes: number;
}

/** JSON of the header, the tensors one after the other. */
export function headerText(entries: readonly HeaderEntry[], metadata: Record<string, string>): string {
  let end = 0;
  const tensors = entries.map(({ name, dtype, shape, bytes }) => {
    const from = end;
    end += bytes;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [from, end] })}`;
  });
  // Text put together by hand: an object would move names that look like numbers to the front.
  return `{${[`"__metadata__":${JSON.stringify(metadata)}`, ...tensors].join(',')}}`;
}

/** What the file begins with: the length and the text, padded to `room` bytes, or to the next multiple of eight. */
export function headerBytes(text: string, room?: number): Uint8Array {
  const json = new TextEncoder().encode(text);
  const length = room ?? Math.ceil(json.length / 8) * 8;
  if (json.length > length) throw new RangeError('The header outgrew the space kept for it.');
  const head = new Uint8Array(8 + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  return head;
}
