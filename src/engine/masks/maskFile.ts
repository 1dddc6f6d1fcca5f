// The safetensors file of masks, written front to back: space for the header first, then one BOOL tensor after the
// other, at last the header itself, when it is known which tensors made it and what they hash to.
// Layout rules of the format: eight bytes of header length, a JSON header that begins with "{" and is padded with
// spaces to a multiple of eight bytes, and offsets that cover the data without a gap, in the order of the header.
import type { BinaryOutput } from './ports.ts';

interface Entry {
  name: string;
  shape: readonly number[];
}

export class MaskFile {
  private readonly headerBytes: number;
  private readonly entries: Entry[] = [];
  private length = 0;

  /** @param planned everything that may come; `metadata` of the same length as what `finish` gets */
  constructor(
    private readonly output: BinaryOutput,
    planned: readonly Entry[],
    metadata: Record<string, string>,
  ) {
    const { length } = encode(header(planned, metadata));
    this.headerBytes = Math.ceil(length / 8) * 8;
  }

  /** Bytes of the whole file so far. */
  get bytes(): number {
    return 8 + this.headerBytes + this.length;
  }

  /** The next tensor, whole; zeros and ones. */
  async add(name: string, shape: readonly number[], mask: Uint8Array): Promise<void> {
    await this.output.write(this.bytes, mask);
    this.entries.push({ name, shape });
    this.length += mask.length;
  }

  async finish(metadata: Record<string, string>): Promise<void> {
    const text = encode(header(this.entries, metadata));
    if (text.length > this.headerBytes) throw new RangeError('The header outgrew the space kept for it.');
    const head = new Uint8Array(8 + this.headerBytes).fill(0x20);
    new DataView(head.buffer).setBigUint64(0, BigInt(this.headerBytes), true);
    head.set(text, 8);
    await this.output.write(0, head);
    await this.output.commit();
  }
}

function header(entries: readonly Entry[], metadata: Record<string, string>): string {
  let end = 0;
  const tensors = entries.map(({ name, shape }) => {
    const from = end;
    end += shape.reduce((product, size) => product * size, 1);
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype: 'BOOL', shape, data_offsets: [from, end] })}`;
  });
  // Text put together by hand: an object would move names that look like numbers to the front.
  return `{${[`"__metadata__":${JSON.stringify(metadata)}`, ...tensors].join(',')}}`;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
